"""The emergency latch: while its file is there, nothing may be entered."""

from pathlib import Path

_LONGEST_WORDS = 200  # of a file that anybody may have written


class EmergencyLatch:
    """
    Looks at the file each time it is asked.

    Args:
        path: `Home.emergency_latch`; its first line may say why.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> str:
        """Return why nothing may be entered, empty when the latch is off; never raises."""
        try:
            with self._path.open(encoding="utf-8", errors="replace") as file:
                words = file.readline(_LONGEST_WORDS).strip()
        except FileNotFoundError:
            return ""
        except OSError as error:
            # What cannot be looked at may be there.
            return f"{self._path} cannot be looked at: {error.strerror}"
        return f"{self._path} is there" + (f": {words}" if words.isprintable() and words else "")
