"""
Binance payloads to types, and nothing else.

Unknown keys are ignored: Binance appends some every few months.

Source:
    developers.binance.com, USD-M futures, websocket market streams and REST market data.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import msgspec

from core.data.errors import MalformedMessageError
from core.data.event_payloads import (
    AggTradeEvent,
    BookTickerEvent,
    DepthEvent,
    KlineEvent,
    MarkPriceEvent,
    agg_trade,
    book_top,
    depth_update,
    mark_price,
    mark_prices,
)
from core.data.klines import (
    KLINE_INTERVALS,
    Kline,
    Whole,
    candle_update,
    checked_time,
    converted,
    misshapen,
    parse_kline,
    parse_kline_row,
    parse_kline_rows,
    sound_candle,
)
from core.data.market_events import MarketEvent, MarkPrice

__all__ = [
    "KLINE_INTERVALS",
    "MARKET_STREAM_PATH",
    "Acknowledgement",
    "MarkPrice",
    "ServerShutdown",
    "StreamMessage",
    "kline_stream",
    "mark_price_stream",
    "parse_kline",
    "parse_kline_mapping",
    "parse_kline_row",
    "parse_kline_rows",
    "parse_stream_frame",
    "stream_name",
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


StreamMessage: TypeAlias = MarketEvent | Acknowledgement | ServerShutdown
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


_Event: TypeAlias = KlineEvent | MarkPriceEvent | AggTradeEvent | BookTickerEvent | DepthEvent


class _Combined(msgspec.Struct, gc=False):
    data: _Event | list[MarkPriceEvent]


class _Named(msgspec.Struct):
    stream: str = ""


class _RawKlineEvent(msgspec.Struct):
    E: Whole
    k: dict[str, Any]


_COMBINED = msgspec.json.Decoder(_Combined, strict=False)
_EVENT: msgspec.json.Decoder[_Event] = msgspec.json.Decoder(_Event, strict=False)
_MARK_PRICES = msgspec.json.Decoder(list[MarkPriceEvent], strict=False)
_EVENT_TYPES = frozenset(("kline", "markPriceUpdate", "aggTrade", "bookTicker", "depthUpdate"))
# By type, as a chain of tests would cost as much as a check.
_CHECKS: Mapping[type, Callable[[Any], MarketEvent | None]] = {
    KlineEvent: lambda event: candle_update(event.k, event.E),
    MarkPriceEvent: mark_price,
    AggTradeEvent: agg_trade,
    BookTickerEvent: book_top,
    DepthEvent: depth_update,
    list: mark_prices,
}
_ENVELOPE = msgspec.json.Decoder(_Envelope)
_HEAD = msgspec.json.Decoder(_Head)
_HEADS = msgspec.json.Decoder(list[_Head])
_NAMED = msgspec.json.Decoder(_Named)
_RAW_KLINE_EVENT = msgspec.json.Decoder(_RawKlineEvent)
# A name in ASCII without escapes, where Binance puts it: first and without spaces.
_PLAIN_NAME = re.compile(rb'\{"stream":"([!#-\[\]-~]+)"').match


def kline_stream(symbol: str, interval: str) -> str:
    """Return the stream name of a symbol's candles."""
    return f"{symbol.lower()}@kline_{interval}"


def mark_price_stream(symbol: str) -> str:
    """Return the stream name of a symbol's mark price, once a second."""
    return f"{symbol.lower()}@markPrice@1s"


def stream_name(payload: str | bytes) -> str | None:
    """Return which stream a combined frame belongs to; None when it does not say. Cheap."""
    if isinstance(payload, bytes) and (found := _PLAIN_NAME(payload)):
        return found[1].decode()
    try:
        return _NAMED.decode(payload).stream or None
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None


def parse_stream_frame(payload: str | bytes) -> StreamMessage | None:
    """
    Parse one frame, raw or combined; None for a well-formed event that is not ours.

    Numbers may come as text or bare; integers and booleans must be what they are.

    Raises:
        MalformedMessageError: If it is not JSON or not what its event type promises.
    """
    # Nearly all frames pass here, in one pass; what does not is looked at more closely.
    try:
        event = _COMBINED.decode(payload).data
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return _other_frame(payload)
    if type(event) is KlineEvent:
        return candle_update(event.k, event.E)
    return _CHECKS[type(event)](event)


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
    checked_time(raw.E)
    kline = converted(raw.k, Kline)
    sound_candle(kline)
    if not isinstance(kline.x, bool):
        raise MalformedMessageError("shape", f"x={kline.x!r:.40}")
    return raw.k


def _other_frame(payload: str | bytes) -> StreamMessage | None:
    """Parse a frame that is no combined event of a known type, or is malformed."""
    head, event, control = _opened(payload)
    if control is not None:
        return control
    if _is_array(event):
        if all(one.e != "markPriceUpdate" for one in _decoded(_HEADS, event)):
            return None
        return mark_prices(_decoded(_MARK_PRICES, event))
    if head.e not in _EVENT_TYPES:
        return None
    known = _decoded(_EVENT, event)
    return _CHECKS[type(known)](known)


def _opened(
    payload: str | bytes,
) -> tuple[_Head, msgspec.Raw | bytes | str, Acknowledgement | ServerShutdown | None]:
    """Take a frame out of its envelope: its head, its event, or what it says of the connection."""
    envelope = _decoded(_ENVELOPE, payload)
    event: msgspec.Raw | bytes | str = payload
    if isinstance(envelope.data, msgspec.Raw):
        event = envelope.data
        if _is_array(event):
            return _Head(), event, None
    elif not envelope.e and envelope.event is None:
        return _Head(), event, _answer(envelope)
    head = envelope.event or _decoded(_HEAD, event)
    if head.e == "serverShutdown":
        return head, event, ServerShutdown(head.E)
    if not head.e:
        raise MalformedMessageError("unknown", "an event without a type")
    return head, event, None


def _is_array(event: msgspec.Raw | bytes | str) -> bool:
    return isinstance(event, msgspec.Raw) and bytes(memoryview(event)[:1]) == b"["


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
        raise misshapen(error) from error
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise MalformedMessageError("json", str(error)) from error
