from dataclasses import dataclass

import pytest

from core.model.health import Level
from ops.health.feed_look import CacheLook, FeedLook

NOW_S = 1_800_000_000.0


@dataclass(frozen=True)
class Status:
    state: str = "LIVE"
    age_s: float | None = 0.5
    detail: str = ""
    frames: int = 7


class Feed:
    symbols = ("BTCUSDT",)
    market_label = None

    def __init__(self):
        self.now = Status()
        self.time_ms = int(NOW_S * 1000) - 700

    def status(self):
        return self.now

    def market_time_ms(self):
        return self.time_ms


@pytest.fixture
def feed():
    return Feed()


@pytest.fixture
def look(feed):
    return FeedLook(feed, lambda: NOW_S)


def test_a_live_feed_is_judged_by_its_age(look):
    seen = look.feed()
    assert (seen.value, seen.age_s, seen.level) == (0.5, 0.5, Level.OK)
    assert "7 frames" in seen.words


def test_a_feed_that_begins_is_not_called_bad_until_it_was_live(feed, look):
    feed.now = Status("BACKFILLING", detail="3 of 9")
    assert look.feed().level is Level.UNKNOWN
    feed.now = Status()
    look.feed()
    feed.now = Status("BACKFILLING", detail="3 of 9")
    assert (look.feed().level, look.feed().words) == (Level.WARNING, "backfilling: 3 of 9")


@pytest.mark.parametrize(
    ("state", "level"),
    [("RECONNECTING", Level.WARNING), ("SILENT", Level.CRITICAL), ("STOPPED", Level.CRITICAL)],
)
def test_a_feed_in_trouble_says_so(feed, look, state, level):
    feed.now = Status(state, None)
    assert look.feed().level is level


def test_the_clock_is_compared_with_the_newest_event_less_its_age(look):
    assert look.clock_offset().value == pytest.approx(0.2)


@pytest.mark.parametrize(
    "change", [{"market_label": "SIMULATED"}, {"time_ms": None}, {"now": Status(age_s=9.0)}]
)
def test_the_clock_is_not_compared_with_what_is_no_time_of_now(feed, look, change):
    for name, value in change.items():
        setattr(feed, name, value)
    assert look.clock_offset().level is Level.UNKNOWN


def cache(hits=80, misses=20, alarm="", series=("BTCUSDT 1m",), symbols=("BTCUSDT",)):
    told = {
        "hits": hits,
        "misses": misses,
        "alarm": alarm,
        "series": {name: {"bars": 1500} for name in series},
    }
    return CacheLook(lambda: told, lambda: symbols, reads_least=100, fresh_s=30.0)


def test_a_hit_rate_of_few_reads_is_not_known_however_low():
    assert cache(0, 99).hit_rate().level is Level.UNKNOWN
    assert (cache(5, 95).hit_rate().value, cache(5, 95).hit_rate().level) == (5.0, None)


def test_the_cache_is_populated_when_all_that_is_traded_is_in_it():
    assert cache().populated().level is Level.OK
    seen = cache(symbols=("BTCUSDT", "ETHUSDT")).populated()
    assert (seen.level, "ETHUSDT" in seen.words) == (Level.WARNING, True)
    assert cache(symbols=()).populated().level is Level.UNKNOWN


def test_candles_that_cannot_be_saved_are_critical():
    assert cache().saving().level is Level.OK
    assert (cache(alarm="disk full").saving().level) is Level.CRITICAL


def test_the_store_is_asked_once_for_all_of_it():
    asked = []

    def report():
        asked.append(1)
        return {"hits": 1, "misses": 1, "series": {}}

    look = CacheLook(report, lambda: ("BTCUSDT",), reads_least=1, fresh_s=1e9)
    look.hit_rate()
    look.populated()
    look.saving()
    assert len(asked) == 1
