"""Log records into shared files, and few words on stderr when a file does not take them."""

import logging
import sys
import time
from collections.abc import Callable
from typing import TextIO

from ops.shared_file import SharedFile

_COMPLAIN_EVERY_S = 60.0


class LostRecords:
    """
    Counts what could not be logged, and says so once a minute in one line.

    Args:
        stream: Where it is said; None is what stderr is by then.
        monotonic: Time, for tests.
    """

    def __init__(
        self, stream: TextIO | None = None, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._monotonic = monotonic
        self._lost = 0
        self._said_s = float("-inf")

    def lose(self, error: OSError) -> None:
        """Count a record, and complain if it is time to."""
        self._lost += 1
        now_s = self._monotonic()
        if now_s - self._said_s >= _COMPLAIN_EVERY_S:
            self._said_s = now_s
            where = f" to {error.filename}" if error.filename else ""
            self._say(f"log not written{where}: {error.strerror}; lines lost: {self._lost}")
            self._lost = 0

    def _say(self, line: str) -> None:
        try:
            print(line, file=self._stream or sys.stderr, flush=True)
        except (OSError, ValueError):
            # Often a file of the same full disk, or closed: nobody is left to be told.
            return


class SharedFileHandler(logging.StreamHandler[SharedFile]):
    """Write each record to a `SharedFile` in one piece; one that does not fit is lost."""

    def __init__(self, file: SharedFile, lost: LostRecords | None = None) -> None:
        super().__init__(file)
        self._lost = lost or LostRecords()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Be brief about a disk; anything else is a mistake of ours and told as ever."""
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            self._lost.lose(error)
        else:
            super().handleError(record)

    def close(self) -> None:
        """Close the file; a later record would open it again."""
        self.stream.close()
        super().close()
