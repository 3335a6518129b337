"""
What the running candle adds to overlays: shown dashed, never stored, never a feature.

It is what the overlays would say if the candle closed now. It is computed apart from
figures, so that nothing settled can depend on it.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any

import numpy as np

from core.data.market_views import Heard
from core.model.candles import VALUE_COLUMNS, Candle, CandleSeries, FloatArray
from core.model.market_view import MarketView
from core.model.overlay import Overlay, Pane
from core.model.shape_columns import SignArray
from core.model.shapes import Band, Bars, Line, Shape, Tone
from core.overlay_runner import OverlayRunner
from core.overlays import companions, warm_up_candles
from core.telemetry import Telemetry
from ui.figures.tones import colour_of, colour_of_side
from ui.look import Look
from ui.services import Services
from ui.theme import Palette, palette_of
from ui.view import View

EVERY_S = 0.5
_FORGET_S = 10.0
_READ_EVERY_S = 30.0
"""Closed candles seldom change while the next one runs: when history is repaired or fetched."""
_ROWS = 2
"""The newest closed candle and the running one."""


@dataclass(frozen=True, slots=True)
class Tail:
    """
    The last stretch of one curve, or the last bar.

    Attributes:
        overlay: Key of its overlay.
        own_scale: Whether it is on the overlay's axis for lines with a scale of their own.
        from_bar: Time and value at the newest closed candle; None for a bar, or a line that jumps.
        to_bar: Time and value at the running one.
    """

    overlay: str
    kind: str
    colour: str
    own_scale: bool
    from_bar: tuple[int, float] | None
    to_bar: tuple[int, float]

    def told(self) -> list[Any]:
        """Return it as the page's script takes it."""
        start = None if self.from_bar is None else list(self.from_bar)
        return [self.overlay, self.kind, self.colour, self.own_scale, start, list(self.to_bar)]


@dataclass(slots=True)
class _Known:
    """
    Of one view.

    Attributes:
        closed: What was read of the candles before the running one, and when.
    """

    asked_s: float
    begun_s: float = float("-inf")
    closed: MarketView | None = None
    read_s: float = float("-inf")
    open_ms: int = -1
    tails: Sequence[Tail] = ()
    task: "asyncio.Task[None] | None" = field(default=None)


class ProvisionalTails:
    """Keep the tails of every view that is on screen; lives on the event loop."""

    def __init__(self, services: Services, *, every_s: float = EVERY_S) -> None:
        self._services = services
        self._every_s = every_s
        # Apart from the figures' runner: what is provisional is nobody's cost of a bar.
        self._runner = OverlayRunner(
            services.overlays, Telemetry(most_readings=0, sample_every=None)
        )
        self._known: dict[View, _Known] = {}
        self._without_curves: set[str] = set()

    def of(self, view: View) -> Sequence[Tail] | None:
        """
        Return the newest tails, None in a replay and where there are none of the candle that
        runs now.

        Begins to compute when they are older than ``every_s``; never waits.
        """
        if view.look.until_ms is not None:
            return None
        # Of the choice the newest candle depends on nothing else; the colours are the theme's.
        view = replace(view, shown=None, look=Look(theme=view.look.theme))
        now_s = self._services.monotonic()
        running = self._services.store.running(view.symbol, view.interval)
        known = self._known.setdefault(view, _Known(now_s))
        known.asked_s = now_s
        self._forget(now_s)
        if known.task is not None and known.task.done():
            done, known.task = known.task, None
            done.result()  # what broke it breaks the page's loop, as with a figure
        due = known.task is None and now_s - known.begun_s >= self._every_s
        if running is not None and due:
            known.begun_s = now_s
            heard = self._services.views.heard(view.symbol)
            known.task = asyncio.create_task(self._refresh(known, view, running, heard))
        if running is None or running.open_time_ms != known.open_ms:
            return None
        return known.tails

    async def close(self) -> None:
        """Await what is under way."""
        tasks = [known.task for known in self._known.values() if known.task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _refresh(self, known: _Known, view: View, running: Candle, heard: Heard) -> None:
        closed = known.closed
        old = known.begun_s - known.read_s >= _READ_EVERY_S
        if closed is None or old or not _follows(running, closed):
            closed = known.closed = await asyncio.to_thread(self.closed, view)
            known.read_s = known.begun_s
        now = replace(closed, flow=heard.flow, footprints=heard.footprints, gaps=heard.gaps)
        known.tails = await asyncio.to_thread(self.compute, view, running, now)
        known.open_ms = running.open_time_ms

    def closed(self, view: View) -> MarketView:
        """Return as many closed candles as the tails of ``view`` depend on."""
        overlays = self._with_curves(view)
        return self._services.views.closed(
            view.symbol,
            view.interval,
            limit=warm_up_candles(overlays, view.interval) + 1,
            companions=companions(overlays),
            companion_rows=1,
        )

    def compute(self, view: View, running: Candle, closed: MarketView) -> Sequence[Tail]:
        """Return the tails as if ``running`` closed now; none where it does not follow."""
        if not _follows(running, closed):
            return ()
        overlays = self._with_curves(view)
        provisional = replace(closed, candles=_followed_by(closed.candles, running))
        drawn = self._runner.run(provisional, [overlay.key for overlay in overlays])
        tails = []
        for key, shapes in drawn.shapes.items():
            if not any(isinstance(shape, Line | Band | Bars) for shape in shapes):
                self._without_curves.add(key)
            tails += list(_tails(key, shapes, provisional.candles, palette_of(view.look.theme)))
        return tails

    def _with_curves(self, view: View) -> list[Overlay[Any]]:
        picked = [self._services.overlays[key] for key in view.overlays]
        return [
            overlay
            for overlay in picked
            if overlay.pane is not Pane.STRIP and overlay.key not in self._without_curves
        ]

    def _forget(self, now_s: float) -> None:
        gone = [v for v, known in self._known.items() if now_s - known.asked_s > _FORGET_S]
        for view in gone:
            task = self._known[view].task
            if task is None or task.done():
                del self._known[view]


def _follows(running: Candle, closed: MarketView) -> bool:
    """Whether a candle is the next one after those that closed."""
    return len(closed.candles) > 0 and running.open_time_ms == closed.known_ms + 1


def _followed_by(closed: CandleSeries, running: Candle) -> CandleSeries:
    return CandleSeries(
        closed.symbol,
        closed.interval,
        np.append(closed.open_time_ms, running.open_time_ms),
        **{
            name: np.append(getattr(closed, name), getattr(running, name)) for name in VALUE_COLUMNS
        },
    )


def _tails(
    key: str, shapes: Sequence[Shape], candles: CandleSeries, palette: Palette
) -> Iterator[Tail]:
    times = candles.open_time_ms[-_ROWS:].tolist()
    for shape in shapes:
        for y, direction, tone, own_scale in _curves(shape):
            before, now = y[-_ROWS:].tolist()
            if not isfinite(now):
                continue
            colour, jumps = colour_of(tone, palette), not isfinite(before)
            if direction is not None:
                sign_before, sign = direction[-_ROWS:].tolist()
                colour, jumps = colour_of_side(sign, palette), jumps or sign != sign_before
            is_bar = isinstance(shape, Bars)
            start = None if jumps or is_bar else (times[0], before)
            kind = "bars" if is_bar else "line"
            yield Tail(key, kind, colour, own_scale, start, (times[1], now))


def _curves(shape: Shape) -> Iterator[tuple[FloatArray, SignArray | None, Tone, bool]]:
    match shape:
        case Line():
            yield shape.y, shape.direction, shape.tone, shape.own_scale
        case Bars():
            yield shape.y, shape.direction, shape.tone, False
        case Band():
            yield shape.lower, None, shape.tone, False
            yield shape.upper, None, shape.tone, False
        case _:
            return
