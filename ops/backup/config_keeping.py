"""Keeps the last configuration with which the engine came up, beside the one in force."""

import asyncio
import logging
import os
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from ops.backup.places import config_file

logger = logging.getLogger(__name__)

SUFFIX: Final = ".backup"
CLEAN_START_S: Final = 10.0
"""An engine that has run for so long has come up: what it cannot use ends it before that."""


class ConfigKeeper:
    """
    Remember a configuration as it is now, and keep it once it has proved good.

    Args:
        path: The configuration; by default the one in force.
        after_s: How long the engine has to run.
        sleep: For tests.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        after_s: float = CLEAN_START_S,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._path = path or config_file()
        self._after_s = after_s
        self._sleep = sleep
        # Now, not later: somebody may be editing it when the ten seconds are over.
        self._text, self._mode = _read(self._path)

    async def run(self) -> None:
        """Wait for as long as a clean start takes, then keep it."""
        await self._sleep(self._after_s)
        await asyncio.to_thread(self.keep)

    def keep(self) -> bool:
        """Write it to ``config.yaml.backup``; false when that holds it already, or cannot."""
        kept = self._path.with_name(f"{self._path.name}{SUFFIX}")
        if self._text is None or _read(kept)[0] == self._text:
            return False
        draft = kept.with_name(f".{kept.name}.{os.getpid()}.draft")
        try:
            _write(draft, self._text, self._mode)
            draft.replace(kept)
        except OSError as error:  # where the configuration lies may be read-only
            logger.warning("configuration not kept: path=%s reason=%s", kept, error.strerror)
            draft.unlink(missing_ok=True)
            return False
        logger.info("configuration kept as the last that started cleanly: path=%s", kept)
        return True


def _read(path: Path) -> tuple[bytes | None, int]:
    try:
        return path.read_bytes(), stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None, 0


def _write(path: Path, text: bytes, mode: int) -> None:
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
    with os.fdopen(opened, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
