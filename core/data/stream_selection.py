"""Which streams the followed symbols need. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.data.binance_messages import kline_stream, mark_price_stream
from core.model.intervals import Interval

# Above so many symbols one frame with all mark prices is cheaper than one frame for each.
ONE_BEAT_ABOVE = 20
ALL_MARK_PRICES = "!markPrice@arr@1s"
FLOW_CHANNELS = ("aggTrade", "bookTicker", "depth@500ms")


@dataclass(frozen=True, slots=True)
class StreamSelection:
    """
    The streams of a set of symbols.

    Attributes:
        names: All of them, each once.
        candles: Symbol by the name of its candle stream.
        flow: Symbol by the names of its order-flow streams.
    """

    names: tuple[str, ...] = ()
    candles: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    flow: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def symbols_of(self, streams: Collection[str]) -> frozenset[str]:
        """Return whose candles come by these streams; all symbols where none is named."""
        return _owners(self.candles, streams)

    def flow_of(self, streams: Collection[str]) -> frozenset[str]:
        """Return whose order flow comes by these streams; all such where none is named."""
        return _owners(self.flow, streams)


def select_streams(symbols: Iterable[str], focused: Collection[str]) -> StreamSelection:
    """
    Return what to subscribe to.

    Args:
        symbols: All that are followed; each has a stream of 1m candles.
        focused: Those of them whose order flow is wanted too.
    """
    followed = tuple(dict.fromkeys(symbols))
    candles = {kline_stream(symbol, Interval.M1): symbol for symbol in followed}
    beats = (
        [ALL_MARK_PRICES]
        if len(followed) > ONE_BEAT_ABOVE
        else [mark_price_stream(symbol) for symbol in followed]
    )
    flow = {
        f"{symbol.lower()}@{channel}": symbol
        for symbol in followed
        if symbol in focused
        for channel in FLOW_CHANNELS
    }
    return StreamSelection(
        (*candles, *beats, *flow), MappingProxyType(candles), MappingProxyType(flow)
    )


def _owners(owners: Mapping[str, str], streams: Collection[str]) -> frozenset[str]:
    if not streams:
        return frozenset(owners.values())
    return frozenset(owners[name] for name in streams if name in owners)
