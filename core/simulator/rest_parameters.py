"""Query parameters into values, and the documented errors when they are none."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_INTEGER = re.compile(r"[0-9]{1,18}")


class ApiError(Exception):
    """An error body of the exchange; ``status`` is that of HTTP."""

    def __init__(self, code: int, text: str, status: int = 400) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text
        self.status = status


@dataclass(frozen=True, slots=True)
class Parameters:
    """
    Reads the query of a request.

    Raises:
        ApiError: Each method, if its parameter is missing, malformed or out of range.
    """

    query: Mapping[str, str]
    symbols: Collection[str]

    def symbol(self) -> str:
        """Return the symbol, which must be given."""
        symbol = self.optional_symbol()
        if symbol is None:
            raise _missing("symbol")
        return symbol

    def optional_symbol(self) -> str | None:
        """Return the symbol, or None for all of them."""
        symbol = self.query.get("symbol")
        if not symbol:
            return None
        if symbol not in self.symbols:
            raise ApiError(-1121, "Invalid symbol.")
        return symbol

    def interval(self, known: Collection[str]) -> str:
        """Return the interval, which must be given."""
        interval = self.query.get("interval")
        if not interval:
            raise _missing("interval")
        if interval not in known:
            raise ApiError(-1120, "Invalid interval.")
        return interval

    def one_of(self, name: str, known: Collection[str]) -> str:
        """Return a word that must be given and be one of those known."""
        word = self.query.get(name)
        if not word:
            raise _missing(name)
        if word not in known:
            raise ApiError(-1130, f"parameter '{name}' is invalid.")
        return word

    def integer(self, name: str) -> int | None:
        """Return a whole number, or None when it is not given."""
        text = self.query.get(name)
        if text is None:
            return None
        if not _INTEGER.fullmatch(text):
            raise _missing(name)
        return int(text)

    def limit(self, default: int, most: int) -> int:
        """Return how many rows are wanted."""
        limit = self.integer("limit")
        if limit is None:
            return default
        if not 1 <= limit <= most:
            raise ApiError(-1130, "Data sent for parameter 'limit' is not valid.")
        return limit

    def times(self) -> tuple[int | None, int | None]:
        """Return ``startTime`` and ``endTime``, both inclusive."""
        start_ms, end_ms = self.integer("startTime"), self.integer("endTime")
        if start_ms is not None and end_ms is not None and start_ms > end_ms:
            raise ApiError(-1023, "Start time is greater than end time.")
        return start_ms, end_ms


def _missing(name: str) -> ApiError:
    return ApiError(
        -1102,
        f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.",
    )
