"""
Open interest as REST tells it.

Source:
    developers.binance.com, USD-M futures, ``GET /futures/data/openInterestHist``: rows of
    ``symbol``, ``sumOpenInterest``, ``sumOpenInterestValue`` and ``timestamp``, oldest first; at
    most 500 in an answer, of the last 30 days, with a limit of requests instead of a weight.
"""

from enum import StrEnum

import msgspec

from core.data.errors import MalformedMessageError
from core.data.klines import checked_time, converted
from core.model.intervals import MINUTE_MS
from core.model.open_interest import OpenInterest

MAX_SNAPSHOTS = 500
KEPT_MS = 30 * 1440 * MINUTE_MS
"""How far back the exchange tells it."""


class Period(StrEnum):
    """Times between two snapshots that the exchange offers."""

    M5 = "5m"
    M15 = "15m"
    M30 = "30m"
    H1 = "1h"
    H2 = "2h"
    H4 = "4h"
    H6 = "6h"
    H12 = "12h"
    D1 = "1d"

    @property
    def duration_ms(self) -> int:
        """Time between two snapshots."""
        return _MINUTES[self.value] * MINUTE_MS


_MINUTES = {
    "5m": 5,
    "15m": 15,
    "30m": 30,
    "1h": 60,
    "2h": 120,
    "4h": 240,
    "6h": 360,
    "12h": 720,
    "1d": 1440,
}


class _Row(msgspec.Struct):
    symbol: str
    sumOpenInterest: str  # noqa: N815 - the exchange's name
    timestamp: int


def parse_open_interest(symbol: str, rows: object) -> tuple[OpenInterest, ...]:
    """
    Return the snapshots of an answer, oldest first and each once; all or none.

    Raises:
        MalformedMessageError: If it is not a list of rows of this symbol, or a number is none.
    """
    if not isinstance(rows, list):
        raise MalformedMessageError("shape", f"not a list of rows: {str(rows)[:80]!r}")
    distinct = {found.at_ms: found for found in (_snapshot(symbol, row) for row in rows)}
    return tuple(distinct[at_ms] for at_ms in sorted(distinct))


def _snapshot(symbol: str, row: object) -> OpenInterest:
    told = converted(row, _Row)  # the documentation writes the time as text, the wire as a number
    if told.symbol != symbol:
        raise MalformedMessageError("symbol", f"{told.symbol[:40]!r}, not {symbol}")
    at_ms = checked_time(told.timestamp)
    try:
        return OpenInterest(at_ms, float(told.sumOpenInterest))
    except ValueError as error:
        raise MalformedMessageError("number", f"{error}"[:120]) from error
