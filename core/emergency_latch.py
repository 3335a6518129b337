"""The emergency latch: while anything is in its place, nothing may be entered."""

import os
import stat
from pathlib import Path

_LONGEST_WORDS = 200  # bytes, of a file that anybody may have written


class EmergencyLatch:
    """
    Looks at the place each time it is asked.

    It is off only where there is certainly nothing: a link that leads nowhere, a directory or a
    pipe is on, and so is a place that cannot be looked at, or whose directory has gone.

    Args:
        path: `Home.emergency_latch`; the first line of a file may say why.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> str:
        """Return why nothing may be entered, empty when the latch is off; never raises or waits."""
        try:
            if not self._path.parent.is_dir():
                return f"{self._path.parent} is not there to look for a latch in"
            kind = self._path.lstat().st_mode
        except FileNotFoundError:
            return ""
        except OSError as error:
            # What cannot be looked at may be there.
            return f"{self._path} cannot be looked at: {error.strerror}"
        if not stat.S_ISREG(kind):
            return f"{self._path} is there, though it is no file"
        words = self._words()
        return f"{self._path} is there" + (f": {words}" if words else "")

    def _words(self) -> str:
        """Return what a file says, or why it cannot be read."""
        try:
            # What has come in its place meanwhile is not followed and not waited for.
            opened = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                line = os.read(opened, _LONGEST_WORDS).partition(b"\n")[0]
            finally:
                os.close(opened)
        except OSError as error:
            return f"it cannot be read: {error.strerror}"
        words = line.decode(errors="replace").strip()
        return words if words.isprintable() else ""
