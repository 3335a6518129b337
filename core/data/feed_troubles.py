"""Whose candles may not be relied on, and why."""

from collections.abc import Collection
from typing import Protocol

from core.data.feed_status import FeedState
from core.data.sockets.health import StreamState
from core.model.gap import Gap
from core.model.intervals import Interval

_WELL = frozenset({FeedState.LIVE, StreamState.CLOSED})


class Standings(Protocol):
    """Who knows how symbols are: a `MarketFeed`."""

    @property
    def symbols(self) -> Collection[str]:
        """What is followed."""

    def standing(self, symbol: str) -> tuple[FeedState | StreamState, str]:
        """Return how one symbol's candles are, and why if they are not live."""

    def gaps(self, symbol: str) -> Collection[Gap]:
        """Return the 1m holes that REST could not fill."""


def feed_troubles(feed: Standings) -> dict[str, str]:
    """Return, by symbol, why its candles are not current or not whole; a closed market is well."""
    found = {}
    for symbol in feed.symbols:
        state, detail = feed.standing(symbol)
        if state not in _WELL:
            found[symbol] = f"{state}: {detail}" if detail else str(state)
        elif bars := sum(gap.bars(Interval.M1) for gap in feed.gaps(symbol)):
            found[symbol] = f"{bars} candle{'' if bars == 1 else 's'} the exchange does not have"
    return found
