"""What ``GET /fapi/v1/exchangeInfo`` says of the symbols, and of the market itself."""

from collections.abc import Mapping
from typing import Any

import msgspec

from core.data.errors import MalformedMessageError
from core.model.instrument import Instrument


class _Symbol(msgspec.Struct):
    symbol: str
    filters: list[dict[str, Any]]
    status: str = "TRADING"


def parse_instruments(exchange_info: object) -> dict[str, Instrument]:
    """
    Return the trading rules by symbol; symbols without usable rules are left out.

    Raises:
        MalformedMessageError: If the answer holds no list of symbols.
    """
    symbols = exchange_info.get("symbols") if isinstance(exchange_info, Mapping) else None
    if not isinstance(symbols, list):
        raise MalformedMessageError("shape", "exchangeInfo holds no list of symbols")
    parsed = (_instrument(entry) for entry in symbols)
    return {instrument.symbol: instrument for instrument in parsed if instrument is not None}


def parse_market_label(exchange_info: object) -> str | None:
    """Return what a simulator calls its market; None for a real exchange."""
    label = exchange_info.get("simulator") if isinstance(exchange_info, Mapping) else None
    return label if isinstance(label, str) and label else None


def _instrument(entry: object) -> Instrument | None:
    try:
        symbol = msgspec.convert(entry, _Symbol)
        rules = {rule["filterType"]: rule for rule in symbol.filters}
        return Instrument(
            symbol=symbol.symbol,
            tick_size=float(rules["PRICE_FILTER"]["tickSize"]),
            step_size=float(rules["LOT_SIZE"]["stepSize"]),
            min_notional=float(rules["MIN_NOTIONAL"]["notional"]),
            status=symbol.status,
        )
    except (msgspec.ValidationError, KeyError, TypeError, ValueError):
        return None
