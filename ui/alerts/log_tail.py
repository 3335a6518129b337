"""The newest lines of the logs, read from their ends."""

import json
import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ui.view import View

MOST_LINES: Final = 200
_TAIL_BYTES: Final = 131_072
"""Read of each file; two hundred lines of six hundred characters."""
_LONGEST: Final = 2_000
_ROTATED: Final = re.compile(r"\.\d+$")
_HEAD: Final = re.compile(
    r"^(\d{4}-\d{2}-\d{2}T[0-9:.]+Z) (?:(DEBUG|INFO|WARNING|ERROR|CRITICAL) )?"
)


@dataclass(frozen=True, slots=True)
class LogLine:
    """
    Attributes:
        key: The same for the same line as long as its file is not moved.
        file: Its name without ``.log``.
        at: As the line begins; of a line that belongs to the one before, that one's.
        level: Empty where the line has none.
    """

    key: str
    file: str
    at: str
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class LogTail:
    """The newest lines of all files, oldest first; ``faults`` say which could not be read."""

    lines: tuple[LogLine, ...] = ()
    files: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


class LogReader:
    """
    Read a file only when it has changed, however many pages look.

    Args:
        logs: The directory.
    """

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._known: dict[str, tuple[tuple[int, int], tuple[LogLine, ...]]] = {}
        self._lock = threading.Lock()

    def tail(self, _: View) -> LogTail:
        """Return what is there now."""
        with self._lock:
            return self._tail()

    def _tail(self) -> LogTail:
        found: list[LogLine] = []
        faults: list[str] = []
        paths = sorted(p for p in self._logs.glob("*.log") if not _ROTATED.search(p.stem))
        for path in paths:
            try:
                found += self._lines(path)
            except FileNotFoundError:  # it is being rotated
                continue
            except OSError as error:
                faults.append(f"{path.name}: {error.strerror}")
        found.sort(key=lambda line: line.at)  # stable: lines of one file stay in their order
        names = tuple(path.stem for path in paths)
        return LogTail(tuple(found[-MOST_LINES:]), names, tuple(faults))

    def _lines(self, path: Path) -> tuple[LogLine, ...]:
        with path.open("rb") as file:
            stat = os.fstat(file.fileno())
            state = stat.st_ino, stat.st_size
            known = self._known.get(path.name)
            if known is not None and known[0] == state:
                return known[1]
            begin = max(0, stat.st_size - _TAIL_BYTES)
            file.seek(begin)
            data = file.read(_TAIL_BYTES)
        lines = _parsed(path.stem, f"{path.stem}-{stat.st_ino}", begin, data)
        self._known[path.name] = state, lines
        return lines


def _read(text: str) -> tuple[str, str, str]:
    """Return time, level and words of a line, plain or JSON; what it has not is empty."""
    if text.startswith("{"):
        try:
            told = json.loads(text)
            head = f"{told['ts']} {told['level']} {told['role']} {told['logger']}"
            why = f" {told['exc'].splitlines()[-1]}" if told["exc"] else ""
            return str(told["ts"]), str(told["level"]), f"{head} {told['message']}{why}"
        except (ValueError, KeyError, TypeError):
            return "", "", text
    found = _HEAD.match(text)
    return (found[1], found[2] or "", text) if found else ("", "", text)


def _parsed(name: str, origin: str, begin: int, data: bytes) -> tuple[LogLine, ...]:
    """Split whole lines; the first is left out where it may be torn, the last while it is."""
    lines: list[LogLine] = []
    offset, at = begin, ""
    for i, raw in enumerate(data.splitlines(keepends=True)):
        start, offset = offset, offset + len(raw)
        if (i == 0 and begin > 0) or not raw.endswith(b"\n"):
            continue
        text = raw.decode(errors="replace").rstrip()
        when, level, text = _read(text)
        at = when or at
        if text:
            lines.append(LogLine(f"{origin}-{start}", name, at, level, text[:_LONGEST]))
    return tuple(lines[-MOST_LINES:])
