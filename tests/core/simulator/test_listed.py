"""Symbols that are listed, settled and closed while the market runs."""

import asyncio
import json

import pytest

from core.simulator.errors import SimulatorError
from core.simulator.generated import EPOCH_DAY, GeneratedMarket
from core.simulator.listed import ListedMarket, ListingChange, parse_listing_change
from core.simulator.seconds import DAY_MS
from core.simulator.tape import Tape
from tests.core.simulator.exchange import exchange

NOW_MS = (EPOCH_DAY + 100) * DAY_MS + 30_500
MINUTE_MS = 60_000


def market() -> ListedMarket:
    return ListedMarket(GeneratedMarket(["BTCUSDT"], 7))


def test_a_new_symbol_has_no_past():
    listed = market()
    terms = listed.change(ListingChange(symbol="NEWUSDT"), NOW_MS)
    first_ms = NOW_MS - NOW_MS % MINUTE_MS + MINUTE_MS
    assert (terms.status, terms.onboard_ms) == ("TRADING", first_ms)
    bars = Tape(listed).bars("NEWUSDT", "1m", 0, NOW_MS * 2, NOW_MS + 200_000, limit=100)
    assert bars.open_ms[0] == first_ms


def test_a_closed_symbol_keeps_its_past_up_to_the_minute_that_ran():
    listed = market()
    before = Tape(listed).bars("BTCUSDT", "1m", NOW_MS - 600_000, NOW_MS, NOW_MS, limit=100)
    listed.change(ListingChange(symbol="BTCUSDT", status="SETTLING"), NOW_MS)
    tape, later_ms = Tape(listed), NOW_MS + 3_600_000
    after = tape.bars("BTCUSDT", "1m", NOW_MS - 600_000, later_ms, later_ms, limit=100)
    assert after.open_ms.tolist() == before.open_ms.tolist()
    listed.change(ListingChange(symbol="BTCUSDT"), later_ms)
    again = Tape(listed).bars("BTCUSDT", "1m", NOW_MS - 600_000, later_ms, later_ms, limit=100)
    assert again.open_ms[-1] == later_ms - later_ms % MINUTE_MS


def test_terms_that_are_not_named_stay():
    listed = market()
    listed.change(ListingChange(symbol="BTCUSDT", contract_type="TRADIFI_PERPETUAL"), NOW_MS)
    terms = listed.change(ListingChange(symbol="BTCUSDT", status="CLOSE", listed_ms=5), NOW_MS)
    assert (terms.contract_type, terms.onboard_ms) == ("TRADIFI_PERPETUAL", 5)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"symbol":"A","status":"GONE"}', '{"symbol":5}'])
def test_what_is_no_change_is_refused(text: str):
    with pytest.raises(SimulatorError, match="listing"):
        parse_listing_change(text)


def test_a_text_that_cannot_be_a_symbol_is_refused_and_nothing_is_listed():
    listed = market()
    with pytest.raises(SimulatorError, match="nope"):
        listed.change(ListingChange(symbol="nope"), NOW_MS)
    assert list(listed.listings) == ["BTCUSDT"]


@pytest.mark.simulator
def test_listings_change_what_the_exchange_says_and_pushes():
    async def scenario() -> None:
        path = "/market/stream?streams=newusdt@kline_1m/ethusdt@kline_1m/!markPrice@arr@1s"
        async with exchange(speed=600.0) as sim, sim.socket(path) as socket:
            await sim.list("NEWUSDT", contract_type="TRADIFI_PERPETUAL")
            await sim.list("ETHUSDT", status="SETTLING")
            settled_ms = (await sim.ask("/fapi/v1/time"))["serverTime"]
            info = await sim.ask("/fapi/v1/exchangeInfo")
            said = {s["symbol"]: (s["status"], s["contractType"]) for s in info["symbols"]}
            assert said["NEWUSDT"] == ("TRADING", "TRADIFI_PERPETUAL")
            assert said["ETHUSDT"] == ("SETTLING", "PERPETUAL")
            marked: set[str] = set()
            new, old = [], []
            while len(new) < 12 or "ETHUSDT" in marked or "NEWUSDT" not in marked:
                frame = json.loads(await socket.recv())
                data = frame["data"]
                if frame["stream"].startswith("!"):
                    marked = {row["s"] for row in data}
                    continue
                (new if data["s"] == "NEWUSDT" else old).append(data["k"])
            assert old[-1]["x"]
            assert old[-1]["t"] <= settled_ms, "it ended with the minute"
            row = await sim.ask("/fapi/v1/klines", symbol="ETHUSDT", interval="1m", limit=1)
            assert row[0][0] == old[-1]["t"]
            assert len(await sim.ask("/fapi/v1/ticker/24hr")) == 3

    asyncio.run(scenario())
