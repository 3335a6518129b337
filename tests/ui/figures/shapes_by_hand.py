"""Overlays as one may draw them, made by hand."""

import numpy as np

from core.model.events import NEVER_MS, Look, Markers, Zones
from core.model.overlay import Pane
from core.model.shapes import Band, Bars, Line, Note, Profile, Ribbon, RibbonState, Tone
from ui.figures.drawn_overlay import DrawnOverlay

STATES = (
    RibbonState("down", "Down", Tone.DOWN),
    RibbonState("range", "Range", Tone.NEUTRAL),
    RibbonState("up", "Up", Tone.UP),
)


def signs(*values):
    return np.array(values, dtype=np.int8)


def zones(
    candles,
    *,
    from_row=2,
    known_row=5,
    ended_row=None,
    side=1,
    strength=0.5,
    events=(),
    name="Zone",
):
    """One zone around the price of its first candle."""
    times, step_ms = candles.open_time_ms, candles.interval.duration_ms
    ended_ms = NEVER_MS if ended_row is None else int(times[ended_row]) + step_ms - 1
    return Zones(
        name,
        signs(side),
        times[from_row : from_row + 1].copy(),
        times[known_row : known_row + 1] + step_ms - 1,
        np.array([ended_ms], dtype=np.int64),
        candles.low[from_row : from_row + 1].copy(),
        candles.high[from_row : from_row + 1].copy(),
        np.array([strength]),
        {event: np.array([at_ms], dtype=np.int64) for event, at_ms in events},
    )


def markers(candles, rows, *, look=Look.DOT, side=1, name="turns up", from_rows=None, late=0):
    """Markers at the closes of ``rows``, known ``late`` candles later."""
    at_ms, step_ms = candles.open_time_ms[rows], candles.interval.duration_ms
    return Markers(
        name,
        look,
        np.full(len(rows), side, dtype=np.int8),
        at_ms,
        at_ms + (1 + late) * step_ms - 1,
        candles.close[rows],
        None if from_rows is None else candles.open_time_ms[from_rows],
    )


def profile(candles, *, buckets=8, bought=0.5):
    """Volume over the range of the candles, most of it in the middle."""
    edges = np.linspace(candles.low.min(), candles.high.max(), buckets + 1)
    volume = np.array([1.0 + min(i, buckets - 1 - i) for i in range(buckets)])
    return Profile(
        "Volume profile",
        int(candles.open_time_ms[0]),
        candles.interval.close_time_ms(int(candles.open_time_ms[-1])),
        float(edges[1] - edges[0]),
        edges[:-1].copy(),
        volume,
        volume * bought,
        float((edges[buckets // 2] + edges[buckets // 2 + 1]) / 2),
        float(edges[2]),
        float(edges[-3]),
    )


def overlay(*shapes, key="made", title="Made", pane=Pane.PRICE, **changes):
    return DrawnOverlay(key, title, pane, shapes, **changes)


def every_kind(candles):
    """Overlays that use every shape, every look and every pane."""
    n = len(candles)
    sign = np.where(np.arange(n) % 7 < 4, 1, -1).astype(np.int8)
    code = (np.arange(n) // 5 % 4 - 1).astype(np.int8)
    rows = np.arange(n)[3:-2:4]
    return [
        overlay(
            Line("Trend", candles.close * 0.99, sign),
            Band("Band", candles.high, candles.low, Tone.FIRST),
            Ribbon("Regime", code, STATES),
            zones(candles) if n > 5 else Line("none", candles.close.copy()),
            *(markers(candles, rows, look=look, from_rows=rows - 3) for look in Look),
            key="price",
            title="Price",
        ),
        overlay(
            Bars("Delta", candles.close - candles.open, sign.copy()),
            Line("Sum", np.cumsum(candles.close - candles.open), own_scale=True),
            Bars("Seen", candles.open - candles.close, tone=Tone.QUIET),
            Note("Words", "as it is", 1),
            key="flow",
            title="Flow",
            pane=Pane.OSCILLATOR,
        ),
        overlay(
            Line("RSI", np.full(n, 50.0)),
            key="rsi",
            title="RSI",
            pane=Pane.OSCILLATOR,
            guides=(30.0, 50.0, 70.0),
            bounds=(0.0, 100.0),
        ),
        overlay(
            Ribbon("1m", code.copy(), STATES, np.linspace(0.0, 1.0, n)),
            Ribbon("1h", code.copy(), STATES),
            Line("Score", np.linspace(-1.0, 1.0, n)),
            key="strip",
            title="Strip",
            pane=Pane.STRIP,
            bounds=(-1.0, 1.0),
        ),
        *([overlay(profile(candles), key="profile", title="Profile")] if n else []),
    ]
