import asyncio
import logging
from types import MappingProxyType

import pytest

from core.config import UniverseSettings
from core.data.errors import RestError
from core.data.exchange_info import ExchangeInfo
from core.data.universe import Universe
from core.model.instrument import ContractType
from tests.builders import instrument, settings

TOP_TWO = UniverseSettings(quote="USDT", top_by_volume=2)
NAMES = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "DOGEUSDT", "1000PEPEUSDT")


class Exchange:
    """Lists what it is told to."""

    def __init__(self, *symbols: str) -> None:
        self.listed = {symbol: instrument(symbol) for symbol in symbols or NAMES}
        self.refused: dict[str, str] = {}
        self.volumes = {symbol: 100.0 - i for i, symbol in enumerate(self.listed)}
        self.fails = False
        self.asked = 0

    def list(self, symbol: str, volume: float = 0.0, **changes: object) -> None:
        self.listed[symbol] = instrument(symbol, **changes)
        self.volumes[symbol] = volume

    async def exchange_info(self) -> ExchangeInfo:
        self._ask()
        return ExchangeInfo(
            MappingProxyType(dict(self.listed)), MappingProxyType(dict(self.refused)), "SIMULATED"
        )

    async def quote_volumes(self) -> dict[str, float]:
        self._ask()
        return dict(self.volumes)

    def _ask(self) -> None:
        self.asked += 1
        if self.fails:
            raise RestError("exchangeInfo: unreachable")


def configured(*symbols: str, universe: UniverseSettings | None = None):
    return settings().model_copy(update={"symbols": symbols, "universe": universe})


def refreshed(universe: Universe):
    return asyncio.run(universe.refresh())


def test_an_explicit_list_is_known_at_once_and_stays_as_it_is():
    universe = Universe(configured("SOLUSDT", "BTCUSDT"), exchange := Exchange(), cache=None)
    assert universe.symbols == ("SOLUSDT", "BTCUSDT")
    assert universe.tradable("SOLUSDT")
    changes = refreshed(universe)
    assert (changes.added, changes.removed, changes.notes) == ((), (), ())
    assert universe.symbols == ("SOLUSDT", "BTCUSDT")
    assert universe.market_label == "SIMULATED"
    assert universe.instruments["ETHUSDT"].symbol == "ETHUSDT"
    assert exchange.asked == 1  # volumes are of no use here


def test_the_list_comes_first_and_the_others_by_volume():
    exchange = Exchange()
    exchange.volumes |= {"DOGEUSDT": 500.0, "BTCUSDT": 400.0}
    universe = Universe(configured("SOLUSDT", universe=TOP_TWO), exchange, cache=None)
    assert universe.symbols == ("SOLUSDT",)
    changes = refreshed(universe)
    assert universe.symbols == ("SOLUSDT", "DOGEUSDT", "BTCUSDT")
    assert changes.added == ("DOGEUSDT", "BTCUSDT")
    assert changes.notes == ()


def test_without_a_list_the_universe_is_all_there_is():
    universe = Universe(configured(universe=UniverseSettings(quote=None)), Exchange(), cache=None)
    assert universe.symbols == ()
    refreshed(universe)
    assert set(universe.symbols) == set(NAMES)


def test_an_unknown_symbol_is_named_with_the_nearest_and_not_followed():
    universe = Universe(configured("BTCUSD", "PEPEUSDT", "ETHUSDT"), Exchange(), cache=None)
    assert universe.symbols == ("BTCUSD", "PEPEUSDT", "ETHUSDT")
    changes = refreshed(universe)
    assert universe.symbols == ("ETHUSDT",)
    assert universe.unknown["BTCUSD"][0] == "BTCUSDT"
    assert universe.unknown["PEPEUSDT"][0] == "1000PEPEUSDT"
    assert not universe.tradable("BTCUSD")
    assert any("BTCUSD " in note and "did you mean BTCUSDT" in note for note in changes.notes)
    assert refreshed(universe).notes == ()  # said once


def test_an_unknown_symbol_is_followed_when_it_is_listed():
    universe = Universe(configured("NEWUSDT"), exchange := Exchange(), cache=None)
    refreshed(universe)
    exchange.list("NEWUSDT", status="PENDING_TRADING")
    assert refreshed(universe).added == ()
    assert not universe.unknown
    exchange.list("NEWUSDT")
    assert refreshed(universe).added == ("NEWUSDT",)
    assert universe.symbols == ("NEWUSDT",)


def test_listing_and_settling_are_followed():
    wanted = UniverseSettings(quote="USDT", top_by_volume=5)
    universe = Universe(configured("BTCUSDT", universe=wanted), exchange := Exchange(), cache=None)
    refreshed(universe)
    exchange.list("HOTUSDT", volume=1e9)
    exchange.list("SOLUSDT", status="SETTLING")
    changes = refreshed(universe)
    assert (changes.added, changes.removed) == (("HOTUSDT",), ("SOLUSDT",))
    assert changes.notes == (
        "HOTUSDT is followed now",
        "SOLUSDT is followed no more: the exchange says SETTLING",
    )
    assert not universe.tradable("SOLUSDT")
    del exchange.listed["DOGEUSDT"]
    (note,) = refreshed(universe).notes
    assert note.startswith("DOGEUSDT is followed no more: the exchange does not list it")


def test_what_fell_behind_is_said_to():
    universe = Universe(configured(universe=TOP_TWO), exchange := Exchange(), cache=None)
    refreshed(universe)
    exchange.volumes |= {"SOLUSDT": 900.0, "DOGEUSDT": 800.0, "1000PEPEUSDT": 700.0}
    changes = refreshed(universe)
    assert changes.removed == ("BTCUSDT", "ETHUSDT")
    assert "BTCUSDT is followed no more: its volume fell behind" in changes.notes


def test_a_planned_end_is_told_once():
    universe = Universe(configured("SOLUSDT"), exchange := Exchange(), cache=None)
    refreshed(universe)
    exchange.list("SOLUSDT", delivery_ms=1_765_270_800_000)
    assert refreshed(universe).notes == (
        "SOLUSDT: will be settled for good at 2025-12-09 09:00 UTC",
    )
    assert refreshed(universe).notes == ()
    assert universe.tradable("SOLUSDT")


def test_a_closed_session_is_followed_but_not_tradable():
    universe = Universe(configured("TSLAUSDT"), exchange := Exchange(), cache=None)
    kind = ContractType.TRADIFI_PERPETUAL
    exchange.list("TSLAUSDT", contract_type=kind, status="BREAK")
    assert refreshed(universe).notes == ("TSLAUSDT: the exchange says BREAK",)
    assert universe.symbols == ("TSLAUSDT",)
    assert not universe.tradable("TSLAUSDT")
    exchange.list("TSLAUSDT", contract_type=kind)
    assert refreshed(universe).notes == ("TSLAUSDT: trades as usual",)
    assert universe.tradable("TSLAUSDT")


def test_refused_rules_are_counted_and_named_once():
    universe = Universe(configured("BTCUSDT", "BADUSDT"), exchange := Exchange(), cache=None)
    exchange.refused = {"BADUSDT": "tickSize is NaN"}
    notes = refreshed(universe).notes
    assert notes == (
        "BADUSDT: its rules cannot be used: tickSize is NaN",
        "rules of 1 symbols cannot be used: BADUSDT: tickSize is NaN",
    )
    assert universe.refused == {"BADUSDT": "tickSize is NaN"}
    assert "BADUSDT" in universe.symbols  # candles it has; orders it cannot have
    assert not universe.unknown
    assert not universe.tradable("BADUSDT")
    assert refreshed(universe).notes == ()


@pytest.mark.parametrize("nothing", [True, False])
def test_a_failure_changes_nothing(nothing):
    universe = Universe(configured("BTCUSDT", universe=TOP_TWO), exchange := Exchange(), cache=None)
    refreshed(universe)
    before = universe.symbols
    if nothing:
        exchange.listed = {}
    else:
        exchange.fails = True
    with pytest.raises(RestError):
        refreshed(universe)
    assert universe.symbols == before
    assert universe.tradable("BTCUSDT")


def test_a_volume_that_is_missing_once_is_that_of_before():
    universe = Universe(configured(universe=TOP_TWO), exchange := Exchange(), cache=None)
    refreshed(universe)
    exchange.volumes = {"SOLUSDT": 50.0}
    assert refreshed(universe).removed == ()


def test_a_start_without_the_exchange_knows_the_last_universe(tmp_path):
    cache = tmp_path / "cache" / "universe.json"
    chosen = configured("SOLUSDT", universe=TOP_TWO)
    first = Universe(chosen, Exchange(), cache=cache)
    refreshed(first)
    again = Universe(chosen, exchange := Exchange(), cache=cache)
    assert again.symbols == first.symbols == ("SOLUSDT", "BTCUSDT", "ETHUSDT")
    exchange.volumes["DOGEUSDT"] = 1e6
    exchange.volumes["ETHUSDT"] = 0.0
    assert refreshed(again).notes == (
        "DOGEUSDT is followed now",
        "ETHUSDT is followed no more: its volume fell behind",
    )
    assert list(cache.parent.iterdir()) == [cache]


def test_a_saved_universe_that_was_deleted_is_saved_again(tmp_path):
    cache = tmp_path / "universe.json"
    universe = Universe(configured(universe=TOP_TWO), Exchange(), cache=cache)
    refreshed(universe)
    cache.unlink()
    refreshed(universe)
    assert cache.exists()


def test_a_disk_that_takes_nothing_does_not_end_the_refresh(tmp_path, caplog):
    (tmp_path / "file").touch()
    universe = Universe(
        configured(universe=TOP_TWO), Exchange(), cache=tmp_path / "file" / "universe.json"
    )
    with caplog.at_level(logging.WARNING):
        assert refreshed(universe).added == ("BTCUSDT", "ETHUSDT")
    assert caplog.records
