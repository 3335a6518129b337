"""When a server that does not answer is left in peace."""

import logging
from collections.abc import Callable
from typing import Final

from core.model.verdict import Abstention, AbstentionReason, Verdict

logger = logging.getLogger(__name__)

# Where no answer came, or asking again is in vain until somebody has mended something. An answer
# with wrong content is no outage: it shows that the server is there. A question that the server
# calls faulty is none either: the next one may be better.
_OUTAGES: Final = frozenset(
    {
        AbstentionReason.TIMEOUT,
        AbstentionReason.NETWORK,
        AbstentionReason.CUT_OFF,
        AbstentionReason.NO_BODY,
        AbstentionReason.NOT_A_COMPLETION,
        AbstentionReason.RATE_LIMIT,
        AbstentionReason.SERVER,
        AbstentionReason.OVERLOADED,
        AbstentionReason.RESOURCE,
        AbstentionReason.AUTHENTICATION,
        AbstentionReason.BALANCE,
        AbstentionReason.UNKNOWN_MODEL,
    }
)


def is_outage(verdict: Verdict) -> bool:
    """Whether an attempt's verdict speaks of the server rather than of an answer."""
    return isinstance(verdict, Abstention) and verdict.reason in _OUTAGES


class Circuit:
    """
    A circuit breaker: closed, open for a while, then one probe decides.

    Attempts are counted, not questions: retries of one question that fail are
    as much a sign as three questions.
    """

    def __init__(
        self, *, failures_to_open: int, open_for_s: float, monotonic: Callable[[], float]
    ) -> None:
        self._failures_to_open = failures_to_open
        self._open_for_s = open_for_s
        self._monotonic = monotonic
        self._opens_until_s: float | None = None
        self._probing = False
        self._failures = 0

    @property
    def is_closed(self) -> bool:
        """Whether questions pass freely."""
        return self._opens_until_s is None

    def refusal(self) -> str:
        """Return why no attempt may be made now, in words; empty when one may."""
        if self._opens_until_s is None:
            return ""
        wait_s = self._opens_until_s - self._monotonic()
        if wait_s > 0.0:
            return f"left in peace for {max(1, round(wait_s))} s after {self._failures} failures"
        return "another question is probing whether it answers again" if self._probing else ""

    def begin(self) -> None:
        """Note that an attempt is made that `refusal` had no objection to."""
        self._probing = not self.is_closed

    def record(self, verdict: Verdict) -> None:
        """Note how an attempt ended."""
        if not is_outage(verdict):
            if not self.is_closed:
                logger.info("analyst answers again")
            self._opens_until_s, self._failures, self._probing = None, 0, False
            return
        self._failures += 1
        if self._probing or (self.is_closed and self._failures >= self._failures_to_open):
            self._opens_until_s = self._monotonic() + self._open_for_s
            logger.warning(
                "analyst left in peace for_s=%g failures=%d", self._open_for_s, self._failures
            )
        self._probing = False

    def abandon(self) -> None:
        """Note that an attempt was given up by us: it says nothing about the server."""
        self._probing = False
