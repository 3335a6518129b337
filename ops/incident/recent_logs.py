"""The lines of the last hours of every log."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 8_000_000
"""Of one file, its newest: a log is put aside at ten million."""
MOST_BYTES_TOGETHER: Final = 30_000_000
_TIME: Final = re.compile(r'(?:\{"ts": ?")?(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)')
_HOUR_S: Final = 3600.0


def recent_logs(
    logs: Path, hours: float, now_s: float, *, chat: bool = True
) -> Iterator[tuple[str, str]]:
    """
    Yield each log by its name with its lines of the last hours; the newest files first.

    Args:
        logs: Their directory.
        hours: So far back.
        now_s: Seconds since the epoch.
        chat: Whether what people wrote to the chat is among them.

    Raises:
        OSError: If the directory or a file cannot be read.
    """
    since_s = now_s - hours * _HOUR_S
    since = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(since_s))
    left = MOST_BYTES_TOGETHER
    for path in _files(logs, since_s):
        if not chat and path.name.startswith("chat_history"):
            continue
        text = _tail(path, min(MOST_BYTES, left))
        left -= len(text)
        yield path.name, "".join(_since(text.splitlines(keepends=True), since))


def _files(logs: Path, since_s: float) -> list[Path]:
    found = [(p.stat().st_mtime, p) for p in (*logs.glob("*.log"), *logs.glob("*.jsonl"))]
    return [p for at, p in sorted(found, reverse=True) if at >= since_s and p.is_file()]


def _tail(path: Path, most: int) -> str:
    with path.open("rb") as file:
        begin = max(0, file.seek(0, 2) - most)
        file.seek(begin)
        data = file.read(most)
    if begin:  # the first line is torn
        data = data[data.find(b"\n") + 1 :]
    return data.decode("utf-8", "replace")


def _since(lines: list[str], since: str) -> Iterator[str]:
    """Yield lines from a time on; one without a time belongs to the one before."""
    recent = True
    for line in lines:
        found = _TIME.match(line)
        if found:
            recent = found[1] >= since
        if recent:
            yield line
