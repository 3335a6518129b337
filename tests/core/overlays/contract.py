"""
What every overlay promises, as assertions: two answers agree on all that both could know.

A shape's part that was settled for both computations is compared value by value; what
happened only later counts as not having happened.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, assert_never

import numpy as np

from core.model.events import NEVER_MS, Markers, Zones
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import Overlay
from core.model.shapes import Band, Bars, Line, Note, Profile, Ribbon, Shape
from tests.core.overlays.markets import past

ROUNDING = 1e-9
"""Relative; DESIGN 6 asks for it. Of values near zero: of what the column usually is."""

PerCandle = Line | Band | Bars | Ribbon
Table = Zones | Markers


@dataclass(frozen=True)
class Common:
    """
    What two answers both know.

    Attributes:
        then_row, now_row: The first common row in each of the two.
        rows: How many there are.
        from_ms: Events known before it are not compared.
        known_ms: Nor are those known after it.
        exact: Bit for bit, or within `ROUNDING`.
    """

    then_row: int
    now_row: int
    rows: int
    from_ms: int
    known_ms: int
    exact: bool


def drawn(overlay: Overlay[Any], view: MarketView, params: Any = None) -> Sequence[Shape]:
    return overlay.compute(view, overlay.defaults if params is None else params)


def assert_nothing_repaints(
    overlay: Overlay[Any], view: MarketView, prefixes: Sequence[int], params: Any = None
) -> None:
    """Each of ``prefixes`` must agree with the whole view on all that was known then."""
    now = drawn(overlay, view, params)
    assert_possible(now, view)
    for n in prefixes:
        before = past(view, n)
        then = drawn(overlay, before, params)
        assert_not_from_the_future(then, before)
        settled = max(n - overlay.settles_after, 0)
        common = Common(0, 0, settled, -1, view.head(settled).known_ms, exact=True)
        _assert_agree(then, now, common, f"{overlay.key} at candle {n}")


def assert_the_start_does_not_matter(
    overlay: Overlay[Any],
    view: MarketView,
    windows: Sequence[tuple[int, int]],
    params: Any = None,
) -> None:
    """Each of the windows (first row, stop row) must agree with the whole view after warm-up."""
    now = drawn(overlay, view, params)
    for start, stop in windows:
        warm = warm_up(overlay, view.candles.interval, params)
        part = later_start(overlay, view, start, stop, warm)
        assert len(part.candles) > warm, "the test would look at nothing"
        common = Common(
            then_row=warm,
            now_row=start + warm,
            rows=len(part.candles) - warm,
            from_ms=int(part.candles.open_time_ms[warm]),
            known_ms=part.known_ms,
            exact=False,
        )
        where = f"{overlay.key} in rows {start} to {stop}"
        _assert_agree(drawn(overlay, part, params), now, common, where)


def later_start(
    overlay: Overlay[Any], view: MarketView, start: int, stop: int, warm: int
) -> MarketView:
    """Return the rows alone, with just the companions the overlay asks for before its first."""
    candles = view.candles.rows(start, stop)
    first_ms = int(candles.open_time_ms[min(warm, len(candles) - 1)])
    others = {}
    for interval, series in view.others.items():
        closed = int(np.searchsorted(series.open_time_ms, first_ms - interval.duration_ms, "right"))
        others[interval] = series.rows(
            max(closed - overlay.companions.get(interval, 0), 0), len(series)
        )
    begin_ms = int(candles.open_time_ms[0])
    flow = view.flow
    if flow is not None:
        flow = flow.rows(int(np.searchsorted(flow.open_time_ms, begin_ms)), len(flow))
    heard = tuple(f for f in view.footprints if f.open_time_ms >= begin_ms)
    return replace(view, candles=candles, others=others, flow=flow, footprints=heard)


def warm_up(overlay: Overlay[Any], interval: Interval, params: Any = None) -> int:
    return overlay.warm_up_candles(overlay.defaults if params is None else params, interval)


def assert_possible(shapes: Sequence[Shape], view: MarketView) -> None:
    """Shapes fit the candles, and no event is known before it can be."""
    assert len({(type(shape), shape.name) for shape in shapes}) == len(shapes), "a name used twice"
    assert_not_from_the_future(shapes, view)
    candles = view.candles
    closes = candles.open_time_ms + (candles.interval.duration_ms - 1)
    for shape in shapes:
        match shape:
            case Line() | Band() | Bars() | Ribbon():
                for column in _columns(shape):
                    assert column.shape == (len(candles),), f"{shape.name} is not per candle"
            case Zones():
                _assert_rows_at_candles(shape, closes)
                _assert_possible_zones(shape)
            case Markers():
                _assert_rows_at_candles(shape, closes)
                assert np.all(np.isfinite(shape.price)), f"{shape.name} is at no price"
                at_close = shape.at_ms + (candles.interval.duration_ms - 1)
                assert np.all(shape.confirmed_ms >= at_close), f"{shape.name}: known too early"
                assert np.all(np.isin(shape.at_ms, candles.open_time_ms)), f"{shape.name}: where?"
            case Profile():
                assert shape.from_ms <= shape.confirmed_ms
                assert np.all(shape.volume >= 0.0)
            case Note():
                assert shape.text
            case _:
                assert_never(shape)


def _assert_possible_zones(zones: Zones) -> None:
    assert np.all(np.isfinite(zones.low) & (zones.low <= zones.high)), f"{zones.name}: upside down"
    assert np.all((zones.strength >= 0.0) & (zones.strength <= 1.0)), f"{zones.name}: strength"
    for what, when in {"ended": zones.ended_ms, **zones.events}.items():
        later = (when == NEVER_MS) | (when > zones.confirmed_ms)
        assert np.all(later), f"{zones.name}: {what} before it was known"
        if what != "ended":
            alive = (zones.ended_ms == NEVER_MS) | (when <= zones.ended_ms)
            assert np.all(alive), f"{zones.name}: {what} after its end"


def assert_not_from_the_future(shapes: Sequence[Shape], view: MarketView) -> None:
    """No row of a table, and no end of one, is later than what the view knows."""
    known_ms = view.known_ms
    for shape in shapes:
        match shape:
            case Zones():
                for when in (shape.confirmed_ms, shape.ended_ms, *shape.events.values()):
                    assert not when.size or when.max() <= known_ms, f"{shape.name}: foresight"
            case Markers():
                when = shape.confirmed_ms
                assert not when.size or when.max() <= known_ms, f"{shape.name}: foresight"
            case Profile():
                assert shape.confirmed_ms <= known_ms, f"{shape.name}: foresight"
            case Note():
                assert shape.known_ms == known_ms, f"{shape.name} is not of the newest candle"
            case Line() | Band() | Bars() | Ribbon():
                pass
            case _:
                assert_never(shape)


def _assert_rows_at_candles(shape: Table, closes: Any) -> None:
    assert np.all(np.isin(shape.confirmed_ms, closes)), f"{shape.name}: known at no close"
    if shape.from_ms is not None:
        assert np.all(shape.from_ms <= shape.confirmed_ms), f"{shape.name}: begins once known"
    assert np.all(np.isin(shape.side, (-1, 0, 1)))


def _assert_agree(then: Sequence[Shape], now: Sequence[Shape], common: Common, where: str) -> None:
    of_then, of_now = ([s for s in x if not isinstance(s, Note | Profile)] for x in (then, now))
    assert [(type(s), s.name) for s in of_then] == [(type(s), s.name) for s in of_now], (
        f"{where}: other shapes; draw each always, if empty"
    )
    for before, after in zip(of_then, of_now, strict=True):
        fault = _difference(before, after, common)
        assert not fault, f"{where}: {before.name} differs: {fault}"
    for shape in now:
        same = [s for s in then if type(s) is type(shape) and s.name == shape.name]
        match shape:
            case Profile(from_ms=from_ms, confirmed_ms=confirmed_ms):
                if common.from_ms <= from_ms and confirmed_ms <= common.known_ms:
                    assert len(same) == 1, f"{where}: {shape.name} is absent"
                    fault = _profile_difference(same[0], shape, common)
                    assert not fault, f"{where}: {shape.name}: {fault}"
            case Note(known_ms=known_ms, text=text):
                if known_ms == common.known_ms:
                    assert [s.text for s in same] == [text], f"{where}: {shape.name}"
            case _:
                pass


def _columns(shape: PerCandle) -> tuple[Any, ...]:
    match shape:
        case Line(y=y, direction=direction) | Bars(y=y, direction=direction):
            columns = (y, direction)
        case Band(upper=upper, lower=lower):
            columns = (upper, lower)
        case Ribbon(code=code, strength=strength):
            columns = (code, strength)
        case _:
            assert_never(shape)
    return tuple(column for column in columns if column is not None)


def _difference(then: Any, now: Any, common: Common) -> str:
    if isinstance(then, Zones | Markers):
        return _table_difference(then, now, common)
    before, after = _columns(then), _columns(now)
    if len(before) != len(after):
        return "a column is absent"
    for a, b in zip(before, after, strict=True):
        part = a[common.then_row : common.then_row + common.rows]
        whole = b[common.now_row : common.now_row + common.rows]
        if not _same(part, whole, exact=common.exact):
            return _first_difference(part, whole)
    return ""


def _table_difference(then: Table, now: Table, common: Common) -> str:
    before, after = _known(then, common), _known(now, common)
    if len(before[0]) != len(after[0]):
        return f"{len(before[0])} events, {len(after[0])} of them in the whole"
    for a, b in zip(before, after, strict=True):
        if not _same(a, b, exact=common.exact):
            return _first_difference(a, b)
    return ""


def _known(table: Table, common: Common) -> list[Any]:
    """Columns of the rows known in common; what came later has not happened."""
    first = int(np.searchsorted(table.confirmed_ms, common.from_ms, side="left"))
    stop = int(np.searchsorted(table.confirmed_ms, common.known_ms, side="right"))
    if isinstance(table, Markers):
        started = table.at_ms if table.from_ms is None else table.from_ms
        columns = [table.confirmed_ms, table.at_ms, started, table.side, table.price]
        return [column[first:stop] for column in columns]
    fixed = [table.confirmed_ms, table.from_ms, table.side, table.low, table.high, table.strength]
    later = [table.ended_ms[first:stop], *(c[first:stop] for c in table.events.values())]
    return [column[first:stop] for column in fixed] + [
        np.where(column > common.known_ms, NEVER_MS, column) for column in later
    ]


def _profile_difference(then: Profile, now: Profile, common: Common) -> str:
    for name in ("price", "volume", "buy_volume"):
        if not _same(getattr(then, name), getattr(now, name), exact=common.exact):
            return name
    for name in ("from_ms", "confirmed_ms", "width", "point_of_control", "value_low", "value_high"):
        told = np.array([getattr(then, name)]), np.array([getattr(now, name)])
        if not _same(*told, exact=common.exact):
            return name
    return ""


def _same(a: Any, b: Any, *, exact: bool) -> bool:
    if a.shape != b.shape:
        return False
    if a.dtype.kind != "f":
        return bool(np.array_equal(a, b))
    if a.tobytes() == b.tobytes() or np.array_equal(a, b, equal_nan=True):
        return True
    if exact:
        return False
    finite = np.abs(b[np.isfinite(b)])
    usual = float(np.median(finite)) if finite.size else 0.0
    return bool(np.allclose(a, b, rtol=ROUNDING, atol=ROUNDING * usual, equal_nan=True))


def _first_difference(then: Any, now: Any) -> str:
    if then.shape != now.shape:
        return f"{then.shape} and {now.shape}"
    unequal = (then != now) & ~((then != then) & (now != now))  # noqa: PLR0124 - NaN is not itself
    far = np.flatnonzero(unequal)
    i = int(far[np.argmax(np.abs(then[far].astype(float) - now[far].astype(float)))])
    return f"{far.size} values, at most in place {i}: {then[i]!r} then, {now[i]!r} now"
