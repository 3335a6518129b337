"""Which stretch of time, symbol and account figures are asked for, parsed from a request."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.model.instrument import is_symbol
from core.model.source import Source
from ops.metric_windows import Period, Window


class QuestionError(ValueError):
    """Somebody asked for a stretch, a symbol or an account that there cannot be."""


@dataclass(frozen=True, slots=True)
class Question:
    """
    Attributes:
        since_ms: In place of a period: from then on, in feed time.
        symbol: None for all of them.
    """

    period: Period = Period.ALL
    since_ms: int | None = None
    symbol: str | None = None

    def window(self, newest_ms: int) -> Window:
        """Return the stretch that ends with the newest recorded instant."""
        window = self.period.until(newest_ms)
        if self.since_ms is None:
            return window
        end_ms = max(self.since_ms, window.end_ms)
        return replace(window, name="since", start_ms=self.since_ms, end_ms=end_ms)

    @property
    def words(self) -> str:
        """A part of a file's name: ``week_BTCUSDT``."""
        stretch = self.period.value
        if self.since_ms is not None:
            stretch = f"since_{datetime.fromtimestamp(self.since_ms / 1000, UTC):%Y-%m-%dT%H%M}"
        return "_".join(part for part in (stretch, self.symbol) if part)


def question_of(period: str, since: str, symbol: str) -> Question:
    """
    Read what a browser sent; an empty text means that nothing was chosen.

    Args:
        period: ``day``, ``week``, ``month`` or ``all``; of no effect beside ``since``.
        since: ISO date or time, UTC unless it names an offset.
        symbol: Of the exchange.

    Raises:
        QuestionError: If one of them is anything else.
    """
    upper = symbol.strip().upper()
    if upper and not is_symbol(upper):
        raise QuestionError(f"{symbol!r:.40} cannot be a symbol")
    try:
        stretch = Period(period or Period.ALL)
    except ValueError:
        raise QuestionError(f"period {period!r:.40} is none of {', '.join(Period)}") from None
    since_ms = _since_ms(since)
    return Question(Period.ALL if since_ms is not None else stretch, since_ms, upper or None)


def source_of(account: str) -> Source:
    """Return the account of a name, empty for the one as traded; raises `QuestionError`."""
    try:
        return Source(account or Source.POLICY)
    except ValueError:
        raise QuestionError(f"account {account!r:.40} is none of {', '.join(Source)}") from None


def _since_ms(text: str) -> int | None:
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        at_utc = (at.replace(tzinfo=UTC) if at.tzinfo is None else at).astimezone(UTC)
    except (ValueError, OverflowError):  # such as the year 10000 of another offset's 9999-12-31
        raise QuestionError(f"{text!r:.40} is no date or time such as 2026-11-21T06:00") from None
    return max(0, round(at_utc.timestamp() * 1000))
