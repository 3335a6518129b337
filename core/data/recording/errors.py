"""What can be wrong with a recording as a whole."""

from core.data.errors import DataError


class RecordingError(DataError):
    """A recording cannot be made or read; the message names the file and the reason."""
