"""Stream names: which exist, on which route, and what feeds them."""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import TypeAlias

from core.simulator.bars import KLINE_MINUTES
from core.simulator.book_feeds import BestOfAllFeed, BookTickerFeed, DepthFeed, TopOfBookFeed
from core.simulator.feeds import AggTradeFeed, Feed, KlineFeed, LatticeFeed, Sources
from core.simulator.seconds import SECOND_MS
from core.simulator.statistics import mark_prices, mini_tickers, tickers

# Ticks between frames; the exchange's own periods are 100 ms, 250 ms, 500 ms, 1 s, 2 s, 5 s.
_DEPTH_TICKS = {None: 2, "100ms": 1, "500ms": 4}
_QUARTER, _ONE_SECOND, _TWO_SECONDS = 2, 8, 16
_DEPTHS = {"5": 5, "10": 10, "20": 20}
_NAME = re.compile(
    r"(?P<symbol>[^@!]+)@(?P<kind>[a-zA-Z]+)_?(?P<detail>(?<=_)\w+|\d+)?(@(?P<speed>\w+))?"
)
_ALL = re.compile(r"!(?P<kind>markPrice|miniTicker|ticker)@arr(@(?P<speed>1s))?")

_SUMMARIES = {"markPrice": mark_prices, "miniTicker": mini_tickers, "ticker": tickers}

Maker: TypeAlias = Callable[[Sources, int], Feed]


class Route(Enum):
    """The ways in; the last is the one the exchange retired in April 2026."""

    MARKET = "market"
    PUBLIC = "public"
    PRIVATE = "private"  # of accounts, which the simulator does not have: always silent
    LEGACY = "legacy"


def feed_of(name: str, route: Route, sources: Sources, now_ms: int) -> Feed | None:
    """
    Return what feeds a stream on a route, or None for silence.

    A name nobody knows is silent, and so is a stream on the route that does not carry it:
    the retired route carries what the public one does.
    """
    if route is Route.PRIVATE:
        return None
    symbols = {symbol.lower(): symbol for symbol in sources.tape.market.listings}
    makers = _market_maker if route is Route.MARKET else _public_maker
    maker = makers(name, symbols)
    return None if maker is None else maker(sources, now_ms)


def _market_maker(name: str, symbols: Mapping[str, str]) -> Maker | None:
    if everything := _ALL.fullmatch(name):
        return _summary(everything["kind"], everything["speed"], None)
    match = _NAME.fullmatch(name)
    if match is None or match["symbol"] not in symbols:
        return None
    symbol, kind, detail, speed = symbols[match["symbol"]], *match.group("kind", "detail", "speed")
    if kind == "kline" and detail in KLINE_MINUTES and speed is None:
        return lambda sources, now_ms: KlineFeed(sources, symbol, str(detail), now_ms)
    if kind == "aggTrade" and detail is None and speed is None:
        return lambda sources, now_ms: AggTradeFeed(sources, symbol, now_ms)
    return None if detail else _summary(kind, speed, symbol)


def _summary(kind: str, speed: str | None, symbol: str | None) -> Maker | None:
    """Return the maker of a stream of one symbol, or of all that are traded at its instants."""
    summaries, every_ms = _SUMMARIES.get(kind), SECOND_MS
    ticks = _ONE_SECOND if symbol is None else _TWO_SECONDS
    if summaries is None or speed not in (None, "1s"):
        return None
    if kind == "markPrice":
        every_ms, ticks = (SECOND_MS if speed else 3 * SECOND_MS), _QUARTER
    elif speed is not None:
        return None

    def make(sources: Sources, now_ms: int) -> Feed:
        del now_ms

        def at(at_ms: int) -> list[dict[str, object]]:
            traded = sources.traded(at_ms) if symbol is None else sources.traded_of(symbol, at_ms)
            return summaries(sources, traded, at_ms)

        return LatticeFeed(at, every_ms, ticks, single=symbol is not None)

    return make


def _public_maker(name: str, symbols: Mapping[str, str]) -> Maker | None:
    if name == "!bookTicker":
        return lambda sources, _: BestOfAllFeed(sources)
    match = _NAME.fullmatch(name)
    if match is None or match["symbol"] not in symbols:
        return None
    symbol, kind, detail, speed = symbols[match["symbol"]], *match.group("kind", "detail", "speed")
    if kind == "bookTicker" and detail is None and speed is None:
        return lambda sources, _: BookTickerFeed(sources, symbol)
    ticks = _DEPTH_TICKS.get(speed, 0)
    if kind != "depth" or not ticks:
        return None
    if detail is None:
        return lambda sources, _: DepthFeed(sources, symbol, ticks)
    depth = _DEPTHS.get(detail, 0)
    return (lambda sources, _: TopOfBookFeed(sources, symbol, depth, ticks)) if depth else None
