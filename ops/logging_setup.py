"""
Two log files that several processes of one home write together.

``trading.log`` tells how decisions came about, ``system.log`` everything else.
The runbook greps both, so a record is one line of UTC time, level, role,
logger and message, and nothing healthy may contain the word "error".
"""

import logging
import re
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from ops.shared_file import SharedFile
from ops.shared_file_handler import LostRecords, SharedFileHandler

TRADING_LOG: Final = "trading.log"
SYSTEM_LOG: Final = "system.log"
ROTATE_BYTES: Final = 10_000_000
ROTATING_ROLE: Final = "engine"
_TRADING_LOGGERS: Final = (
    "core.bar_evaluator",
    "core.companion_history",
    "core.engine",
    "core.feature_runner",
    "core.funding_book",
    "core.indicators",
    "core.overlay_runner",
    "core.overlays",
    "core.paper_trades",
    "core.signal_generator",
    "core.signals",
    "core.telemetry",
    "core.trading",
    "deepseek",
)
# Our own code speaks at the configured level, libraries only when something is wrong: at INFO
# they report every request, at DEBUG also headers and bodies.
_OUR_LOGGERS: Final = ("__main__", "core", "deepseek", "main", "ops", "scripts", "ui")
# A shorter secret is a placeholder for a local server; hiding it would eat ordinary words.
_SHORTEST_SECRET: Final = 6
_UVICORN: Final = "uvicorn.error"  # what uvicorn calls its lifecycle messages, good and bad
_CONTROL: Final = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {
    0x2028: "\\u2028",
    0x2029: "\\u2029",
    ord("\n"): "\\n",
    ord("\r"): "\\r",
    ord("\t"): " ",
}


def configure_logging(
    logs: Path, level: str, *, role: str, redact: Sequence[str] = ()
) -> ExitStack:
    """
    Send this process's log records to the files under ``logs``.

    Args:
        logs: Directory of the files; made when absent.
        level: Name of the lowest level that our own loggers write.
        role: Which process this is, a word in each line; only ``engine`` rotates.
        redact: Secrets of at least six characters; wherever one would be written,
            also in a traceback, ``***`` is.

    Returns:
        Closing it undoes all of this; a process that logs until it ends need not.
    """
    undo = ExitStack()
    layout = _Line(role, redact)
    lost = LostRecords()
    rotate_bytes = ROTATE_BYTES if role == ROTATING_ROLE else None
    for name, wanted in ((TRADING_LOG, _is_trading), (SYSTEM_LOG, _is_system)):
        handler = SharedFileHandler(SharedFile(logs / name, rotate_bytes=rotate_bytes), lost)
        handler.setFormatter(layout)
        handler.addFilter(wanted)
        logging.getLogger().addHandler(handler)
        undo.callback(handler.close)
        undo.callback(logging.getLogger().removeHandler, handler)
    for name in _OUR_LOGGERS:
        _set_level(name, level, undo)
    _set_level(_UVICORN, "INFO", undo)
    _set_level("uvicorn.access", "WARNING", undo)
    _set_level(None, "WARNING", undo)
    return undo


def _set_level(name: str | None, level: str, undo: ExitStack) -> None:
    logger = logging.getLogger(name)
    undo.callback(logger.setLevel, logger.level)
    logger.setLevel(level)


def _is_trading(record: logging.LogRecord) -> bool:
    return any(record.name == n or record.name.startswith(f"{n}.") for n in _TRADING_LOGGERS)


def _is_system(record: logging.LogRecord) -> bool:
    return not _is_trading(record)


class _Line(logging.Formatter):
    """
    ``2026-11-21T03:30:00.123Z INFO engine core.engine message``, secrets hidden.

    Hiding happens on the finished text, where arguments and tracebacks are already in
    it. Control characters are escaped: no message can forge a second line. Lines of
    a traceback follow, indented.
    """

    def __init__(self, role: str, redact: Sequence[str]) -> None:
        super().__init__()
        self._role = role
        self._hide = hiding(redact)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with its traceback if there is one."""
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        name = "uvicorn" if record.name == _UVICORN else record.name
        message = escaped(record.getMessage())
        text = (
            f"{seconds}.{int(record.msecs):03d}Z {record.levelname} {self._role} {name} {message}"
        )
        if record.exc_info and record.exc_info[0] is not None:
            text += _indented(self.formatException(record.exc_info))
        if record.stack_info:
            text += _indented(self.formatStack(record.stack_info))
        return self._hide(text)


def escaped(text: str) -> str:
    """Return a text as one line that can forge no other: control characters are escaped."""
    return text.translate(_CONTROL)


def hiding(secrets: Sequence[str]) -> Callable[[str], str]:
    """Return what replaces each secret; the longest first, as one may begin with another."""
    stripped = (secret.strip() for secret in secrets)
    words = [word for word in stripped if len(word) >= _SHORTEST_SECRET]
    if not words:
        return str
    pattern = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))
    return lambda text: pattern.sub("***", text)


def _indented(block: str) -> str:
    return "".join(f"\n    {line.translate(_CONTROL)}" for line in block.splitlines())
