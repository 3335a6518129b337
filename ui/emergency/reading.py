"""What is known of an emergency stop: from the latch, and from the log where we did not see it."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from ops.emergency.emergency_log import EMERGENCY_LOG
from ops.emergency.proof import LATCH, Proof, Step, clock_text

_LOG_BYTES: Final = 64 * 1024  # the end of the log: hundreds of lines, a stop has about ten
_SET = re.compile(r" is there: (?P<at>[0-9TZ:.-]{20,30}) (?P<who>.+?): (?P<why>.*)")
_STEP = re.compile(
    r"(?P<at>\S+Z) (?P<name>[a-z]+) +(?P<mark>held|NOT HELD) +(?P<took>[0-9.]+) s  (?P<result>.*)"
)
_BEGUN, _RESUMED = "EMERGENCY STOP TRIGGERED", "RESUMED"


@dataclass(frozen=True, slots=True)
class Row:
    """
    A step that was taken.

    Attributes:
        at: UTC, as `clock_text` writes it.
    """

    at: str
    name: str
    took_s: float
    held: bool
    result: str

    @classmethod
    def of(cls, step: Step) -> "Row":
        """Return a step of a stop that we run."""
        at = clock_text(step.at_ms)
        return cls(at, step.name, round(step.took_s, 3), step.held, step.result)


@dataclass(frozen=True, slots=True)
class Emergency:
    """
    Attributes:
        latched: Why nothing may be entered; empty when the latch is off.
        at, who, why: Of the one who set the latch; empty where the file does not tell.
        is_stopping: Whether a stop of this page is being carried out.
        rows: Steps of the last stop.
        verdict: Its last line; empty before.
        backup: Name of the backup that it made; empty for none.
    """

    latched: str = ""
    at: str = ""
    who: str = ""
    why: str = ""
    is_stopping: bool = False
    rows: tuple[Row, ...] = ()
    verdict: str = ""
    backup: str = ""

    def told(self) -> dict[str, Any]:
        """Return it for the script."""
        return asdict(self)


def set_by(latched: str) -> tuple[str, str, str]:
    """Return when, by whom and why, of what the latch says; empty where it does not say."""
    match = _SET.search(latched)
    return ("", "", "") if match is None else (match["at"], match["who"], match["why"])


def of_proof(proof: Proof) -> tuple[str, str]:
    """Return verdict and backup of a stop that has been carried out."""
    return proof.verdict, "" if proof.backup is None else proof.backup.name


def logged_rows(logs: Path) -> tuple[Row, ...]:
    """Return the steps of the last stop in the log; none after it was resumed or cannot be read."""
    return tuple(_rows(_last_stop(_tail(logs / EMERGENCY_LOG).splitlines())))


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - _LOG_BYTES))
            return file.read(_LOG_BYTES).decode(errors="replace")
    except OSError:
        return ""


def _last_stop(lines: list[str]) -> list[str]:
    """Return the lines of the last stop; its latch is logged before its beginning."""
    marks = [n for n, line in enumerate(lines) if line[25:].startswith((_BEGUN, _RESUMED))]
    if not marks or lines[marks[-1]][25:].startswith(_RESUMED):
        return []
    begun = marks[-1]
    before = [line for line in lines[max(0, begun - 1) : begun] if f"Z {LATCH} " in line]
    return before + lines[begun + 1 :]


def _rows(lines: Iterable[str]) -> Iterator[Row]:
    for line in lines:
        match = _STEP.fullmatch(line)
        if match is not None:
            yield Row(
                match["at"],
                match["name"],
                float(match["took"]),
                match["mark"] == "held",
                match["result"],
            )
