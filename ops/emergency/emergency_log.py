"""``logs/emergency.log``: each stop with its steps, and each resumption."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from ops.emergency.proof import clock_text
from ops.logging_setup import escaped
from ops.shared_file import SharedFile

EMERGENCY_LOG: Final = "emergency.log"


class EmergencyLog:
    """
    Append lines; whether each was written is told, never raised.

    Args:
        logs: Directory of the file; made when absent.
        clock_ms: This machine's clock, for tests.
    """

    def __init__(
        self, logs: Path, *, clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    ) -> None:
        self._file = SharedFile(logs / EMERGENCY_LOG)
        self._clock_ms = clock_ms
        self.fault = ""
        """Why the first line that was not written was not; empty when all were."""

    def write(self, words: str) -> None:
        """Append one line with the time."""
        try:
            self._file.write(f"{clock_text(self._clock_ms())} {escaped(words)}\n")
        except OSError as error:
            self.fault = self.fault or f"{error.filename or EMERGENCY_LOG}: {error.strerror}"

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
