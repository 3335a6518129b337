"""How streams and order books are, read together for all pages."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.data.binance_messages import kline_stream
from core.data.feed_troubles import feed_troubles
from core.data.sockets.health import StreamHealth
from core.model.intervals import Interval
from core.model.order_flow import BookPhase
from ui.services import FeedHealth


@dataclass(frozen=True, slots=True)
class FeedFigures:
    """
    One reading of everything that costs milliseconds with hundreds of symbols.

    Attributes:
        read_s: When, monotonic.
        streams: By symbol; those of all symbols together under an empty name.
        states: How many streams are in each state.
        troubles: Why candles are not current or not whole, by symbol.
        books: How many order books are in each phase.
    """

    read_s: float = 0.0
    streams: Mapping[str, Sequence[StreamHealth]] = field(default_factory=dict)
    states: Mapping[str, int] = field(default_factory=dict)
    troubles: Mapping[str, str] = field(default_factory=dict)
    books: Mapping[BookPhase, int] = field(default_factory=dict)

    def of(self, symbol: str) -> list[StreamHealth]:
        """Return the streams that tell of a symbol, its own before the shared."""
        return [*self.streams.get(symbol, ()), *self.streams.get("", ())]

    def age_s(self, symbol: str, now_s: float) -> float | None:
        """Return the age of a symbol's newest candle frame; None when it is not known."""
        name = kline_stream(symbol, Interval.M1)
        found = next((s for s in self.streams.get(symbol, ()) if s.name == name), None)
        return None if found is None or found.age_s is None else found.age_s + now_s - self.read_s


def feed_figures(feed: FeedHealth, now_s: float) -> FeedFigures:
    """Ask ``feed``, on its event loop."""
    by_symbol: dict[str, list[StreamHealth]] = {}
    states: Counter[str] = Counter()
    for stream in feed.streams():
        by_symbol.setdefault(_symbol(stream.name), []).append(stream)
        states[stream.state.value] += 1
    return FeedFigures(
        read_s=now_s,
        streams=by_symbol,
        states=dict(states),
        troubles=feed_troubles(feed),
        books=dict(feed.order_flow.book_phases()),
    )


def _symbol(name: str) -> str:
    return "" if name.startswith("!") else name.partition("@")[0].upper()
