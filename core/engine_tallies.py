"""What the engine counts of its work, for whoever watches it."""

from collections.abc import Mapping
from typing import Final

from core.model.candles import CandleUpdate
from core.model.intervals import MINUTE_MS
from core.model.signal import Decision, Outcome
from core.tally import Distribution, Spread, Tally

# Up to the lateness from which a bar is no occasion to trade, then up to a fetch that hung.
_LAGS_S: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0)
UNNAMED: Final = "other"


class EngineTallies:
    """Counts decisions, refusals and how late closes are heard; any thread may ask."""

    def __init__(self) -> None:
        self._outcomes: Tally[Outcome] = Tally()
        self._refusals: Tally[str] = Tally()
        self._close_lags = Distribution(_LAGS_S)

    def decided(self, decision: Decision) -> None:
        """Count a decision that has its row."""
        self._outcomes.add(decision.outcome)
        if decision.outcome is Outcome.REFUSED:
            self._refusals.add(_code(decision.reason))

    def heard(self, closed: CandleUpdate, market_ms: int | None) -> None:
        """
        Count how late the close of a 1m candle is heard, by the market's time.

        Args:
            closed: The candle.
            market_ms: Now; by then other news may have been told before this.
        """
        now_ms = max(closed.event_time_ms, market_ms or 0)
        self._close_lags.add((now_ms - closed.candle.open_time_ms - MINUTE_MS) / 1000.0)

    def outcomes(self) -> Mapping[Outcome, float]:
        """Return how many decisions ended in what; all that there are, also those at zero."""
        return dict.fromkeys(Outcome, 0) | dict(self._outcomes.sums())

    def refusals(self) -> Mapping[str, float]:
        """Return how often the risk gate refused, by its code."""
        return self._refusals.sums()

    def close_lags(self) -> Spread:
        """Return the seconds from the end of a minute to when its candle was heard closed."""
        return self._close_lags.spread()


def _code(reason: str) -> str:
    """Return the code a refusal begins with; words for people never become a key."""
    code, mark, _ = reason.partition(":")
    return code if mark and code.isascii() and code.isidentifier() else UNNAMED
