"""That the contract notices: overlays that break it, each in one way, and some that do not."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from core.model.events import NEVER_MS, Look, Markers, Zones
from core.model.intervals import Interval
from core.model.parameters import Bounded
from core.model.shapes import Line, Note, Ribbon, RibbonState, Tone
from core.overlays.supertrend import OVERLAY as SUPERTREND
from tests.core.overlays.contract import (
    assert_nothing_repaints,
    assert_possible,
    assert_the_start_does_not_matter,
    drawn,
)
from tests.core.overlays.markets import generated, view_of

ROWS = 700
WARM = 60
WINDOWS = [(start, start + 200) for start in range(0, 400, 20)]


@dataclass(frozen=True, slots=True)
class NoParams(Bounded):
    """Nothing to choose."""


def planted(compute, **changes):
    return replace(
        SUPERTREND,
        key="planted",
        defaults=NoParams(),
        compute=lambda view, params: compute(view),
        warm_up_candles=lambda params, interval: WARM,
        **changes,
    )


def view():
    return view_of(generated(1), Interval.M1, ROWS)


def closes_of(candles):
    return candles.open_time_ms + (candles.interval.duration_ms - 1)


def average_of_three(view):
    close = view.candles.close
    y = np.full(close.size, np.nan)
    y[2:] = (close[2:] + close[1:-1] + close[:-2]) / 3.0 if close.size > 2 else y[2:]
    return (Line("average", y),)


def centred_average(view):
    (line,) = average_of_three(view)
    return (Line("centred", np.append(line.y[1:], np.full(min(len(line.y), 1), np.nan))),)


def sign_of_what_comes(view):
    code = np.sign(np.diff(view.candles.close, append=0.0)).astype(np.int8) // 2 + 1
    states = tuple(RibbonState(key, key, Tone.NEUTRAL) for key in ("down", "up"))
    return (Ribbon("next", np.minimum(code, 1).astype(np.int8), states),)


def reader_of_the_future(view):
    hours = view.others[Interval.H1]
    row = np.searchsorted(hours.open_time_ms, view.candles.open_time_ms, side="right") - 1
    return (Line("close of this very hour", hours.close[row]),)


def reader_of_the_past(view):
    hours = view.at(Interval.H1)
    row = np.searchsorted(hours.open_time_ms + 3_600_000, closes_of(view.candles) + 1, "right") - 1
    y = np.where(row >= 0, hours.close[np.maximum(row, 0)], np.nan) if len(hours) else np.nan
    return (Line("close of the last hour", np.broadcast_to(y, (len(view.candles),)).copy()),)


def highs(view):
    """Rows of three-candle highs, each known one candle later."""
    high = view.candles.high
    return np.flatnonzero((high[1:-1] > high[2:]) & (high[1:-1] > high[:-2])) + 1


def hasty_swings(view):
    rows = highs(view)
    candles = view.candles
    side = np.full(rows.size, -1, dtype=np.int8)
    closes = closes_of(candles)[rows]
    return (
        Markers("high", Look.DOT, side, candles.open_time_ms[rows], closes, candles.high[rows]),
    )


def zones(view, rows, confirmed_ms, *, ended_ms=None, strength=None, low=None):
    candles = view.candles
    n = rows.size
    return Zones(
        "zone",
        np.full(n, -1, dtype=np.int8),
        candles.open_time_ms[rows],
        confirmed_ms,
        np.full(n, NEVER_MS) if ended_ms is None else ended_ms,
        candles.low[rows] if low is None else low,
        candles.high[rows],
        np.full(n, 0.5) if strength is None else strength,
    )


def swing_zones(view, **changes):
    rows = highs(view)
    return (zones(view, rows, closes_of(view.candles)[rows + 1], **changes),)


def passed_ms(view):
    """When a later close was above the high; quadratic, but it is only a test."""
    closes, close = closes_of(view.candles), view.candles.close
    ended = []
    for row in highs(view):
        above = np.flatnonzero(close[row + 2 :] > view.candles.high[row])
        ended.append(closes[row + 2 + above[0]] if above.size else NEVER_MS)
    return np.array(ended, dtype=np.int64)


def zones_that_end(view):
    return swing_zones(view, ended_ms=passed_ms(view))


def zones_that_vanish(view):
    (table,) = zones_that_end(view)
    return (table.rows(table.ended_ms == NEVER_MS),)


def zones_that_grow(view):
    rows = highs(view)
    age = np.minimum((len(view.candles) - rows) / 1e3, 1.0)
    return swing_zones(view, strength=age)


def zones_that_widen(view):
    rows = highs(view)
    low = view.candles.low
    return swing_zones(view, low=np.minimum(low[rows], low[-1] if low.size else 0.0))


def zones_that_end_too_soon(view):
    """They tell of their end at their birth."""
    ended, born = passed_ms(view), closes_of(view.candles)[highs(view) + 1]
    sooner = np.maximum(ended - 5 * 60_000, born + 60_000)
    return swing_zones(view, ended_ms=np.where(ended == NEVER_MS, NEVER_MS, sooner))


def silent_while_short(view):
    return average_of_three(view) if len(view.candles) > 650 else ()


@pytest.mark.parametrize("honest", [average_of_three, reader_of_the_past, zones_that_end])
def test_an_overlay_that_keeps_the_contract_passes(honest):
    overlay = planted(honest, companions={Interval.H1: 1})
    assert_nothing_repaints(overlay, view(), range(0, ROWS, 9))
    assert_the_start_does_not_matter(overlay, view(), WINDOWS)


@pytest.mark.parametrize(
    "repainting",
    [
        centred_average,
        sign_of_what_comes,
        reader_of_the_future,
        hasty_swings,
        zones_that_vanish,
        zones_that_grow,
        zones_that_widen,
        zones_that_end_too_soon,
        silent_while_short,
    ],
)
def test_an_overlay_that_repaints_is_caught(repainting):
    with pytest.raises(AssertionError, match=r"planted at candle|foresight"):
        assert_nothing_repaints(planted(repainting), view(), range(600, ROWS))


def test_one_that_says_it_settles_later_is_compared_where_it_has_settled():
    assert_nothing_repaints(planted(centred_average, settles_after=1), view(), range(ROWS))


def count_of_candles(view):
    return (Line("count", np.arange(1.0, len(view.candles) + 1.0)),)


def slow_average(view):
    close = view.candles.close
    y = np.empty(close.size)
    last = close[0] if close.size else 0.0
    for i, price in enumerate(close):
        last += (price - last) / 100.0
        y[i] = last
    return (Line("slow", y),)


def every_tenth_candle(view):
    rows = np.arange(0, len(view.candles), 10)
    closes = closes_of(view.candles)[rows]
    return (zones(view, rows, closes),)


def share_of_the_widest(view):
    rows = highs(view)
    width = view.candles.high[rows] - view.candles.low[rows]
    return swing_zones(view, strength=width / width.max(initial=1e-9))


def talkative(view):
    return (Note("count", f"{len(view.candles)} candles", view.known_ms),)


@pytest.mark.parametrize(
    "dependent",
    [count_of_candles, slow_average, every_tenth_candle, share_of_the_widest, talkative],
)
def test_an_overlay_that_depends_on_where_it_begins_is_caught(dependent):
    with pytest.raises(AssertionError, match="planted in rows"):
        assert_the_start_does_not_matter(planted(dependent), view(), [*WINDOWS, (3, ROWS)])


def test_an_overlay_that_needs_more_companions_than_it_asks_for_is_caught():
    with pytest.raises(AssertionError, match="planted in rows"):
        assert_the_start_does_not_matter(planted(reader_of_the_past), view(), WINDOWS)


def late_markers(view):
    rows = np.arange(len(view.candles))
    side = np.zeros(rows.size, dtype=np.int8)
    times = view.candles.open_time_ms
    return (Markers("dot", Look.DOT, side, times, times, view.candles.close[rows]),)


def upside_down(view):
    rows = highs(view)
    return swing_zones(view, low=view.candles.high[rows] * 2.0)


def too_short(view):
    return (Line("short", view.candles.close[1:].copy()),)


def twice(view):
    return average_of_three(view) * 2


@pytest.mark.parametrize("impossible", [late_markers, upside_down, too_short, twice])
def test_what_cannot_be_is_caught(impossible):
    with pytest.raises(AssertionError):
        assert_possible(drawn(planted(impossible), view()), view())
