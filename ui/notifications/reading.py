"""Reads what happened lately from the journal."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain

from core.journal.errors import JournalError
from core.journal.success_reader import SuccessReader
from core.model.source import Source
from core.model.trade import Trade
from ui.notifications.events import Event, halt_events, hand_events, signal_events
from ui.services import Services
from ui.shell.account import DAY_MS, Opened
from ui.view import View

_SIGNALS = 30


@dataclass(frozen=True, slots=True)
class Happenings:
    """
    What there is to tell, in no order.

    Attributes:
        alarms: Of health; told by this machine's clock, which a simulated market is ahead of.
    """

    events: tuple[Event, ...] = ()
    alarms: tuple[Event, ...] = ()


class HappeningsReader:
    """
    Args:
        services: Signals and the engine's state.
        trades: Opens the journal for trades that were entered by hand.
        alarms: Returns what happened to alarms of health.
    """

    def __init__(
        self,
        services: Services,
        trades: Callable[[], SuccessReader],
        alarms: Callable[[], Iterable[Event]] = tuple,
    ) -> None:
        self._services = services
        self._alarms = alarms
        self._trades = Opened(trades)

    def happenings(self, _: View) -> Happenings:
        """Read them; a journal that cannot be read has nothing new to tell."""
        halts = tuple(halt_events(self._services.engine.state().halts))
        alarms = tuple(self._alarms())
        try:
            signals = signal_events(self._services.journal.recent_signals(_SIGNALS))
            return Happenings((*signals, *hand_events(self._by_hand()), *halts), alarms)
        except JournalError:
            return Happenings(halts, alarms)

    def _by_hand(self) -> tuple[Trade, ...]:
        reader = self._trades.journal()
        if reader is None:
            return ()
        since_ms = (self._services.feed.market_time_ms() or 0) - DAY_MS
        closed = reader.closed_trades(Source.HAND, since_ms=max(since_ms, 0))
        held = (trade for trade in reader.open_trades() if trade.source is Source.HAND)
        return tuple(chain(closed, held))
