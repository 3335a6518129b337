"""What the risk gate knows of the account."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from core.model.signal import Direction


@dataclass(frozen=True, slots=True)
class Position:
    """
    A pending or open trade.

    Attributes:
        entry_price: None until it is filled.
        notional: In quote currency, at the newest price.
        pnl: What closing it now would leave, in quote currency; 0.0 until it is filled.
    """

    direction: Direction
    entry_price: float | None
    stop: float
    target: float
    notional: float
    pnl: float = 0.0

    def with_part(self, part: "Position") -> "Position":
        """Return the position together with a part that was split off and has not left yet."""
        return replace(self, notional=self.notional + part.notional, pnl=self.pnl + part.pnl)


@dataclass(frozen=True, slots=True)
class Halt:
    """Why nothing may be entered at all: a short stable ``code``, and words with numbers."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Account:
    """
    A paper account at the instant of a decision.

    Attributes:
        equity: Balance and open P&L, in quote currency.
        positions: Pending and open trades by symbol.
        signals_last_hour: Of the whole system, by market time.
        at_ms: Market time of the instant.
        last_exit_ms: When each symbol's newest trade was closed, or refused.
        halts: Latches and breakers that stand; any blocks every entry, none an exit.
    """

    equity: float
    positions: Mapping[str, Position] = field(default_factory=dict)
    signals_last_hour: int = 0
    at_ms: int = 0
    last_exit_ms: Mapping[str, int] = field(default_factory=dict)
    halts: tuple[Halt, ...] = ()
