"""What a recorded frame belongs to: its stream, its route, its event time. Pure."""

import re
from dataclasses import dataclass

from core.simulator.streams import Route

_COMBINED = re.compile(rb'\s*\{\s*"stream"\s*:\s*"([^"\\]{1,200})"\s*,\s*"data"\s*:\s*')
_EVENT_TIME = re.compile(rb'"E"\s*:\s*(\d{13})(?!\d)')
_ANSWER = re.compile(rb'\s*\{\s*"(result|error|id)"\s*:')
_SNAPSHOT = re.compile(rb'\s*\{\s*"lastUpdateId"\s*:')
# As the routes carry them since April 2026; older captures had one connection for all.
_PUBLIC = re.compile(r"!bookTicker|[^@]+@(bookTicker|depth.*|rpiDepth.*|trade)")
_CHANGES = re.compile(r"[^@]+@depth(@\d+ms)?")


@dataclass(frozen=True, slots=True)
class Envelope:
    """
    A frame of a combined connection, opened.

    Attributes:
        stream: Name of the stream.
        data: What a raw connection would have got.
    """

    stream: str
    data: bytes


def opened(payload: bytes) -> Envelope | None:
    """Open a combined frame; None for anything else."""
    match = _COMBINED.match(payload)
    end = payload.rstrip()
    if match is None or not end.endswith(b"}"):
        return None
    try:
        return Envelope(match[1].decode(), end[match.end() : -1])
    except UnicodeDecodeError:
        return None


def is_answer(payload: bytes) -> bool:
    """Tell whether a frame answers a command; commands are not part of a recording."""
    return _ANSWER.match(payload) is not None


def is_snapshot(payload: bytes) -> bool:
    """Tell whether a frame is an order book that was asked for by REST (hftbacktest)."""
    return _SNAPSHOT.match(payload) is not None


def event_time_ms(payload: bytes) -> int | None:
    """Return the exchange's time of an event; None where it has none."""
    match = _EVENT_TIME.search(payload)
    return int(match[1]) if match else None


def route_of(stream: str) -> Route:
    """Return the route that carries a stream."""
    return Route.PUBLIC if _PUBLIC.fullmatch(stream) else Route.MARKET


def symbol_of(stream: str) -> str:
    """Return the symbol of a stream; empty for those of all symbols."""
    return "" if stream.startswith("!") else stream.partition("@")[0].upper()


def tells_changes(stream: str) -> bool:
    """Tell whether a stream carries every change of an order book, not only its top."""
    return _CHANGES.fullmatch(stream) is not None
