"""What an emergency stop did: each step with its time and what came of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

LATCH = "latch"
POSITIONS = "positions"
BACKUP = "backup"
LOG = "log"
_AFTER_THE_PROCESSES = frozenset({POSITIONS, BACKUP, LOG})


@dataclass(frozen=True, slots=True)
class Step:
    """
    One step of the stop.

    Attributes:
        name: ``latch``, the role of a process, ``positions``, ``backup`` or ``log``.
        at_ms: When it began, by this machine's clock.
        took_s: Monotonic.
        ended_s: Monotonic, since the stop began.
        held: Whether what it is for holds now.
        result: What was done, or why it does not hold; one line.
    """

    name: str
    at_ms: int
    took_s: float
    ended_s: float
    held: bool
    result: str

    @property
    def line(self) -> str:
        """The step as a line for people."""
        return f"{clock_text(self.at_ms)} {self.words}"

    @property
    def words(self) -> str:
        """The step without its time."""
        mark = "held" if self.held else "NOT HELD"
        return f"{self.name:<10} {mark:<8} {self.took_s:7.3f} s  {self.result}"


@dataclass(frozen=True, slots=True)
class Proof:
    """
    The whole stop of one home.

    Attributes:
        who: Name of the account on this machine that asked.
        reason: In that person's words; one line.
        begun_ms: By this machine's clock.
        backup: Where the backup is; None when none was made.
    """

    home: Path
    who: str
    reason: str
    begun_ms: int
    steps: tuple[Step, ...]
    backup: Path | None = None

    @property
    def held(self) -> bool:
        """Whether every step holds."""
        return all(step.held for step in self.steps)

    @property
    def latched(self) -> bool:
        """Whether nothing can be entered any more."""
        return any(step.held for step in self.steps if step.name == LATCH)

    @property
    def ended_s(self) -> float:
        """Seconds until the latch was set and the processes had ended."""
        return max(
            (step.ended_s for step in self.steps if step.name not in _AFTER_THE_PROCESSES),
            default=0.0,
        )

    @property
    def failed(self) -> tuple[str, ...]:
        """Names of the steps that do not hold."""
        return tuple(step.name for step in self.steps if not step.held)

    def lines(self) -> Iterator[str]:
        """Tell it to people."""
        yield f"EMERGENCY STOP of {self.home} by {self.who}: {self.reason}"
        for step in self.steps:
            yield step.line
        yield self.verdict

    @property
    def verdict(self) -> str:
        """The last line: whether all held."""
        if self.held:
            return f"Everything held; latched and ended after {self.ended_s:.2f} s."
        return f"NOT EVERYTHING HELD: {', '.join(self.failed)}"

    def values(self) -> dict[str, Any]:
        """Return the proof for JSON."""
        return {
            "home": str(self.home),
            "who": self.who,
            "reason": self.reason,
            "begun_ms": self.begun_ms,
            "held": self.held,
            "latched": self.latched,
            "ended_s": round(self.ended_s, 3),
            "backup": None if self.backup is None else self.backup.name,
            "steps": [
                {
                    "name": step.name,
                    "at_ms": step.at_ms,
                    "took_s": round(step.took_s, 3),
                    "held": step.held,
                    "result": step.result,
                }
                for step in self.steps
            ],
        }


def clock_text(at_ms: int) -> str:
    """Return an instant as ``2026-11-21T03:30:00.123Z``."""
    instant = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"
