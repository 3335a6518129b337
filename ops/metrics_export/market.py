"""How the market arrives, as metrics."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from prometheus_client.core import Metric

from core.data.cache_statistics import Tier
from core.data.feed_status import FeedState
from core.data.feed_troubles import Standings, feed_troubles
from core.data.sockets.health import StreamHealth
from core.model.order_flow import BookPhase
from ops.feed_status import FeedStatus
from ops.metrics_export.described import Labels, counter, few, gauge, switch
from ops.metrics_export.rising import Rising

FEED_STATE = gauge(
    "trading_feed_state", "1 for the state of the feed as a whole, 0 for the others.", "state"
)
FEED_AGE = gauge("trading_feed_age_seconds", "Since the newest frame with data.")
FRAMES = counter("trading_feed_frames_total", "Frames received.")
DECODE_ERRORS = counter(
    "trading_feed_decode_errors_total", "Frames that could not be read, by what was wrong.", "kind"
)
RECONNECTS = counter(
    "trading_feed_reconnects_total", "Losses of a socket after which data flowed again."
)
GAPS = gauge(
    "trading_feed_gap_candles",
    "1m candles in the windows of the followed symbols that the exchange does not have.",
)
DIFFERENCES = counter(
    "trading_feed_differences_total", "Candles that REST told otherwise than was known."
)
SYMBOLS = gauge("trading_feed_symbols", "Symbols that are followed.")
TROUBLED = gauge(
    "trading_feed_troubled_symbols", "Symbols whose candles are not current or not whole."
)
STREAMS = gauge("trading_streams", "Streams by kind and state.", "kind", "state")
STREAM_AGE = gauge(
    "trading_stream_oldest_age_seconds",
    "Since the newest frame of the stream of a kind that has been silent for longest.",
    "kind",
)
STREAM_YOUNGEST = gauge(
    "trading_stream_newest_age_seconds", "Since the newest frame of any stream of a kind.", "kind"
)
BOOKS = gauge("trading_order_books", "Order books of the symbols in focus, by phase.", "phase")
MARKET_TIME = gauge(
    "trading_market_time_seconds", "Newest time told by the exchange, since the epoch."
)
CLOCK_OFFSET = gauge(
    "trading_clock_offset_seconds",
    "This machine's clock less the newest time told by the exchange; absent on a simulated market.",
)
CACHE_READS = counter(
    "trading_cache_reads_total",
    "Reads of candles by where they were looked for, of all processes of the home.",
    "tier",
    "result",
)

_MOST_KINDS = 16
"""Kinds of streams we know are half as many."""
_OTHER = "other"


class OrderBooks(Protocol):
    """The order books of what is in focus."""

    def book_phases(self) -> Mapping[BookPhase, int]:
        """Return how many are in each phase."""


class Feed(Standings, Protocol):
    """The market as it moves: a `MarketFeed`."""

    def status(self) -> FeedStatus:
        """Return how it is now."""

    def streams(self) -> Sequence[StreamHealth]:
        """Return how each stream is."""

    @property
    def order_flow(self) -> OrderBooks:
        """What is known of order books."""

    @property
    def market_label(self) -> str | None:
        """What a simulated market is called."""

    def market_time_ms(self) -> int | None:
        """Return the newest time of the exchange."""


def feed_part(feed: Feed) -> Iterator[Metric]:
    """Tell how the feed as a whole is; on its event loop."""
    status = feed.status()
    yield FEED_STATE.of(switch((s.value for s in FeedState), status.state.upper()))
    yield FEED_AGE.of(status.age_s)
    yield FRAMES.of(status.frames)
    yield DECODE_ERRORS.of(few(status.unreadable))
    yield RECONNECTS.of(status.reconnects)
    yield GAPS.of(status.gaps)
    yield DIFFERENCES.of(status.differences)
    yield SYMBOLS.of(len(feed.symbols))
    yield TROUBLED.of(len(feed_troubles(feed)))
    phases = feed.order_flow.book_phases()
    yield BOOKS.of({(phase.value,): phases.get(phase, 0) for phase in BookPhase})


def stream_part(feed: Feed) -> Iterator[Metric]:
    """Tell of streams by kind, however many symbols there are; on the feed's event loop."""
    counts: Counter[Labels] = Counter()
    oldest: dict[Labels, float | None] = {}
    newest: dict[Labels, float | None] = {}
    kinds: set[str] = set()
    for stream in feed.streams():
        kind = _kind(stream.name)
        if kind not in kinds and len(kinds) >= _MOST_KINDS:
            kind = _OTHER
        kinds.add(kind)
        counts[kind, stream.state.value] += 1
        if stream.age_s is not None:
            oldest[kind,] = max(oldest.get((kind,)) or 0.0, stream.age_s)
            known = newest.get((kind,))
            newest[kind,] = stream.age_s if known is None else min(known, stream.age_s)
    yield STREAMS.of(dict(sorted(counts.items())))
    yield STREAM_AGE.of(oldest)
    yield STREAM_YOUNGEST.of(newest)


def time_part(feed: Feed, clock: Callable[[], float]) -> Iterator[Metric]:
    """Tell the exchange's time beside ``clock``, which is in seconds since the epoch."""
    market_ms = feed.market_time_ms()
    market_s = None if market_ms is None else market_ms / 1000.0
    yield MARKET_TIME.of(market_s)
    compared = market_s is not None and feed.market_label is None
    yield CLOCK_OFFSET.of(clock() - market_s if compared and market_s else None)


def cache_part(
    reads: Callable[[], Mapping[Tier, tuple[int, int]]], rising: Rising
) -> Iterator[Metric]:
    """Tell where candles were found; reads a file."""
    told: dict[Labels, float] = {}
    for tier, (hits, misses) in reads().items():
        told[tier.value, "hit"] = rising.of(f"{tier} hit", hits)
        told[tier.value, "miss"] = rising.of(f"{tier} miss", misses)
    yield CACHE_READS.of(told)


def _kind(name: str) -> str:
    """Return what a stream tells, without whom it tells of."""
    return name[1:] if name.startswith("!") else name.partition("@")[2] or _OTHER
