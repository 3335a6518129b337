"""What the panes of facts show of a view: what to ask for, and what of the answers is drawn."""

from collections.abc import Iterable
from typing import TypeVar

from core.data.market_facts_history import (
    RETRY_S,
    FactQuery,
    FactReading,
    FundingQuery,
    OpenInterestQuery,
)
from core.data.open_interest import KEPT_MS, MAX_SNAPSHOTS, Period
from core.model.candles import CandleSeries
from core.model.funding import Settlement
from core.model.intervals import Interval
from core.model.open_interest import OpenInterest
from ui.figures.fact_traces import FactNote, ShownFact, ShownFunding, ShownOpenInterest
from ui.look import FactPane
from ui.services import Services
from ui.view import View

Row = TypeVar("Row", Settlement, OpenInterest)

_DAY_MS = Interval.D1.duration_ms
_DEPTHS_DAYS = (30, 180)
"""Of funding: for a chart of minutes, and for one of days. At most five answers of 1,000."""
_TOO_OLD = FactNote(f"the exchange tells the last {KEPT_MS // _DAY_MS} days only")


class FactReader:
    """Asks for the facts of views, and reads what is known of them."""

    def __init__(self, services: Services) -> None:
        self._facts = services.facts
        self._feed = services.feed

    def want(self, view: View, bars: int) -> None:
        """Ask for what a view of so many candles shows; on the event loop."""
        now_ms = self._feed.market_time_ms()
        queries: list[FactQuery | None] = [
            funding_query(view, bars, now_ms)
            if pane is FactPane.FUNDING
            else open_interest_query(view, bars, now_ms)
            for pane in view.look.facts
        ]
        if queries:
            self._facts.want(query for query in queries if query is not None)

    def shown(self, view: View, bars: int, candles: CandleSeries) -> tuple[ShownFact, ...]:
        """
        Return what is known beside ``candles``, from the top.

        Nothing after the moment a view replays is in it.

        Args:
            view: What is shown.
            bars: Candles it is to show.
            candles: Those it shows.
        """
        if not view.look.facts or len(candles) == 0:
            return ()
        first_ms, now_ms = int(candles.open_time_ms[0]), self._feed.market_time_ms()
        return tuple(
            self._funding(view, funding_query(view, bars, now_ms), first_ms)
            if pane is FactPane.FUNDING
            else self._open_interest(view, open_interest_query(view, bars, now_ms), first_ms)
            for pane in view.look.facts
        )

    def _funding(self, view: View, query: FundingQuery, first_ms: int) -> ShownFunding:
        reading = self._facts.funding(query)
        rows = known_rows(reading.rows or (), first_ms, view.look.until_ms)
        return ShownFunding(rows, _note(reading, rows))

    def _open_interest(
        self, view: View, query: OpenInterestQuery | None, first_ms: int
    ) -> ShownOpenInterest:
        if query is None:
            return ShownOpenInterest(note=_TOO_OLD)
        reading = self._facts.open_interest(query)
        rows = known_rows(reading.rows or (), first_ms, view.look.until_ms)
        return ShownOpenInterest(rows, query.period.duration_ms, _note(reading, rows))


def funding_query(view: View, bars: int, now_ms: int | None) -> FundingQuery:
    """
    Return which settlements to ask for.

    Args:
        view: Of which market, and until when.
        bars: Candles it is to show.
        now_ms: The exchange's time; None before it is known.
    """
    until_ms, back_ms = view.look.until_ms, bars * view.interval.duration_ms
    if until_ms is not None and now_ms is not None:
        back_ms += max(0, now_ms - until_ms)
    days = next((days for days in _DEPTHS_DAYS if back_ms <= days * _DAY_MS), _DEPTHS_DAYS[-1])
    return FundingQuery(view.symbol, days)


def open_interest_query(view: View, bars: int, now_ms: int | None) -> OpenInterestQuery | None:
    """Return which snapshots to ask for; None where the exchange does not go back so far."""
    until_ms, span_ms = view.look.until_ms, bars * view.interval.duration_ms
    if until_ms is None:
        return OpenInterestQuery(view.symbol, period_for(view.interval, span_ms))
    # Of whole days, so that a replay does not ask anew with each candle.
    period = period_for(view.interval, span_ms + _DAY_MS)
    end_ms = until_ms - until_ms % _DAY_MS + _DAY_MS
    if now_ms is not None and end_ms < now_ms - KEPT_MS:
        return None
    is_past = now_ms is not None and end_ms <= now_ms
    return OpenInterestQuery(view.symbol, period, end_ms if is_past else None)


def period_for(interval: Interval, span_ms: int) -> Period:
    """Return the shortest period, of a candle at least, of which one answer holds the span."""
    wanted_ms = min(span_ms, KEPT_MS)
    return next(
        period
        for period in Period
        if period.duration_ms >= interval.duration_ms
        and period.duration_ms * MAX_SNAPSHOTS >= wanted_ms
    )


def known_rows(rows: Iterable[Row], first_ms: int, until_ms: int | None) -> tuple[Row, ...]:
    """Return what was known by ``until_ms``, from the last row by ``first_ms`` on."""
    known = [row for row in rows if until_ms is None or row.at_ms <= until_ms]
    earlier = sum(row.at_ms <= first_ms for row in known)
    return tuple(known[max(0, earlier - 1) :])


def _note(reading: FactReading[Row], rows: tuple[Row, ...]) -> FactNote:
    if reading.trouble:
        words = f"the exchange did not answer, next try in {RETRY_S:.0f} s"
        return FactNote(words, reading.trouble)
    if reading.rows is None:
        return FactNote("asking the exchange")
    return FactNote() if rows else FactNote("the exchange tells nothing of this time")
