"""A reader with an allowance: what unpacks to more than was announced ends in an error."""

from typing import IO, Final

HEADER_BYTES: Final = 1 << 20
"""Of one file's headers: a name, a size and a time need less than two thousand."""


class AllowanceError(ValueError):
    """More was to be read than was announced."""


class Metered:
    """
    Bound what is read from a stream, so that headers of any size fill no memory.

    Args:
        source: Of unpacked bytes.
    """

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._left = HEADER_BYTES

    def allow(self, count: int) -> None:
        """Let ``count`` bytes of content be read next, and the headers that follow them."""
        self._left = count + HEADER_BYTES

    def read(self, size: int = -1) -> bytes:
        """
        Read like a file.

        Raises:
            AllowanceError: If it would be more than is allowed.
        """
        wanted = self._left + 1 if size < 0 else min(size, self._left + 1)
        piece = self._source.read(wanted)
        self._left -= len(piece)
        if self._left < 0:
            raise AllowanceError("its headers are too large")
        return piece
