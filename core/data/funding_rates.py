"""
Settlements of funding as REST tells them.

Source:
    developers.binance.com, USD-M futures, ``GET /fapi/v1/fundingRate``: rows of ``symbol``,
    ``fundingTime``, ``fundingRate`` and ``markPrice``, oldest first.
"""

import msgspec

from core.data.errors import MalformedMessageError
from core.data.klines import checked_time, converted
from core.model.funding import Settlement


class _Row(msgspec.Struct):
    symbol: str
    fundingTime: int | str  # noqa: N815 - the exchange's name
    fundingRate: str  # noqa: N815
    markPrice: str = ""  # noqa: N815 - empty in rows from before 2023


def parse_settlements(symbol: str, rows: object) -> tuple[Settlement, ...]:
    """
    Return the settlements of an answer, oldest first and each once; all or none.

    Raises:
        MalformedMessageError: If it is not a list of rows of this symbol, or a number is none.
    """
    if not isinstance(rows, list):
        raise MalformedMessageError("shape", f"not a list of rows: {str(rows)[:80]!r}")
    found = [_settlement(symbol, row) for row in rows]
    distinct = {settlement.at_ms: settlement for settlement in found}
    return tuple(distinct[at_ms] for at_ms in sorted(distinct))


def _settlement(symbol: str, row: object) -> Settlement:
    told = converted(row, _Row)
    if told.symbol != symbol:
        raise MalformedMessageError("symbol", f"funding of {told.symbol[:40]!r}, not of {symbol}")
    at_ms = checked_time(told.fundingTime)
    try:
        mark = float(told.markPrice) if told.markPrice else None
        return Settlement(at_ms, float(told.fundingRate), mark)
    except ValueError as error:
        raise MalformedMessageError("number", f"{error}"[:120]) from error
