"""When a server that does not answer is left in peace."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Permit:
    """
    Leave to make one attempt.

    Attributes:
        era: Counts how often the circuit has opened or closed before.
        is_probe: Whether this attempt decides if the server is asked again.
    """

    era: int
    is_probe: bool


class Circuit:
    """
    A circuit breaker: closed, open for a while, then one probe decides.

    Attempts are counted, not questions: retries of one question that fail are
    as much a sign as three questions. An attempt that was begun before the
    circuit last opened or closed tells of another time and decides nothing.
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
        self._era = 0

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

    def begin(self) -> Permit:
        """
        Note that an attempt is made that `refusal` had no objection to.

        Returns:
            What `record` or `abandon` is to be told when it has ended.
        """
        self._probing = not self.is_closed
        return Permit(self._era, self._probing)

    def record(self, permit: Permit, verdict: Verdict) -> None:
        """Note how an attempt ended."""
        if permit.era != self._era:
            return
        if not is_outage(verdict):
            self._answered(permit)
            return
        self._failures += 1
        if permit.is_probe or self._failures >= self._failures_to_open:
            self._turn(self._monotonic() + self._open_for_s)
            logger.warning(
                "analyst left in peace for_s=%g failures=%d", self._open_for_s, self._failures
            )

    def abandon(self, permit: Permit) -> None:
        """Note that an attempt was given up by us: it says nothing about the server."""
        if permit.era == self._era:
            self._probing = False

    def _answered(self, permit: Permit) -> None:
        self._failures = 0
        if permit.is_probe:
            self._turn(None)
            logger.info("analyst answers again")

    def _turn(self, opens_until_s: float | None) -> None:
        """Begin another era: open until an instant, or closed."""
        self._opens_until_s, self._probing = opens_until_s, False
        self._era += 1
