"""
Binance payloads to types, and nothing else.

Unknown keys are ignored: Binance appends some every few months.

Source:
    developers.binance.com, USD-M futures, websocket market streams and REST market data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import msgspec

from core.data.errors import MalformedMessageError
from core.data.exchange_info import parse_instruments, parse_market_label
from core.data.klines import (
    KLINE_INTERVALS,
    Kline,
    candle_update,
    checked_time,
    converted,
    number,
    parse_kline,
    parse_kline_row,
    parse_kline_rows,
    sound_candle,
)
from core.data.market_events import MarkPrice
from core.model.candles import CandleUpdate

__all__ = [
    "KLINE_INTERVALS",
    "MARKET_STREAM_PATH",
    "Acknowledgement",
    "MarkPrice",
    "ServerShutdown",
    "StreamMessage",
    "kline_stream",
    "mark_price_stream",
    "parse_instruments",
    "parse_kline",
    "parse_kline_mapping",
    "parse_kline_row",
    "parse_kline_rows",
    "parse_market_label",
    "parse_stream_frame",
]

MARKET_STREAM_PATH = "/market/stream"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """
    The server's answer to a command of ours; it proves nothing about the stream.

    Attributes:
        error: Why the command was refused; empty when it was accepted.
    """

    request_id: int | str | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class ServerShutdown:
    """The server is about to close this connection."""

    event_time_ms: int


StreamMessage: TypeAlias = CandleUpdate | MarkPrice | Acknowledgement | ServerShutdown
_T = TypeVar("_T")


class _Fault(msgspec.Struct):
    code: int
    msg: str = ""


class _Head(msgspec.Struct):
    e: str = ""
    E: int = 0


class _Envelope(msgspec.Struct):
    e: str = ""
    data: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    result: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    error: _Fault | None = None
    event: _Head | None = None
    code: int | None = None
    msg: str = ""
    id: int | str | None = None


class _KlineEvent(msgspec.Struct):
    E: int
    k: Kline


class _RawKlineEvent(msgspec.Struct):
    E: int
    k: dict[str, Any]


class _MarkPriceEvent(msgspec.Struct):
    E: int
    s: str
    p: str
    i: str = ""
    r: str = ""
    T: int = 0


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_HEAD = msgspec.json.Decoder(_Head)
_KLINE_EVENT = msgspec.json.Decoder(_KlineEvent)
_RAW_KLINE_EVENT = msgspec.json.Decoder(_RawKlineEvent)
_MARK_PRICE_EVENT = msgspec.json.Decoder(_MarkPriceEvent)


def kline_stream(symbol: str, interval: str) -> str:
    """Return the stream name of a symbol's candles."""
    return f"{symbol.lower()}@kline_{interval}"


def mark_price_stream(symbol: str) -> str:
    """Return the stream name of a symbol's mark price, once a second."""
    return f"{symbol.lower()}@markPrice@1s"


def parse_stream_frame(payload: str | bytes) -> StreamMessage | None:
    """
    Parse one frame, raw or combined; None for a well-formed event that is not ours.

    Raises:
        MalformedMessageError: If it is not JSON or not what its event type promises.
    """
    head, event, control = _opened(payload)
    if control is not None:
        return control
    match head.e:
        case "kline":
            kline = _decoded(_KLINE_EVENT, event)
            return candle_update(kline.k, kline.E)
        case "markPriceUpdate":
            return _mark_price(_decoded(_MARK_PRICE_EVENT, event))
        case _:
            return None


def parse_kline_mapping(
    payload: str | bytes,
) -> Mapping[str, object] | Acknowledgement | ServerShutdown | None:
    """
    Return the ``k`` mapping of a kline frame as received, once it is known to be sound.

    Raises:
        MalformedMessageError: As `parse_stream_frame`.
    """
    head, event, control = _opened(payload)
    if control is not None:
        return control
    if head.e != "kline":
        return None
    raw = _decoded(_RAW_KLINE_EVENT, event)
    kline = converted(raw.k, Kline)
    checked_time(raw.E)
    sound_candle(kline)
    return raw.k


def _opened(
    payload: str | bytes,
) -> tuple[_Head, msgspec.Raw | bytes | str, Acknowledgement | ServerShutdown | None]:
    """Take a frame out of its envelope: its head, its event, or what it says of the connection."""
    envelope = _decoded(_ENVELOPE, payload)
    event: msgspec.Raw | bytes | str = payload
    if isinstance(envelope.data, msgspec.Raw):
        event = envelope.data
        if bytes(event)[:1] == b"[":  # the array streams; nothing here subscribes to one
            return _Head(), event, None
    elif not envelope.e and envelope.event is None:
        return _Head(), event, _answer(envelope)
    head = envelope.event or _decoded(_HEAD, event)
    if head.e == "serverShutdown":
        return head, event, ServerShutdown(head.E)
    if not head.e:
        raise MalformedMessageError("unknown", "an event without a type")
    return head, event, None


def _answer(envelope: _Envelope) -> Acknowledgement:
    # Errors are nested on the wire and flat in the documentation; both are understood.
    if envelope.error is not None:
        return Acknowledgement(envelope.id, f"{envelope.error.code} {envelope.error.msg}")
    if envelope.code is not None:
        return Acknowledgement(envelope.id, f"{envelope.code} {envelope.msg}")
    if envelope.result is not msgspec.UNSET:
        return Acknowledgement(envelope.id)
    raise MalformedMessageError("unknown", "neither an event nor an answer")


def _decoded(decoder: msgspec.json.Decoder[_T], payload: msgspec.Raw | bytes | str) -> _T:
    try:
        return decoder.decode(payload)
    except msgspec.ValidationError as error:
        raise MalformedMessageError("shape", str(error)) from error
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise MalformedMessageError("json", str(error)) from error


def _mark_price(event: _MarkPriceEvent) -> MarkPrice:
    checked_time(event.E)
    price = number(event.p)
    if price <= 0.0:
        raise MalformedMessageError("number", f"mark price {price} of {event.s}")
    return MarkPrice(
        symbol=event.s,
        price=price,
        index_price=number(event.i) if event.i else price,
        funding_rate=number(event.r) if event.r else None,
        next_funding_ms=event.T,
        event_time_ms=event.E,
    )
