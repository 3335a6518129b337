"""From a view to its figure, without Dash. Reads may touch files: never on the event loop."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.journal.overview import SignalRow
from core.model.candles import CandleSeries
from core.model.gap import Gap
from core.model.market_view import MarketView
from core.overlays import warm_up_candles
from ui.figures.missing_spans import MissingSpan
from ui.figures.numbers import decimals_of
from ui.figures.plotly_json import Figure
from ui.figures.price_chart import price_chart
from ui.figures.signal_marks import SignalMark
from ui.missing_candles import missing_spans
from ui.services import Services
from ui.signal_words import outcome
from ui.theme import DARK, Palette
from ui.view import View


@dataclass(frozen=True, slots=True)
class ChartStamp:
    """What a figure was drawn from; an equal stamp means an equal figure."""

    view: View
    bars: int
    newest_ms: int
    decimals: int
    marks: tuple[SignalMark, ...]
    note: str
    missing: tuple[MissingSpan, ...] = ()


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure and what it was drawn from."""

    figure: Figure
    stamp: ChartStamp


class ChartService:
    """Draw closed candles with the overlays a viewer picked."""

    def __init__(self, services: Services, palette: Palette = DARK) -> None:
        self._store = services.store
        self._feed = services.feed
        self._overlays = services.overlays
        self._shown = services.settings.dashboard.candles_shown
        self._palette = palette

    def chart(
        self,
        view: View,
        signals: Iterable[SignalRow],
        note: str = "",
        absent: Sequence[Gap] = (),
        *,
        known: ChartStamp | None = None,
    ) -> Chart | None:
        """
        Draw ``view`` as the store knows it now; None when that is what ``known`` shows.

        Args:
            view: Market and overlays.
            signals: Of any symbol.
            note: What is missing, in a line for people; told while too few candles are known.
            absent: 1m candles of the symbol that the exchange does not have.
            known: Of the figure the viewer has.

        Raises:
            KeyError: If an overlay of ``view`` does not exist.
        """
        overlays = [self._overlays[key] for key in view.overlays]
        limit = self._shown + warm_up_candles(overlays, view.interval)
        candles = self._store.candles(view.symbol, view.interval, limit=limit)
        note = note if len(candles) < self._shown else ""
        shown = candles.tail(self._shown)
        stamp = replace(
            self._stamp(view, candles, signals, note), missing=missing_spans(shown, absent)
        )
        if stamp == known:
            return None
        market = MarketView(candles)
        figure = price_chart(
            shown,
            [shape for o in overlays for shape in o.compute(market, o.defaults)],
            stamp.marks,
            stamp.missing,
            decimals=stamp.decimals,
            palette=self._palette,
        )
        figure["layout"]["meta"] |= {
            "overlays": list(view.overlays),
            "note": note,
            "stamp": f"{hash(stamp):x}",
        }
        return Chart(figure, stamp)

    def empty(self, view: View, note: str) -> Figure:
        """Draw nothing of ``view``, and say why."""
        candles = CandleSeries.empty(view.symbol, view.interval)
        figure = price_chart(candles, [], (), decimals=0, palette=self._palette)
        figure["layout"]["meta"] |= {
            "overlays": list(view.overlays),
            "note": note,
            "stamp": note,
        }
        return figure

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
