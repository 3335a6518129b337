"""What ``exchangeInfo`` says of the symbols and of the market itself, and the 24 h volumes."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

import msgspec

from core.data.errors import MalformedMessageError
from core.model.instrument import ContractType, Instrument

# Delivery date the exchange writes for what is not planned to end. Source: exchangeInfo itself.
_NEVER_MS = 4_133_404_800_000
_LONGEST_NUMBER = 40
_LARGEST_EXPONENT = 18


@dataclass(frozen=True, slots=True)
class ExchangeInfo:
    """
    One reading of ``/fapi/v1/exchangeInfo``.

    Attributes:
        instruments: Trading rules by symbol, in the exchange's order.
        refused: Symbol -> why its rules cannot be used.
        market_label: What a simulator calls its market; None on a real exchange.
    """

    instruments: Mapping[str, Instrument]
    refused: Mapping[str, str]
    market_label: str | None


class _Symbol(msgspec.Struct):
    symbol: str
    filters: list[dict[str, Any]]
    status: str
    contractType: str  # noqa: N815 - the exchange's name
    quoteAsset: str  # noqa: N815
    onboardDate: int | None = None  # noqa: N815
    deliveryDate: int | None = None  # noqa: N815


class _Ticker(msgspec.Struct):
    symbol: str
    quoteVolume: str  # noqa: N815


def parse_exchange_info(answer: object) -> ExchangeInfo:
    """
    Return the trading rules; symbols without usable ones are named with the reason.

    Raises:
        MalformedMessageError: If the answer holds no list of symbols.
    """
    if not isinstance(answer, Mapping) or not isinstance(answer.get("symbols"), list):
        raise MalformedMessageError("shape", "exchangeInfo holds no list of symbols")
    instruments: dict[str, Instrument] = {}
    refused: dict[str, str] = {}
    for number, entry in enumerate(answer["symbols"]):
        try:
            instrument = _instrument(msgspec.convert(entry, _Symbol))
        except KeyError as error:
            refused[_name(entry, number)] = f"no {error.args[0]}"
        except (msgspec.ValidationError, TypeError, ValueError) as error:
            refused[_name(entry, number)] = f"{error}"[:120]
        else:
            instruments[instrument.symbol] = instrument
    return ExchangeInfo(
        MappingProxyType(instruments), MappingProxyType(refused), _market_label(answer)
    )


def _market_label(answer: Mapping[str, Any]) -> str | None:
    label = answer.get("simulator")
    return label if isinstance(label, str) and label else None


def parse_quote_volumes(answer: object) -> dict[str, float]:
    """
    Return what was traded in 24 h by symbol, in quote currency; rows without it are left out.

    Raises:
        MalformedMessageError: If the answer is no list of tickers.
    """
    if not isinstance(answer, list):
        raise MalformedMessageError("shape", "ticker/24hr is no list")
    volumes: dict[str, float] = {}
    for row in answer:
        try:
            ticker = msgspec.convert(row, _Ticker)
            volume = float(ticker.quoteVolume)
        except (msgspec.ValidationError, ValueError):
            continue
        if math.isfinite(volume) and volume >= 0.0:
            volumes[ticker.symbol] = volume
    return volumes


def _name(entry: object, number: int) -> str:
    name = entry.get("symbol") if isinstance(entry, Mapping) else None
    return name[:40] if isinstance(name, str) and name else f"entry {number}"


def _instrument(told: _Symbol) -> Instrument:
    rules = {rule.get("filterType"): rule for rule in told.filters}
    price, lot = _rule(rules, "PRICE_FILTER"), _rule(rules, "LOT_SIZE")
    # A market order has to keep to both.
    lots = [lot, rules.get("MARKET_LOT_SIZE", lot)]
    return Instrument(
        symbol=told.symbol,
        tick_size=_decimal(price, "tickSize"),
        step_size=_decimal(lot, "stepSize"),
        min_notional=_decimal(_rule(rules, "MIN_NOTIONAL"), "notional"),
        status=told.status,
        contract_type=_contract_type(told.contractType),
        quote=told.quoteAsset,
        onboard_ms=_time(told.onboardDate),
        delivery_ms=_time(told.deliveryDate),
        min_quantity=max(_decimal(rule, "minQty") for rule in lots),
        max_quantity=min(_decimal(rule, "maxQty") for rule in lots),
    )


def _rule(rules: Mapping[Any, dict[str, Any]], name: str) -> dict[str, Any]:
    if name not in rules:
        raise KeyError(f"{name} filter")
    return rules[name]


def _time(told_ms: int | None) -> int | None:
    return told_ms if told_ms is not None and 0 < told_ms < _NEVER_MS else None


def _decimal(rule: Mapping[str, Any], key: str) -> Decimal:
    text = rule[key]
    if not isinstance(text, str) or len(text) > _LONGEST_NUMBER:
        raise ValueError(f"{key} is {text!r:.50}")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{key} is {text!r}") from None
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST_EXPONENT:
        raise ValueError(f"{key} is {text}")
    return number


def _contract_type(told: str) -> ContractType:
    try:
        return ContractType(told)
    except ValueError:
        return ContractType.DATED
