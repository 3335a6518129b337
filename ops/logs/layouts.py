"""How a record becomes a line: for people and grep, or one JSON object."""

import json
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final, Literal

from ops.logs.redaction import hiding

Format = Literal["text", "json"]
UVICORN: Final = "uvicorn.error"  # what uvicorn calls its lifecycle messages, good and bad
_CONTROL: Final = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {
    0x2028: "\\u2028",
    0x2029: "\\u2029",
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): " ",
}


def layout(form: Format, role: str, redact: Sequence[str] = ()) -> logging.Formatter:
    """
    Return what makes lines of records.

    Args:
        form: ``text`` or ``json``.
        role: Which process this is, a word in each line.
        redact: Secrets that are written as ``***``.
    """
    return (_Json if form == "json" else _Text)(role, hiding(redact))


def escaped(text: str) -> str:
    """Return a text as one line that can forge no other: control characters are escaped."""
    return text.translate(_CONTROL)


class _Text(logging.Formatter):
    """
    ``2026-11-21T03:30:00.123Z INFO engine core.engine message``, secrets hidden.

    Hiding happens on the finished text, where arguments and tracebacks are already in
    it. Control characters are escaped: no message can forge a second line. Lines of
    a traceback follow, indented.
    """

    def __init__(self, role: str, hide: Callable[[str], str]) -> None:
        super().__init__()
        self._role = role
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with its traceback if there is one."""
        message = escaped(record.getMessage())
        head = f"{_time(record)} {record.levelname} {self._role} {_name(record)}"
        return self._hide(f"{head} {message}{_indented(_traceback(self, record))}")


class _Json(logging.Formatter):
    """
    One object a line with the keys ts, level, role, logger, message, exc; secrets hidden.

    Hiding comes before the encoding, which may spell a secret otherwise, and never breaks it.
    """

    def __init__(self, role: str, hide: Callable[[str], str]) -> None:
        super().__init__()
        self._role = role
        self._hide = hide

    def format(self, record: logging.LogRecord) -> str:
        """Return the object; ``exc`` is the traceback, or null."""
        trace = _traceback(self, record)
        told = {
            "ts": _time(record),
            "level": record.levelname,
            "role": self._role,
            "logger": _name(record),
            "message": self._hide(record.getMessage()),
            "exc": self._hide(trace) if trace else None,
        }
        return json.dumps(told)


def _time(record: logging.LogRecord) -> str:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    return f"{seconds}.{int(record.msecs):03d}Z"


def _name(record: logging.LogRecord) -> str:
    return "uvicorn" if record.name == UVICORN else record.name


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    blocks = []
    if record.exc_info and record.exc_info[0] is not None:
        blocks.append(formatter.formatException(record.exc_info))
    if record.stack_info:
        blocks.append(formatter.formatStack(record.stack_info))
    return "\n".join(blocks)


def _indented(block: str) -> str:
    return "".join(f"\n    {line.translate(_CONTROL)}" for line in block.splitlines())
