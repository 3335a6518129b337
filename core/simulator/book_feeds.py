"""Frames of the order book streams, tick by tick."""

from core.simulator.feeds import Sources
from core.simulator.order_book import changed
from core.simulator.stream_frames import book_ticker_frame, depth_frame


class BookTickerFeed:
    """Best bid and ask when they change."""

    period_ticks = 1

    def __init__(self, sources: Sources, symbol: str) -> None:
        self._books = sources.books
        self._listing = sources.listing(symbol)
        self._best: tuple[object, ...] = ()

    def frames(self, now_ms: int) -> list[str]:
        """Return the change, if there is one."""
        del now_ms
        book = self._books.book(self._listing.symbol)
        best = (*list(book.bids.items())[:1], *list(book.asks.items())[:1])
        if best == self._best or not best:
            return []
        self._best = best
        return [book_ticker_frame(self._listing, book)]


class BestOfAllFeed:
    """Best bid and ask of every symbol, each in a frame of its own."""

    period_ticks = 40

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._feeds: dict[str, BookTickerFeed] = {}

    def frames(self, now_ms: int) -> list[str]:
        """Return the changes since the last call."""
        for symbol in self._sources.traded(now_ms):
            if symbol not in self._feeds:
                self._feeds[symbol] = BookTickerFeed(self._sources, symbol)
        return [frame for feed in self._feeds.values() for frame in feed.frames(now_ms)]


class DepthFeed:
    """Changed levels in an unbroken chain; looks at every tick, pushes at some."""

    period_ticks = 1

    def __init__(self, sources: Sources, symbol: str, every_ticks: int) -> None:
        self._books = sources.books
        self._listing = sources.listing(symbol)
        self._every_ticks = every_ticks
        self._tick = 0
        self._seen = sources.books.book(symbol)
        self._pushed_id = self._seen.update_id
        self._bids: set[int] = set()
        self._asks: set[int] = set()

    def frames(self, now_ms: int) -> list[str]:
        """Return one event for all levels touched since the last one."""
        del now_ms
        book = self._books.book(self._listing.symbol)
        self._bids |= changed(self._seen.bids, book.bids)
        self._asks |= changed(self._seen.asks, book.asks)
        self._seen = book
        self._tick += 1
        if self._tick % self._every_ticks or not (self._bids or self._asks):
            return []
        frame = depth_frame(
            self._listing,
            book.update_id,
            self._pushed_id,
            [(p, book.bids.get(p, 0)) for p in sorted(self._bids, reverse=True)],
            [(p, book.asks.get(p, 0)) for p in sorted(self._asks)],
        )
        self._pushed_id = book.update_id
        self._bids, self._asks = set(), set()
        return [frame]


class TopOfBookFeed:
    """The best levels, whole."""

    def __init__(self, sources: Sources, symbol: str, depth: int, every_ticks: int) -> None:
        self._books = sources.books
        self._listing = sources.listing(symbol)
        self._depth = depth
        self._pushed_id = sources.books.book(symbol).update_id
        self.period_ticks = every_ticks

    def frames(self, now_ms: int) -> list[str]:
        """Return the top of the book when time has passed."""
        del now_ms
        book = self._books.book(self._listing.symbol)
        if book.update_id == self._pushed_id:
            return []
        top = (list(side.items())[: self._depth] for side in (book.bids, book.asks))
        frame = depth_frame(self._listing, book.update_id, self._pushed_id, *top)
        self._pushed_id = book.update_id
        return [frame]
