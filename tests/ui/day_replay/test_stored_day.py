from datetime import UTC, date, datetime

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from core.model.intervals import MINUTE_MS, Interval
from tests.ui.fakes import NOON_MS, world
from ui.day_replay.routes import replay_router
from ui.day_replay.stored_day import stored_day

TODAY = datetime.fromtimestamp(NOON_MS / 1000, UTC).date()
TOMORROW = date.fromordinal(TODAY.toordinal() + 1)
LONG_AGO = date.fromordinal(TODAY.toordinal() - 9)


@pytest.fixture
def market():
    made = world()
    made.store.series["BTCUSDT", Interval.M1] = made.store.series["BTCUSDT", Interval.M1].tail(600)
    return made


def found(market, day):
    return stored_day(market.services, "BTCUSDT", Interval.M1, day)


def test_missing_candles_of_a_day_are_counted_and_the_way_to_get_them_is_told(market):
    day = found(market, TODAY)
    assert (day.candles, day.expected) == (600, 720)
    assert day.last_ms == NOON_MS - 1
    assert day.said.startswith("120 of 720 1m candles of BTCUSDT are not stored for")
    assert day.said.endswith("python scripts/backfill.py --symbol BTCUSDT --interval 1m --days 2")


def test_of_a_day_before_all_that_is_stored_it_is_told_what_there_is(market):
    day = found(market, LONG_AGO)
    assert (day.candles, day.expected) == (0, 1440)
    assert f"Stored: {TODAY} to {TODAY}." in day.said
    assert day.said.endswith("--days 11")


def test_nothing_is_said_of_a_day_that_is_whole(market):
    minutes = market.store.series["BTCUSDT", Interval.M1]
    market.store.series["BTCUSDT", Interval.M1] = minutes.between(NOON_MS - 9 * MINUTE_MS, None)
    market.feed.time_ms = NOON_MS
    whole = market.feed.histories["BTCUSDT", Interval.M15]
    market.store.series["BTCUSDT", Interval.M15] = whole
    assert stored_day(market.services, "BTCUSDT", Interval.M15, TODAY).said == ""


def test_a_day_to_come_has_no_candles_yet(market):
    assert found(market, TOMORROW).said == f"No 1m candle of {TOMORROW} has closed yet."


def test_the_route_answers_with_the_day_and_refuses_what_is_no_market(market):
    server = FastAPI()
    server.include_router(replay_router(market.services))
    asked = {"symbol": "BTCUSDT", "interval": "1m", "day": TODAY.isoformat()}
    with TestClient(server) as client:
        answer = client.get("/replay/day", params=asked)
        assert answer.json()["candles"] == 600
        for wrong in ({"symbol": "no symbol"}, {"interval": "2m"}, {"day": "soon"}):
            assert client.get("/replay/day", params=asked | wrong).status_code in {400, 422}
