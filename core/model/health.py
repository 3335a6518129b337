"""How a part of the installation does: a level, and why; the words that health and alarms share."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """From good to bad; what is not known is its own word and never bad."""

    OK = "ok"
    UNKNOWN = "unknown"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def is_bad(self) -> bool:
        """Whether somebody should look."""
        return self in {Level.WARNING, Level.CRITICAL}

    @property
    def rank(self) -> int:
        """Grows with how bad it is: of several, the highest speaks for all."""
        return _RANKS[self]


_RANKS = {Level.OK: 0, Level.UNKNOWN: 1, Level.WARNING: 2, Level.CRITICAL: 3}


@dataclass(frozen=True, slots=True)
class Finding:
    """
    What a rule says of one component.

    Attributes:
        component: Name in snake case, steady over time: alarms are known by it.
        reason: For people; names the value and the limit where there are any.
        value: That was judged, in ``unit``; None where there is none or it is not known.
        age_s: Of what the finding rests on, by the monotonic clock; None where it does not age.
        since_ms: Since when the component has been at this level, UTC by this machine's clock.
    """

    component: str
    level: Level
    reason: str
    value: float | None = None
    unit: str = ""
    age_s: float | None = None
    since_ms: int | None = None

    def __post_init__(self) -> None:
        if not self.component.isidentifier():
            raise ValueError(f"component {self.component!r:.80}: must be a name in snake case")


def worst(findings: "tuple[Finding, ...]") -> Level:
    """Return the level that speaks for all; OK of nothing."""
    return max((f.level for f in findings), key=lambda level: level.rank, default=Level.OK)
