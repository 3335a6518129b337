"""From which level our loggers speak, and how that is changed while a process runs."""

import logging
import os
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from ops.logs.layouts import UVICORN

LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR")
CONFIGURED: Final = "CONFIG"
"""Asked for instead of a level: what the configuration says."""
# Our own code speaks at the configured level, libraries only when something is wrong: at INFO
# they report every request, at DEBUG also headers and bodies.
_OURS: Final = ("__main__", "core", "deepseek", "main", "ops", "scripts", "ui")

logger = logging.getLogger(__name__)


def set_levels(level: str) -> ExitStack:
    """Let our loggers speak from a level on; closing what is returned undoes it."""
    undo = ExitStack()
    for name in _OURS:
        _set(name, level, undo)
    _set(UVICORN, "INFO", undo)
    _set("uvicorn.access", "WARNING", undo)
    _set(None, "WARNING", undo)
    return undo


def ask_level(run: Path, role: str, level: str) -> None:
    """
    Ask the process of a role to speak from a level on; it looks within seconds.

    Raises:
        OSError: If the wish cannot be written.
    """
    wish = _wish(run, role)
    draft = wish.with_name(f"{wish.name}.{os.getpid()}")
    try:
        draft.write_text(level, encoding="ascii")
        draft.replace(wish)
    finally:
        draft.unlink(missing_ok=True)


class AskedLevel:
    """
    What was asked of this process since it began; a wish of before was not for it, and goes.

    Args:
        run: Where wishes are.
        role: Of this process.
        configured: The level it began with.
    """

    def __init__(self, run: Path, role: str, configured: str) -> None:
        self._path = _wish(run, role)
        self._configured = configured
        self.level = configured
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def look(self) -> None:
        """Obey a wish, and say so at whichever level is heard."""
        wanted = self._taken()
        if wanted in LEVELS and wanted != self.level:
            self._change(wanted)

    def _change(self, wanted: str) -> None:
        louder = LEVELS.index(wanted) < LEVELS.index(self.level)
        for name in _OURS:
            if louder:
                logging.getLogger(name).setLevel(wanted)
        logger.info("log level changed on request: from=%s to=%s", self.level, wanted)
        for name in _OURS:
            logging.getLogger(name).setLevel(wanted)
        self.level = wanted

    def _taken(self) -> str:
        """Return the wish and remove it; empty when there is none."""
        if not self._path.exists():
            return ""
        taken = self._path.with_name(f"{self._path.name}.taken")
        try:
            self._path.rename(taken)  # first: another wish may come now
            told = taken.read_text(encoding="ascii", errors="replace").strip()
            taken.unlink()
        except OSError:
            return ""
        return self._configured if told == CONFIGURED else told


def _wish(run: Path, role: str) -> Path:
    return run / f"{role}.log-level"


def _set(name: str | None, level: str, undo: ExitStack) -> None:
    found = logging.getLogger(name)
    undo.callback(found.setLevel, found.level)
    found.setLevel(level)
