"""Paper trades from decision to exit."""

from dataclasses import dataclass
from enum import StrEnum

from core.model.condition import Condition
from core.model.signal import Direction
from core.model.source import Source


class TradeStatus(StrEnum):
    """Where a trade is in its life."""

    PENDING = "pending"
    OPEN = "open"
    CLOSED = "closed"
    REFUSED = "refused"


class ExitReason(StrEnum):
    """Why a position was closed, or a pending entry never opened."""

    STOP = "stop"
    TARGET = "target"
    OPPOSITE = "opposite_signal"
    INVALIDATED = "invalidated"
    EXPIRED = "time"
    ANALYST = "analyst_close"
    BEYOND_STOP = "price_beyond_stop"
    BEYOND_TARGET = "price_beyond_target"
    RAN_AWAY = "price_ran_away"
    BY_HAND = "by_hand"
    """Somebody asked for it; of a pending entry, that it was withdrawn."""


@dataclass(frozen=True, slots=True)
class Trade:
    """
    A paper trade; each step of its life is a new value.

    Attributes:
        id: Row of the trade.
        source: Whose account it belongs to.
        signal_id: Row of the signal it came from; None for a shadow's, for one entered by hand,
            and for a part that was split off.
        confidence: 0 to 100, of the decision.
        invalidation: Any of them closes it, at the open after the candle that met it.
        expires_ms: It is closed at the first open from then on; None for never.
        close_ms: Somebody wants it closed at the first open from then on; None when nobody does.
        close_reason: Why; None with ``close_ms``.
        fees: Paid so far, in quote currency.
        funding: Paid so far, in quote currency; negative where it was received.
        funding_ms: Settlements up to then are in ``funding``; None before the entry.
        pnl: After fees and funding; None until closed.
        r_multiple: ``pnl`` divided by the money risked at entry; None until closed.
        part_of: The trade that this part was split off from, when somebody closed a share of it.
        entry_stop: The stop at the entry, where it was moved since: R is measured by it.
        moved_ms: ``moved_stop`` and ``moved_target`` take the place of ``stop`` and ``target`` at
            the first open from then on; None when nobody has moved a level since the last one.
        last_bar_ms: Open time of the newest 1m bar already walked, so that a
            restart neither repeats nor skips one.
    """

    id: int
    symbol: str
    direction: Direction
    status: TradeStatus
    quantity: float
    decided_ms: int
    stop: float
    target: float
    last_bar_ms: int
    source: Source = Source.POLICY
    signal_id: int | None = None
    confidence: float = 0.0
    invalidation: tuple[Condition, ...] = ()
    expires_ms: int | None = None
    close_ms: int | None = None
    close_reason: ExitReason | None = None
    entry_ms: int | None = None
    entry_price: float | None = None
    exit_ms: int | None = None
    exit_price: float | None = None
    exit_reason: ExitReason | None = None
    fees: float = 0.0
    funding: float = 0.0
    funding_ms: int | None = None
    pnl: float | None = None
    r_multiple: float | None = None
    part_of: int | None = None
    entry_stop: float | None = None
    moved_ms: int | None = None
    moved_stop: float | None = None
    moved_target: float | None = None
