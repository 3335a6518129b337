"""Recorded candles come back exactly; files that cannot be used are named."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.config import REPOSITORY
from core.simulator.bars import Bars, join, minutes_of
from core.simulator.errors import SimulatorError
from core.simulator.expansion import DayOfMinutes, expanded
from core.simulator.market import generator
from core.simulator.replay_files import recorded
from core.simulator.replayed import ReplayedMarket
from core.simulator.seconds import DAY_MS
from core.simulator.tape import Tape
from tests.builders import START_MS, random_walk

SHARED = REPOSITORY.parent / "shared" / "data" / "ohlcv" / "um_perp"
COLUMNS = ("open", "high", "low", "close", "volume")
FIRST_MS = START_MS + 22 * 3_600_000 + 60_000  # crosses midnight


def write(path: Path, n: int = 300, *, seed: int = 3, **changes: object) -> dict[str, np.ndarray]:
    """A small recording with prices on 0.01 and volumes on 0.001."""
    series = random_walk(n, seed=seed, price=50.0, start_ms=FIRST_MS)
    table = {"open_time": series.open_time_ms.copy()}
    table |= {name: np.round(getattr(series, name), 2) for name in COLUMNS[:4]}
    table["volume"] = np.round(series.volume, 3)
    table["high"] = np.maximum(table["high"], np.maximum(table["open"], table["close"]))
    table["low"] = np.minimum(table["low"], np.minimum(table["open"], table["close"]))
    table |= changes
    pq.write_table(pa.table({k: v for k, v in table.items() if v is not None}), path)
    return table


def replay(path: Path, seed: int = 1) -> ReplayedMarket:
    return ReplayedMarket(recorded(path), seed)


def whole(market: ReplayedMarket, symbol: str) -> Bars:
    span = market.span(symbol)
    return Tape(market).bars(symbol, "1m", span.first_ms, span.end_ms, span.end_ms, limit=1_000_000)


def assert_replayed(market: ReplayedMarket, symbol: str, table: dict[str, np.ndarray]) -> None:
    bars, listing = whole(market, symbol), market.listings[symbol]
    np.testing.assert_array_equal(bars.open_ms, table["open_time"])
    for name in COLUMNS:
        decimals = listing.quantity_decimals if name == "volume" else listing.price_decimals
        np.testing.assert_allclose(
            getattr(bars, name) / 10**decimals, table[name], rtol=1e-12, atol=1e-12
        )


def test_a_recording_comes_back_bar_for_bar(tmp_path: Path):
    table = write(tmp_path / "ABCUSDT_1m_x.parquet")
    market = replay(tmp_path / "ABCUSDT_1m_x.parquet")
    assert_replayed(market, "ABCUSDT", table)
    assert market.label == "SIMULATED, SYNTHETIC FLOW"


def test_flow_that_was_not_recorded_is_never_zero(tmp_path: Path):
    write(tmp_path / "ABCUSDT_1m.parquet")
    bars = whole(replay(tmp_path), "ABCUSDT")
    assert (bars.buy > 0).all()
    assert (bars.buy < bars.volume).all()
    assert (bars.trades > 0).all()
    assert (bars.buy_quote <= bars.quote).all()
    change = (bars.close - bars.open) / bars.open
    assert np.corrcoef(bars.buy / bars.volume, change)[0, 1] > 0.3


def test_recorded_flow_is_kept_and_the_label_says_nothing_is_invented(tmp_path: Path):
    base = write(tmp_path / "x.parquet")
    n = base["volume"].size
    flow = {
        "quote_volume": np.round(base["volume"] * base["close"], 5),
        "trades": np.arange(n) + 1,
        "taker_buy_volume": np.round(base["volume"] * 0.4, 3),
        "taker_buy_quote_volume": np.round(base["volume"] * base["close"] * 0.4, 5),
    }
    write(tmp_path / "ABCUSDT_1m.parquet", **flow)
    market = replay(tmp_path)
    bars, listing = whole(market, "ABCUSDT"), market.listings["ABCUSDT"]
    assert market.label == "SIMULATED"
    np.testing.assert_array_equal(bars.trades, flow["trades"])
    quote = 10**listing.quote_decimals
    np.testing.assert_allclose(bars.quote / quote, flow["quote_volume"])
    np.testing.assert_allclose(bars.buy_quote / quote, flow["taker_buy_quote_volume"])
    np.testing.assert_allclose(bars.buy / 10**listing.quantity_decimals, flow["taker_buy_volume"])


def test_a_replay_is_the_same_for_a_seed_and_differs_between_seeds(tmp_path: Path):
    write(tmp_path / "ABCUSDT_1m.parquet")
    day = FIRST_MS // DAY_MS
    one, same, other = (replay(tmp_path, seed).seconds("ABCUSDT", day) for seed in (1, 1, 2))
    assert one.price.tobytes() == same.price.tobytes()
    assert one.price.tobytes() != other.price.tobytes()


def test_minutes_a_file_lacks_are_flat_and_without_volume(tmp_path: Path):
    table = write(tmp_path / "x.parquet")
    keep = np.r_[0:10, 20:300]
    write(tmp_path / "ABCUSDT_1m.parquet", **{name: table[name][keep] for name in table})
    bars = whole(replay(tmp_path), "ABCUSDT")
    assert len(bars) == 300
    assert not bars.volume[10:20].any()
    assert (bars.high[10:20] == bars.close[9]).all()
    assert (bars.low[10:20] == bars.close[9]).all()


def test_a_market_that_ended_shows_its_last_hour_and_nothing_after(tmp_path: Path):
    write(tmp_path / "ABCUSDT_1m.parquet")
    market = replay(tmp_path)
    end_ms = market.span("ABCUSDT").end_ms
    later = end_ms + 5 * DAY_MS
    hours = Tape(market).newest_bars("ABCUSDT", "1h", later, later, limit=2)
    minutes = whole(market, "ABCUSDT")
    assert hours.close[-1] == minutes.close[-1]
    inside = minutes.open_ms >= hours.open_ms[-1]
    assert hours.volume[-1] == minutes.volume[inside].sum()


minute = st.tuples(
    st.integers(5, 60), st.integers(0, 9), st.integers(0, 9), st.integers(-9, 9), st.integers(0, 40)
)


@given(st.lists(minute, min_size=1, max_size=20), st.integers(0, 5), st.data())
@settings(max_examples=40, deadline=None)
def test_any_candle_survives_being_cut_into_seconds(
    rows: list[tuple[int, ...]], seed: int, data: st.DataObject
):
    padded = np.array((rows * 1440)[:1440], dtype=np.int64).T
    open_, up, down, change, volume = padded
    close = np.maximum(open_ + change, 1)
    high, low = np.maximum(open_, close) + up, np.maximum(np.minimum(open_, close) - down, 1)
    buy = volume * data.draw(st.integers(0, 4)) // 4
    trades = np.minimum(volume, data.draw(st.integers(1, 50)))
    day = DayOfMinutes(open_, high, low, close, volume, buy, trades)
    bars = minutes_of(expanded(generator(seed), day, 1), 20_000)
    for name in ("open", "high", "low", "close", "volume", "buy", "trades"):
        np.testing.assert_array_equal(getattr(bars, name), getattr(day, name), err_msg=name)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"volume": None}, "volume"),
        ({"open_time": FIRST_MS - np.arange(300) * 60_000}, "increase"),
        ({"open_time": FIRST_MS + 1 + np.arange(300) * 60_000}, "whole minutes"),
        ({"low": np.full(300, 1e6)}, "impossible"),
        ({"close": np.full(300, np.nan)}, "impossible"),
        ({"open": ["x"] * 300}, "not Parquet candles"),
    ],
)
def test_a_bad_file_is_one_error_that_names_it(tmp_path: Path, changes, word: str):
    path = tmp_path / "ABCUSDT_1m.parquet"
    write(path, **changes)
    with pytest.raises(SimulatorError, match=r"ABCUSDT_1m\.parquet") as caught:
        recorded(path)
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_candles_are_named(tmp_path: Path):
    (tmp_path / "ABCUSDT_1m.parquet").write_text("hello")
    with pytest.raises(SimulatorError, match=r"ABCUSDT_1m\.parquet: not Parquet"):
        recorded(tmp_path)
    with pytest.raises(SimulatorError, match="no such file"):
        recorded(tmp_path / "absent")
    empty = tmp_path / "empty"
    empty.mkdir()
    write(empty / "ABCUSDT_5m.parquet")
    with pytest.raises(SimulatorError, match="no 1m candles"):
        recorded(empty)


def test_candles_that_nobody_rounded_are_replayed_to_many_digits(tmp_path: Path):
    series = random_walk(300, price=61_234.5, start_ms=FIRST_MS)
    table = {"open_time": series.open_time_ms} | {n: getattr(series, n) for n in COLUMNS}
    pq.write_table(pa.table(table), tmp_path / "ABCUSDT_1m.parquet")
    market = replay(tmp_path)
    bars, listing = whole(market, "ABCUSDT"), market.listings["ABCUSDT"]
    for name in COLUMNS[:4]:
        prices = getattr(bars, name) / 10**listing.price_decimals
        np.testing.assert_allclose(prices, getattr(series, name), rtol=1e-9)
    volume = bars.volume / 10**listing.quantity_decimals
    np.testing.assert_allclose(volume, series.volume, atol=1e-2)
    day = Tape(market).rolling_day("ABCUSDT", market.span("ABCUSDT").end_ms)
    assert day.quote[0] > 0


def test_two_files_of_one_symbol_are_refused(tmp_path: Path):
    write(tmp_path / "ABCUSDT_1m_a.parquet")
    write(tmp_path / "ABCUSDT_1m_b.parquet")
    with pytest.raises(SimulatorError, match="another file"):
        recorded(tmp_path)


@pytest.mark.skipif(not SHARED.exists(), reason="no shared market data beside the checkout")
@pytest.mark.parametrize("symbol", ["BTCUSDT", "DOGEUSDT"])
def test_real_candles_come_back_bar_for_bar(symbol: str):
    (file,) = SHARED.glob(f"{symbol}_1m_*.parquet")
    table = pq.read_table(file).to_pydict()
    market = replay(file)
    day = int(table["open_time"][0]) // DAY_MS
    bars = join([market.minutes(symbol, day + i) for i in range(3)])
    listing, first = market.listings[symbol], int(table["open_time"][0])
    rows = int(np.searchsorted(bars.open_ms, first))
    n = len(bars) - rows
    for name in COLUMNS:
        decimals = listing.quantity_decimals if name == "volume" else listing.price_decimals
        expected = np.rint(np.array(table[name][:n]) * 10.0**decimals)
        np.testing.assert_array_equal(getattr(bars, name)[rows:], expected)
