"""Which symbols the feed follows, how urgently, and through which streams."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from core.config import Settings
from core.data.feed_status import SymbolUniverse
from core.data.followed_symbol import FollowedSymbol
from core.data.stream_selection import StreamSelection, select_streams

# So many 1m candles back a series in focus must have no hole to be called whole.
WHOLE_CANDLES = 1500


@dataclass(frozen=True, slots=True)
class FollowingChange:
    """What an update changed: symbols and names of streams."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    subscribe: tuple[str, ...]
    unsubscribe: tuple[str, ...]


class Following:
    """
    The symbols of the screen, of the engine's list and of the universe, in this order.

    Args:
        settings: The engine's list, and how far back a series must be whole.
        universe: What else is followed, and what trades.
        make: Makes what is known of a symbol from its name and its window in candles.

    Attributes:
        members: All that are followed, the most urgent first.
        selection: Their streams.
        focused: The engine's list and the screen.
    """

    def __init__(
        self,
        settings: Settings,
        universe: SymbolUniverse,
        make: Callable[[str, int], FollowedSymbol],
    ) -> None:
        self.members: Mapping[str, FollowedSymbol] = MappingProxyType({})
        self.selection = StreamSelection()
        self.focused: tuple[str, ...] = ()
        self._listed = settings.symbols
        self._window = min(WHOLE_CANDLES, settings.data.hot_candles)
        self._watched_window = min(self._window, settings.data.watched_candles)
        self._universe = universe
        self._make = make
        self._screen: tuple[str, ...] = ()

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is to be followed, the engine's list first."""
        return tuple(dict.fromkeys((*self._universe.symbols, *self._shown)))

    @property
    def traded(self) -> tuple[str, ...]:
        """The engine's list: all that is followed where none is configured."""
        universe = self._universe.symbols
        listed = set(self._listed)
        return tuple(s for s in universe if s in listed) if listed else universe

    @property
    def without_market(self) -> tuple[str, ...]:
        """Symbols of the engine's list that the exchange knows but has no market for now."""
        followed, known = set(self._universe.symbols), self._universe.instruments
        return tuple(s for s in self._listed if s not in followed and s in known)

    def show(self, symbols: Collection[str]) -> bool:
        """Take note of what pages show; return whether that is new."""
        screen = tuple(sorted(set(symbols)))
        changed = screen != self._screen
        self._screen = screen
        return changed

    def update(self) -> FollowingChange:
        """Follow what should be followed by now; those that were followed keep all they know."""
        before, streams = self.members, set(self.selection.names)
        self.focused = tuple(dict.fromkeys((*self._shown, *self.traded)))
        members: dict[str, FollowedSymbol] = {}
        for rank, symbol in enumerate(dict.fromkeys((*self.focused, *self.symbols))):
            focused = rank < len(self.focused)
            window = self._window if focused else self._watched_window
            followed = before.get(symbol) or self._make(symbol, window)
            followed.rank, followed.focused = rank, focused
            followed.widen(window)
            instrument = self._universe.instruments.get(symbol)
            followed.open_market(
                tradable=self._universe.tradable(symbol),
                has_sessions=instrument is not None and instrument.has_sessions,
            )
            members[symbol] = followed
        self.members = MappingProxyType(members)
        self.selection = select_streams(self.symbols, set(self.focused))
        names = self.selection.names
        return FollowingChange(
            added=tuple(s for s in members if s not in before),
            removed=tuple(s for s in before if s not in members),
            subscribe=tuple(name for name in names if name not in streams),
            unsubscribe=tuple(streams.difference(names)),
        )

    @property
    def _shown(self) -> tuple[str, ...]:
        """What pages show and the exchange knows."""
        known = self._universe.instruments
        followed = set(self._universe.symbols)
        return tuple(s for s in self._screen if s in followed or s in known)
