"""From a view to its figure, without Dash. Reads may touch files: never on the event loop."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.data.market_views import NOTHING_HEARD, Heard
from core.indicators.heikin_ashi import HEIKIN_ASHI_WARM_UP_CANDLES, heikin_ashi
from core.journal.overview import SignalRow
from core.model.candles import CandleSeries
from core.model.intervals import Interval
from core.model.market_view import MarketView
from core.model.overlay import Overlay
from core.model.shapes import Profile
from core.model.telemetry import FeatureCost
from core.overlay_runner import Drawn, OverlayRunner
from core.overlays import companions, warm_up_candles
from core.telemetry import Telemetry
from ui.day_replay.known_then import PastSignals
from ui.fact_panes.reading import FactReader
from ui.figures.drawn_overlay import DrawnOverlay
from ui.figures.fact_traces import ShownFact
from ui.figures.missing_spans import MissingSpan
from ui.figures.numbers import decimals_of
from ui.figures.plotly_json import Figure
from ui.figures.price_chart import price_chart
from ui.figures.signal_marks import SignalMark
from ui.look import Candles
from ui.missing_candles import missing_spans
from ui.services import Services
from ui.signal_words import outcome
from ui.theme import palette_of
from ui.view import View

_SELDOM = 1_000_000
"""Computations between two measurements of memory, which slow the whole process: none, nearly."""
_MOST_FINER_BARS = 43_200
"""Of intervals shorter than the shown one: a month of minutes, read in a few milliseconds."""


@dataclass(frozen=True, slots=True)
class ChartStamp:
    """
    What a figure was drawn from; an equal stamp means an equal figure.

    Attributes:
        beside: How much was known of other intervals and of order flow.
        facts: What is told besides candles.
    """

    view: View
    bars: int
    newest_ms: int
    decimals: int
    marks: tuple[SignalMark, ...]
    note: str
    missing: tuple[MissingSpan, ...] = ()
    beside: tuple[int, ...] = ()
    facts: tuple[ShownFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure and what it was drawn from."""

    figure: Figure
    stamp: ChartStamp


class ChartService:
    """Draw closed candles with the overlays a viewer picked."""

    def __init__(self, services: Services) -> None:
        self._views = services.views
        self._feed = services.feed
        self._overlays = services.overlays
        self._telemetry = Telemetry(most_readings=0, sample_every=_SELDOM)
        self._runner = OverlayRunner(services.overlays, self._telemetry)
        self._shown = services.settings.dashboard.candles_shown
        self._facts = FactReader(services)
        self._past = PastSignals(services.journal, services.monotonic)

    def costs(self) -> tuple[FeatureCost, ...]:
        """Return what overlays have cost here, the dearest first."""
        return self._telemetry.summary()

    def companions(self, view: View) -> Iterable[Interval]:
        """Return the other intervals that the overlays of a view look at."""
        return companions(self._picked(view)).keys()

    def want_facts(self, view: View) -> None:
        """Ask for what a view shows besides candles; on the event loop."""
        self._facts.want(view, self.bars(view))

    def chart(
        self,
        view: View,
        signals: Iterable[SignalRow],
        note: str = "",
        heard: Heard = NOTHING_HEARD,
        *,
        known: ChartStamp | None = None,
    ) -> Chart | None:
        """
        Draw ``view`` as the store knows it now; None when that is what ``known`` shows.

        Args:
            view: Market and overlays.
            signals: Of any symbol.
            note: What is missing, in a line for people; told while too few candles are known.
            heard: What was known of the symbol besides its candles a moment ago.
            known: Of the figure the viewer has.

        Raises:
            KeyError: If an overlay of ``view`` does not exist.
        """
        overlays = self._picked(view)
        market, most = self._market(view, overlays, heard), self.bars(view)
        shown = market.candles.tail(most)
        note = note if len(market.candles) < most else ""
        if view.look.until_ms is not None:
            signals = self._past.at(view.look.until_ms, signals)
            heard = replace(heard, gaps=market.known_gaps())
        stamp = replace(
            self._stamp(view, market.candles, signals, note),
            missing=missing_spans(shown, heard.gaps),
            beside=_beside(market),
            facts=self._facts.shown(view, most, shown),
        )
        if stamp == known:
            return None
        drawn = self._runner.run(market, view.overlays)
        figure = price_chart(
            shown,
            [_drawn(overlay, drawn) for overlay in overlays if overlay.key in drawn.shapes],
            stamp.marks,
            stamp.missing,
            decimals=stamp.decimals,
            palette=palette_of(view.look.theme),
            averaged=heikin_ashi(market.candles).tail(len(shown)) if _is_averaged(view) else None,
            is_log=view.look.is_log,
            facts=stamp.facts,
        )
        figure["layout"]["meta"] |= {
            "overlays": list(view.overlays),
            "look": view.look.told(),
            "note": note,
            "stamp": f"{hash(stamp):x}",
            "failed": [
                {"title": self._overlays[key].title, "reason": reason}
                for key, reason in drawn.failed.items()
            ],
            "ranged": any(isinstance(s, Profile) for of in drawn.shapes.values() for s in of),
        }
        return Chart(figure, stamp)

    def empty(self, view: View, note: str) -> Figure:
        """Draw nothing of ``view``, and say why."""
        candles = CandleSeries.empty(view.symbol, view.interval)
        figure = price_chart(candles, [], (), decimals=0, palette=palette_of(view.look.theme))
        figure["layout"]["meta"] |= {
            "overlays": list(view.overlays),
            "look": view.look.told(),
            "note": note,
            "stamp": note,
        }
        return figure

    def bars(self, view: View) -> int:
        """Return how many candles a view is to show."""
        return view.look.bars or self._shown

    def _picked(self, view: View) -> list[Overlay[Any]]:
        return [self._overlays[key] for key in view.overlays]

    def _market(self, view: View, overlays: Sequence[Overlay[Any]], heard: Heard) -> MarketView:
        others = companions(overlays)
        finest_ms = min((other.duration_ms for other in others), default=view.interval.duration_ms)
        affordable = max(1, _MOST_FINER_BARS * finest_ms // view.interval.duration_ms)
        most, warm_up = self.bars(view), warm_up_candles(overlays, view.interval)
        if _is_averaged(view):
            warm_up = max(warm_up, HEIKIN_ASHI_WARM_UP_CANDLES)
        market = self._views.closed(
            view.symbol,
            view.interval,
            end_ms=_newest_open_ms(view),
            limit=most + warm_up,
            companions=others,
            companion_rows=min(most, affordable),
            heard=heard,
        )
        return replace(market, shown_ms=_shown_ms(view, market.candles, most))

    def _stamp(
        self, view: View, candles: CandleSeries, signals: Iterable[SignalRow], note: str
    ) -> ChartStamp:
        newest = candles.candle(-1) if len(candles) else None
        return ChartStamp(
            view,
            len(candles),
            newest.open_time_ms if newest else 0,
            decimals_of(self._feed.instruments.get(view.symbol), newest.close if newest else None),
            tuple(_mark(row) for row in signals if row.key.symbol == view.symbol),
            note,
        )


def _is_averaged(view: View) -> bool:
    return view.look.candles is Candles.HEIKIN_ASHI


def _newest_open_ms(view: View) -> int | None:
    """Return when the last candle opened that had closed by the moment replayed; None for now."""
    until_ms = view.look.until_ms
    return None if until_ms is None else until_ms + 1 - view.interval.duration_ms


def _drawn(overlay: Overlay[Any], drawn: Drawn) -> DrawnOverlay:
    return DrawnOverlay(
        overlay.key,
        overlay.title,
        overlay.pane,
        drawn.shapes[overlay.key],
        overlay.guides,
        overlay.bounds,
    )


def _shown_ms(view: View, candles: CandleSeries, most: int) -> tuple[int, int] | None:
    """Return first and last open time of what the viewer sees; None before the first candle."""
    match view.shown:
        case (first_ms, last_ms):
            return first_ms, last_ms
        case int(bars):
            visible = candles.tail(min(bars, most))
        case None:
            visible = candles.tail(most)
    if len(visible) == 0:
        return None
    return int(visible.open_time_ms[0]), int(visible.open_time_ms[-1])


def _beside(market: MarketView) -> tuple[int, ...]:
    """Return sizes and newest times of what a view holds besides its candles."""
    flow = market.known_flow()
    counts = [len(market.known_footprints())]
    for times in (
        *(series.open_time_ms for series in market.others.values()),
        *(() if flow is None else (flow.open_time_ms,)),
    ):
        counts += [int(times.size), int(times[-1]) if times.size else 0]
    return tuple(counts)


def _mark(row: SignalRow) -> SignalMark:
    return SignalMark(
        open_time_ms=row.key.open_time_ms,
        interval=row.key.interval,
        direction=row.direction,
        strength=row.strength,
        score=row.score,
        confidence=row.confidence,
        entry=row.entry,
        stop=row.stop,
        target=row.target,
        reasons=row.reasons,
        outcome=outcome(row),
    )
