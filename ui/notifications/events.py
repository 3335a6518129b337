"""What happened that a viewer should hear of: signals, fills, exits, and why nothing is entered."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from core.journal.overview import SignalRow
from core.model.signal import Direction
from core.model.trade import ExitReason, Trade
from ui.figures.numbers import THIN_SPACE, number

_ENDS = {
    ExitReason.STOP: "at its stop",
    ExitReason.TARGET: "at its target",
    ExitReason.OPPOSITE: "for a signal the other way",
    ExitReason.INVALIDATED: "since its condition no longer held",
    ExitReason.EXPIRED: "since its time was up",
    ExitReason.ANALYST: "as the analyst asked",
    ExitReason.BY_HAND: "by hand",
}


@dataclass(frozen=True, slots=True)
class Event:
    """
    Attributes:
        id: The same for the same happening, whenever it is read.
        at_ms: Feed time; None where only the reader's clock tells.
        tone: ``info``, ``good``, ``warning`` or ``critical``.
        now: Whether it still holds, so that a page which has just been opened tells it too.
    """

    id: str
    at_ms: int | None
    tone: str
    title: str
    text: str
    now: bool = False


def signal_events(rows: Iterable[SignalRow]) -> Iterator[Event]:
    """Yield each signal, and what has become of it."""
    for row in rows:
        market = f"{row.key.symbol} {row.key.interval.value}"
        strength = row.strength.value.replace("_", " ").lower()
        levels = f"entry {_price(row.entry)}, stop {_price(row.stop)}, target {_price(row.target)}"
        said = f"{strength}, confidence {number(row.confidence, 0)}; {levels}"
        title = f"{_sign(row.direction)} {row.direction.value} {market}"
        yield Event(f"signal-{row.id}", row.decided_ms, "info", title, said)
        if row.entry_ms is not None and row.entry_price is not None:
            filled = f"{number(row.quantity, 4)} at {_price(row.entry_price)}"
            title = f"Entered {row.key.symbol} {row.direction.value}"
            yield Event(f"fill-{row.id}", row.entry_ms, "info", title, filled)
        if row.exit_ms is not None and row.pnl is not None:
            yield _closed(f"exit-{row.id}", row.exit_ms, row.key.symbol, row.pnl, row.exit_reason)


def hand_events(trades: Iterable[Trade]) -> Iterator[Event]:
    """Yield the fills and exits of trades that were entered by hand."""
    for trade in trades:
        if trade.entry_ms is not None and trade.entry_price is not None:
            filled = f"{number(trade.quantity, 4)} at {_price(trade.entry_price)}, by hand"
            title = f"Entered {trade.symbol} {trade.direction.value}"
            yield Event(f"hand-fill-{trade.id}", trade.entry_ms, "info", title, filled)
        if trade.exit_ms is not None and trade.pnl is not None:
            key = f"hand-exit-{trade.id}"
            yield _closed(key, trade.exit_ms, trade.symbol, trade.pnl, trade.exit_reason)


def halt_events(halts: Iterable[str]) -> Iterator[Event]:
    """Yield why nothing may be entered."""
    for halt in halts:
        yield Event(
            f"halt-{halt}", None, "warning", "Nothing is entered", f"{halt}. Exits go on.", True
        )


def told(events: Iterable[Event], most: int) -> list[dict[str, Any]]:
    """Return the newest events as the browser reads them; those without a time count as newest."""
    newest = sorted(events, key=lambda e: (e.at_ms is None, e.at_ms or 0, e.id), reverse=True)
    return [asdict(event) for event in newest[:most]]


def _closed(key: str, at_ms: int, symbol: str, pnl: float, reason: ExitReason | None) -> Event:
    why = "" if reason is None else _ENDS.get(reason, reason.value.replace("_", " "))
    text = f"{number(pnl, 2, signed=True)} {why}".strip()
    return Event(key, at_ms, "good" if pnl > 0.0 else "info", f"Closed {symbol}", text)


def _sign(direction: Direction) -> str:
    return {"LONG": "▲", "SHORT": "▼"}.get(direction.value, "")


def _price(value: float) -> str:
    """Return a price in as many digits as it is worth."""
    return f"{value:,.7g}".replace(",", THIN_SPACE)
