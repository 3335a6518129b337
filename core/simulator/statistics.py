"""Summaries of a symbol at an instant, as streams push them."""

from core.simulator.agg_trades import trades_before
from core.simulator.feeds import Sources
from core.simulator.stream_frames import mark_price, mini_ticker, ticker


def mark_prices(sources: Sources, symbols: tuple[str, ...], at_ms: int) -> list[dict[str, object]]:
    """Return mark price updates of the symbols that are traded."""
    found = []
    for symbol in symbols:
        if not sources.tape.can_read(symbol, at_ms):
            continue  # for the first seconds of a market of hundreds
        price = sources.tape.price(symbol, at_ms)
        if price is not None:
            listing = sources.listing(symbol)
            marks = sources.premium.marks(symbol, listing.price(price), at_ms)
            found.append(mark_price(listing, marks, at_ms))
    return found


def mini_tickers(sources: Sources, symbols: tuple[str, ...], at_ms: int) -> list[dict[str, object]]:
    """Return rolling 24 h summaries of the symbols that are traded."""
    return [
        mini_ticker(sources.listing(symbol), day, at_ms)
        for symbol in symbols
        for day in sources.tape.rolling_day(symbol, at_ms)
    ]


def tickers(sources: Sources, symbols: tuple[str, ...], at_ms: int) -> list[dict[str, object]]:
    """Return rolling 24 h statistics of the symbols that are traded."""
    return [
        ticker(sources.listing(symbol), day, last_quantity(sources, symbol, at_ms), at_ms)
        for symbol in symbols
        for day in sources.tape.rolling_day(symbol, at_ms)
    ]


def last_quantity(sources: Sources, symbol: str, at_ms: int) -> int:
    """Return the quantity of the newest trade; 0 before the first."""
    newest_ms = sources.tape.newest_ms(symbol, at_ms)
    if newest_ms is None:
        return 0
    found = sources.tape.stretches.at(symbol, newest_ms).last_quantity(newest_ms)
    if found is not None:
        return found
    trades = trades_before(sources.tape.market, symbol, newest_ms, limit=1)
    return trades[-1].quantity if trades else 0
