import asyncio
from dataclasses import replace

import numpy as np
import pytest

from core.model.intervals import Interval
from core.model.overlay import Overlay, Pane
from core.model.shapes import Band, Bars, Line
from tests.builders import candle
from tests.ui.fakes import TICKS_PER_BAR, world
from ui.look import Look, Theme
from ui.provisional import EVERY_S, ProvisionalTails
from ui.theme import DARK, LIGHT
from ui.view import View

VIEW = View("BTCUSDT", Interval.M1, ("made",))


class Clock:
    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


def tails_of(*shapes, pane=Pane.PRICE):
    """A market and the tails of one overlay that draws what ``shapes`` make of a view."""
    calls = {}  # by candle and close: the first of all is measured by a second computation

    def compute(view, params):
        calls[int(view.candles.open_time_ms[-1]), float(view.candles.close[-1])] = view.candles
        return tuple(shape(view.candles) for shape in shapes)

    overlay = Overlay("made", "Made", pane, "", "", None, compute, lambda params, interval: 3)
    clock = Clock()
    market = world(monotonic=clock)
    tails = ProvisionalTails(replace(market.services, overlays={"made": overlay}))
    return market, tails, clock, calls


def close_line(candles):
    return Line("Close", candles.close.copy())


def running(market, **changes):
    market.market.step()
    found = market.store.running("BTCUSDT", Interval.M1)
    return candle(found.open_time_ms, 70_000.0, **changes)


def computed(market, tails, **changes):
    return tails.compute(VIEW, running(market, **changes), tails.closed(VIEW))


def closed(market):
    return market.store.series["BTCUSDT", Interval.M1]


def test_a_line_is_continued_as_if_the_running_candle_closed_now():
    market, tails, _, calls = tails_of(close_line)
    (tail,) = computed(market, tails)
    newest = closed(market).candle(-1)
    assert tail.from_bar == (newest.open_time_ms, newest.close)
    assert tail.to_bar[1] == 70_000.0
    (seen,) = calls.values()
    assert len(seen) == 3 + 2  # warm-up, the closed candle and the running one


def test_the_settled_candles_are_not_touched():
    market, tails, _, _ = tails_of(close_line)
    before = closed(market)
    computed(market, tails)
    assert closed(market) is before
    assert int(before.open_time_ms[-1]) < market.store.running("BTCUSDT", Interval.M1).open_time_ms


def test_a_band_has_two_tails_and_a_bar_has_no_beginning():
    def band(candles):
        return Band("Band", candles.high, candles.low)

    def bars(candles):
        sign = np.sign(candles.close - 1.0).astype(np.int8)
        return Bars("Bars", candles.close.copy(), sign)

    market, tails, _, _ = tails_of(band, bars)
    low, high, bar = computed(market, tails, high=70_500.0, low=69_000.0)
    assert (low.to_bar[1], high.to_bar[1]) == (69_000.0, 70_500.0)
    assert (bar.kind, bar.from_bar, bar.colour) == ("bars", None, DARK.up)


def test_a_line_that_turns_is_not_joined_to_its_other_side():
    def turning(candles):
        direction = np.ones(len(candles), dtype=np.int8)
        direction[-1] = -1
        return Line("Trend", candles.close.copy(), direction)

    market, tails, _, _ = tails_of(turning)
    (tail,) = computed(market, tails)
    assert tail.from_bar is None
    assert tail.colour == DARK.down


def test_a_value_that_is_not_known_has_no_tail():
    market, tails, _, _ = tails_of(lambda c: Line("None", np.full(len(c), np.nan)))
    assert computed(market, tails) == []


def test_a_running_candle_that_does_not_follow_adds_nothing():
    market, tails, _, calls = tails_of(close_line)
    later = replace_time(running(market), 60_000)
    assert tails.compute(VIEW, later, tails.closed(VIEW)) == ()
    assert not calls


def replace_time(of, by_ms):
    return candle(of.open_time_ms + by_ms, of.close)


def test_an_overlay_without_curves_is_computed_once_and_a_strip_never():
    market, tails, _, calls = tails_of()
    computed(market, tails)
    calls.clear()
    computed(market, tails)
    assert not calls
    market, tails, _, calls = tails_of(close_line, pane=Pane.STRIP)
    assert computed(market, tails) == []
    assert not calls


def test_pages_of_one_view_share_what_is_computed_at_most_every_half_second():
    async def scenario():
        market, tails, clock, calls = tails_of(close_line)
        assert tails.of(VIEW) is None  # nothing runs yet
        market.market.step()
        assert tails.of(VIEW) is None  # begun, not awaited
        await tails.close()
        first = tails.of(VIEW)
        assert len(first) == 1
        for _ in range(5):
            market.market.step()
            assert tails.of(VIEW) is first
        await tails.close()
        assert len(calls) == 1
        clock.now_s += EVERY_S
        market.market.step()
        tails.of(VIEW)
        await tails.close()
        assert len(calls) == 2

    asyncio.run(scenario())


def test_looks_share_their_tails_but_for_the_colours_of_a_theme():
    async def scenario():
        market, tails, _, calls = tails_of(close_line)
        market.market.step()
        looks = (Look(), Look(bars=700), Look(theme=Theme.LIGHT))
        for look in looks:
            tails.of(replace(VIEW, look=look))
            await tails.close()
        dark, further, light = (tails.of(replace(VIEW, look=look)) for look in looks)
        assert dark is further
        assert len(calls) == 1  # by candle: drawn for two themes
        assert (dark[0].colour, light[0].colour) == (DARK.neutral, LIGHT.neutral)

    asyncio.run(scenario())


def test_closed_candles_are_read_once_per_bar_whatever_part_of_the_chart_is_visible():
    async def scenario():
        market, tails, clock, _ = tails_of(close_line)
        market.market.step()
        before = market.store.reads
        for shown in (None, 50, 80):
            tails.of(replace(VIEW, shown=shown))
            await tails.close()
            clock.now_s += EVERY_S
        assert market.store.reads == before + 1
        market.market.step(TICKS_PER_BAR)
        tails.of(VIEW)
        await tails.close()
        assert market.store.reads == before + 2

    asyncio.run(scenario())


def test_a_store_that_breaks_is_not_swallowed_and_read_again():
    async def scenario():
        market, tails, clock, _ = tails_of(close_line)
        market.market.step()
        market.store.candles = lambda *args, **kwargs: 1 / 0
        tails.of(VIEW)
        await tails.close()
        with pytest.raises(ZeroDivisionError):
            tails.of(VIEW)
        del market.store.candles
        clock.now_s += EVERY_S
        tails.of(VIEW)
        await tails.close()
        assert tails.of(VIEW)

    asyncio.run(scenario())


def test_the_tails_of_a_candle_that_closed_are_not_those_of_the_next():
    async def scenario():
        market, tails, clock, _ = tails_of(close_line)
        market.market.step()
        tails.of(VIEW)
        await tails.close()
        assert tails.of(VIEW)
        market.market.step(TICKS_PER_BAR)
        clock.now_s += EVERY_S
        assert tails.of(VIEW) is None
        await tails.close()

    asyncio.run(scenario())
