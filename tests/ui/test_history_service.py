import asyncio

from core.model.intervals import Interval
from tests.ui.fakes import world
from ui.history_service import HistoryService
from ui.look import Look
from ui.view import View

PLAIN = View("BTCUSDT", Interval.M15)
DEEP = View("BTCUSDT", Interval.M15, look=Look(bars=2000))


def asked(*wants):
    """What the feed was asked for, in order."""

    async def scene():
        feed = world().feed
        service = HistoryService(feed, lambda symbol: None, lambda: 0.0)
        for view, companions in wants:
            service.want(view, companions)
            await asyncio.sleep(0.01)
        await service.close()
        return feed.asked

    return asyncio.run(scene())


def test_a_chart_that_was_panned_back_fetches_what_it_shows_and_some_before():
    assert asked((PLAIN, ()), (DEEP, ())) == [
        ("BTCUSDT", Interval.M15, None),
        ("BTCUSDT", Interval.M15, 2500),
    ]


def test_the_same_depth_is_fetched_once():
    assert len(asked((DEEP, ()), (DEEP, ()))) == 1


def test_other_intervals_of_overlays_are_fetched_as_deep_as_usual():
    assert ("BTCUSDT", Interval.H1, None) in asked((DEEP, (Interval.H1,)))


def test_a_deep_fetch_that_fails_is_told_with_its_reason_and_the_usual_depth_is_not():
    async def scene():
        feed = world().feed
        feed.failures.append("HTTP 418")
        service = HistoryService(feed, lambda symbol: None, lambda: 0.0)
        service.want(DEEP)
        assert service.note(DEEP).startswith("Fetching 15m")
        await asyncio.sleep(0.01)
        told = service.note(DEEP), service.note(PLAIN)
        await service.close()
        return told

    deep, plain = asyncio.run(scene())
    assert "HTTP 418" in deep
    assert plain == ""
