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

Maker: TypeAlias = Callable[[Sources, int], Feed]


class Route(Enum):
    """The three ways in; the last is the one the exchange retired in April 2026."""

    MARKET = "market"
    PUBLIC = "public"
    LEGACY = "legacy"


def feed_of(name: str, route: Route, sources: Sources, now_ms: int) -> Feed | None:
    """
    Return what feeds a stream on a route, or None for silence.

    A name nobody knows is silent, and so is a stream on the route that does not carry it:
    the retired route carries what the public one does.
    """
    symbols = {symbol.lower(): symbol for symbol in sources.tape.market.listings}
    makers = _market_maker if route is Route.MARKET else _public_maker
    maker = makers(name, symbols)
    return None if maker is None else maker(sources, now_ms)


def _market_maker(name: str, symbols: Mapping[str, str]) -> Maker | None:
    if everything := _ALL.fullmatch(name):
        every = tuple(symbols.values())
        return _summary(everything["kind"], everything["speed"], every, single=False)
    match = _NAME.fullmatch(name)
    if match is None or match["symbol"] not in symbols:
        return None
    symbol, kind, detail, speed = symbols[match["symbol"]], *match.group("kind", "detail", "speed")
    if kind == "kline" and detail in KLINE_MINUTES and speed is None:
        return lambda sources, now_ms: KlineFeed(sources, symbol, str(detail), now_ms)
    if kind == "aggTrade" and detail is None and speed is None:
        return lambda sources, now_ms: AggTradeFeed(sources, symbol, now_ms)
    return None if detail else _summary(kind, speed, (symbol,), single=True)


def _summary(
    kind: str, speed: str | None, symbols: tuple[str, ...], *, single: bool
) -> Maker | None:
    period = _TWO_SECONDS if single else _ONE_SECOND
    match kind, speed:
        case "markPrice", None | "1s":
            every_ms = SECOND_MS if speed else 3 * SECOND_MS
            return lambda sources, _: LatticeFeed(
                lambda at_ms: mark_prices(sources, symbols, at_ms), every_ms, _QUARTER, single
            )
        case "miniTicker", None:
            return lambda sources, _: LatticeFeed(
                lambda at_ms: mini_tickers(sources, symbols, at_ms), SECOND_MS, period, single
            )
        case "ticker", None:
            return lambda sources, _: LatticeFeed(
                lambda at_ms: tickers(sources, symbols, at_ms), SECOND_MS, period, single
            )
    return None


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
