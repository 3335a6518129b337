"""What a stream tells besides the market: that it is connected or not, and how much came."""

from collections import Counter
from dataclasses import dataclass, field
from typing import TypeAlias

from core.data.market_events import MarketEvent


@dataclass(frozen=True, slots=True)
class Connected:
    """
    The exchange acknowledged these streams on a socket; what closed before may be missing.

    Attributes:
        streams: Names. A socket with many streams tells them in several events.
    """

    streams: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Disconnected:
    """
    A connection ended, or could not be made; another will be tried.

    Attributes:
        silent: Whether it was given up because nothing came through it.
        streams: Names that do not flow any more.
    """

    reason: str
    silent: bool = False
    streams: frozenset[str] = frozenset()


StreamEvent: TypeAlias = Connected | Disconnected | MarketEvent


@dataclass(slots=True)
class StreamStatistics:
    """
    What came through, since the start.

    Attributes:
        connects: Accepted handshakes, of all sockets.
        reconnects: Losses after which data flows again.
        rotations: Sockets replaced by another without a gap.
    """

    frames: int = 0
    connects: int = 0
    reconnects: int = 0
    rotations: int = 0
    malformed: Counter[str] = field(default_factory=Counter)
