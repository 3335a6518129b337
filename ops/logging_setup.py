"""
Log files that several processes of one home write together.

``trading.log`` tells how decisions came about, ``cache_manager.log`` of backups and clean-up,
``chat_history.log`` what people asked for, ``system.log`` everything else. The runbook greps
them: a record is one line of UTC time, level, role, logger and message, and nothing healthy may
contain the word "error".
"""

import logging
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from core.config import ConfigError, Home, Settings, load_settings
from core.config.operations import LoggingSettings
from core.config.secrets import secrets_of
from ops.logs.console import console_rotation, hide_output, log_uncaught
from ops.logs.files import CONSOLE_LOG, LOGGED, file_of
from ops.logs.keeper import LogKeeper
from ops.logs.layouts import Format, escaped, layout
from ops.logs.levels import AskedLevel, set_levels
from ops.logs.redaction import hiding
from ops.logs.rotation import Rotation
from ops.shared_file import SharedFile
from ops.shared_file_handler import LostRecords, SharedFileHandler

__all__ = [
    "configure_logging", "escaped", "hiding", "log_of_command", "log_of_role",
]  # fmt: skip


def configure_logging(
    logs: Path,
    level: str,
    *,
    role: str,
    redact: Sequence[str] = (),
    form: Format = "text",
    rotation: Rotation | None = None,
) -> ExitStack:
    """
    Send this process's log records to the files under ``logs``.

    Args:
        logs: Directory of the files; made when absent.
        level: Name of the lowest level that our own loggers write.
        role: Which process this is, a word in each line.
        redact: Secrets of at least six characters; wherever one would be written,
            also in a traceback, ``***`` is.
        form: ``text``, or ``json`` for one object a line.
        rotation: When a file is put aside, and for how long; None for the usual.

    Returns:
        Closing it undoes all of this; a process that logs until it ends need not.
    """
    undo = ExitStack()
    lines = layout(form, role, redact)
    lost = LostRecords()
    for name in LOGGED:
        handler = SharedFileHandler(SharedFile(logs / name, rotation or Rotation()), lost)
        handler.setFormatter(lines)
        handler.addFilter(_Of(name))
        logging.getLogger().addHandler(handler)
        undo.callback(handler.close)
        undo.callback(logging.getLogger().removeHandler, handler)
    undo.push(set_levels(level))
    return undo


def log_of_role(home: Home, settings: Settings, role: str) -> None:
    """
    Log for a long-lived process until it ends, by its configuration.

    What it prints shows no secret from now on, what nobody catches is logged, and its level can
    be changed.
    """
    told, redact = settings.logging, secrets_of(settings)
    rotation, console = Rotation(keep_days=told.keep_days), home.logs / CONSOLE_LOG
    configure_logging(
        home.logs, told.level, role=role, redact=redact, form=told.format, rotation=rotation
    )
    for name in (*LOGGED, CONSOLE_LOG):
        with suppress(OSError):  # a disk without room or rights is told by what writes to it
            rotation.expire(home.logs / name)
    hide_output(hiding(redact))
    log_uncaught()
    asked = AskedLevel(home.run, role, told.level)
    LogKeeper(asked, console, console_rotation(told.keep_days)).start()


def log_of_command(home: Home) -> ExitStack:
    """
    Log for a command that takes care of a home, also where the configuration cannot be used.

    Closing what is returned ends it.
    """
    from ops.logs.known_secrets import secrets_at_hand  # noqa: PLC0415 - it imports us

    try:
        told = load_settings().logging
    except ConfigError:  # the command itself says so where it needs one
        told = LoggingSettings(level="INFO")
    return configure_logging(
        home.logs,
        told.level,
        role="command",
        redact=secrets_at_hand(),
        form=told.format,
        rotation=Rotation(keep_days=told.keep_days),
    )


class _Of(logging.Filter):
    """Lets pass what belongs to one file."""

    def __init__(self, file: str) -> None:
        super().__init__()
        self._file = file

    def filter(self, record: logging.LogRecord) -> bool:
        return file_of(record) == self._file
