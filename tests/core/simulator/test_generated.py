"""The generated market is a pure function that looks like a market."""

import numpy as np
import pytest

from core.simulator.bars import Bars, join
from core.simulator.errors import SimulatorError
from core.simulator.generated import EPOCH_DAY, GeneratedMarket
from core.simulator.seconds import Seconds

DAY = 20_700


def _bytes(seconds: Seconds) -> bytes:
    columns = (seconds.price, seconds.buy, seconds.sell, seconds.trades)
    return b"".join(column.tobytes() for column in columns)


@pytest.fixture(scope="module")
def ten_days() -> Bars:
    market = GeneratedMarket(["BTCUSDT"], 7)
    return join([market.minutes("BTCUSDT", DAY + i) for i in range(10)])


def test_the_same_seed_gives_the_same_bytes():
    first, second = (GeneratedMarket(["BTCUSDT"], 7) for _ in range(2))
    assert _bytes(first.seconds("BTCUSDT", DAY)) == _bytes(second.seconds("BTCUSDT", DAY))


def test_other_seeds_and_symbols_give_other_markets():
    days = {
        _bytes(GeneratedMarket([symbol], seed).seconds(symbol, DAY))
        for symbol, seed in (("BTCUSDT", 7), ("BTCUSDT", 8), ("ETHUSDT", 7))
    }
    assert len(days) == 3


def test_a_day_does_not_depend_on_what_was_asked_before():
    travelled = GeneratedMarket(["ETHUSDT", "BTCUSDT"], 7)
    for day in (DAY + 3, DAY - 1, DAY + 1):
        travelled.seconds("BTCUSDT", day)
        travelled.minutes("ETHUSDT", day)
    alone = GeneratedMarket(["BTCUSDT"], 7)
    assert _bytes(travelled.seconds("BTCUSDT", DAY)) == _bytes(alone.seconds("BTCUSDT", DAY))


@pytest.mark.parametrize("symbol", ["BTCUSDT", "DOGEUSDT", "NOBODYKNOWSUSDT", "币安人生USDT"])
def test_every_minute_is_a_possible_candle_on_the_tick(symbol: str):
    market = GeneratedMarket([symbol], 1)
    bars = market.minutes(symbol, EPOCH_DAY)
    assert (bars.high >= np.maximum(bars.open, bars.close)).all()
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert (bars.low > 0).all()
    assert (bars.buy <= bars.volume).all()
    assert (bars.buy_quote <= bars.quote).all()
    assert (bars.trades > 0).all()
    assert not (bars.close % market.listings[symbol].tick_units).any()


def test_seconds_without_volume_repeat_the_price():
    seconds = GeneratedMarket(["BTCUSDT"], 7).seconds("BTCUSDT", DAY)
    silent = seconds.buy + seconds.sell == 0
    assert 0.02 < silent.mean() < 0.3
    assert (seconds.price[1:][silent[1:]] == seconds.price[:-1][silent[1:]]).all()
    assert not seconds.trades[silent].any()


def test_days_join_without_a_jump(ten_days: Bars):
    midnight = np.arange(1440, len(ten_days), 1440)
    jump = np.abs(np.log(ten_days.open[midnight] / ten_days.close[midnight - 1]))
    assert jump.max() < 0.001


def test_returns_have_the_tails_and_the_memory_of_a_market(ten_days: Bars):
    change = np.diff(np.log(ten_days.close))
    size = np.abs(change)
    kurtosis = ((change - change.mean()) ** 4).mean() / change.var() ** 2
    assert 4.0 < kurtosis < 100.0
    for lag, least in ((1, 0.1), (10, 0.05)):
        assert np.corrcoef(size[:-lag], size[lag:])[0, 1] > least
    assert 0.5 < change.std() * np.sqrt(525_600) < 1.4
    assert 8.0 < ((ten_days.high - ten_days.low) / ten_days.close).mean() * 1e4 < 25.0


def test_hours_trend_more_than_chance_allows():
    market = GeneratedMarket(["BTCUSDT", "ETHUSDT", "SOLUSDT"], 7)
    ratios = []
    for symbol in market.listings:
        logs = np.log(join([market.minutes(symbol, DAY + i) for i in range(8)]).close)
        ratios.append(np.var(logs[60:] - logs[:-60]) / 60.0 / np.diff(logs).var())
    assert np.mean(ratios) > 1.15


def test_volume_goes_with_moves_and_takers_with_direction(ten_days: Bars):
    change = np.diff(np.log(ten_days.close))
    volume, share = np.log(ten_days.volume[1:]), ten_days.buy[1:] / ten_days.volume[1:]
    assert np.corrcoef(volume, np.abs(change))[0, 1] > 0.25
    assert np.corrcoef(share, change)[0, 1] > 0.2


@pytest.mark.parametrize("symbols", [[], ["BTCUSDT", "BTCUSDT"], ["btcusdt"], ["BTC/USDT"]])
def test_symbols_that_cannot_be_are_refused(symbols: list[str]):
    with pytest.raises(SimulatorError):
        GeneratedMarket(symbols, 1)
