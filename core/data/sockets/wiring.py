"""What all sockets of one stream share."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from core.data.reconnect import ConnectLimiter
from core.data.sockets.complaints import Complaints
from core.data.sockets.events import StreamStatistics
from core.data.websocket import Connect

# Frames become whatever ``parse`` makes of them, and ``sink`` takes that, Connected and
# Disconnected. An awaitable it returns for a frame is waited for before the next one is read.
Parse: TypeAlias = Callable[[bytes], Any]
Sink: TypeAlias = Callable[[Any], Awaitable[None] | None]
Tap: TypeAlias = Callable[[str, bytes, int], None]
"""Route, raw payload, receive time in ns UTC; for a recording."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """
    Collaborators and limits of the sockets.

    Attributes:
        base_url: scheme://host:port of the exchange.
        silence_s: A market socket that delivers nothing for so long is replaced.
        rotate_after_s: A socket is replaced by this age at the latest.
        delays: Makes the waits between failing connects.
        uniform: Draws a number between two others.
        raise_refusals: Whether a refused handshake ends everything.
    """

    base_url: str
    silence_s: float
    rotate_after_s: float
    connect: Connect
    parse: Parse
    sink: Sink
    statistics: StreamStatistics
    complaints: Complaints
    limiter: ConnectLimiter
    delays: Callable[[], Iterator[float]]
    uniform: Callable[[float, float], float]
    tap: Tap | None = None
    raise_refusals: bool = False
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    monotonic: Callable[[], float] = time.monotonic
    wall_ns: Callable[[], int] = time.time_ns
