"""What the REST endpoints answer, from values that are already checked."""

from collections.abc import Sequence
from typing import Any

from core.simulator.agg_trades import AggTrade
from core.simulator.bars import KLINE_MINUTES, MINUTE_MS, Bar, Bars
from core.simulator.feeds import Sources
from core.simulator.listings import Listing
from core.simulator.open_interest import Snapshots
from core.simulator.order_book import Book
from core.simulator.premium import FUNDING_MS, MarkBars
from core.simulator.seconds import DAY_MS
from core.simulator.statistics import last_quantity
from core.simulator.stream_frames import average_price, levels


def kline_rows(listing: Listing, interval: str, bars: Bars) -> list[list[object]]:
    """Write candles as the exchange's rows of twelve."""
    last_ms = KLINE_MINUTES[interval] * MINUTE_MS - 1
    price, quantity, quote = listing.price_text, listing.quantity_text, listing.quote_text
    return [
        [
            bar.open_ms,
            price(bar.open),
            price(bar.high),
            price(bar.low),
            price(bar.close),
            quantity(bar.volume),
            bar.open_ms + last_ms,
            quote(bar.quote),
            bar.trades,
            quantity(bar.buy),
            quote(bar.buy_quote),
            "0",
        ]
        for bar in bars
    ]


def mark_rows(interval: str, bars: MarkBars) -> list[list[object]]:
    """Write candles of the mark price; what has no meaning for it is zero."""
    minutes = KLINE_MINUTES[interval]
    columns = (bars.open_ms, bars.open, bars.high, bars.low, bars.close)
    rows: list[list[object]] = []
    for row in zip(*(column.tolist() for column in columns), strict=True):
        open_ms, *prices = row
        texts = [f"{price:.8f}" for price in prices]
        close_ms = int(open_ms) + minutes * MINUTE_MS - 1
        rows.append([int(open_ms), *texts, "0", close_ms, "0", minutes * 60, "0", "0", "0"])
    return rows


def agg_trade_rows(listing: Listing, trades: Sequence[AggTrade]) -> list[dict[str, object]]:
    """Write aggregate trades."""
    return [
        {
            "a": trade.id,
            "p": listing.price_text(trade.price),
            "q": listing.quantity_text(trade.quantity),
            "nq": listing.quantity_text(trade.quantity),
            "f": trade.first_trade,
            "l": trade.last_trade,
            "T": trade.time_ms,
            "m": trade.buyer_maker,
        }
        for trade in trades
    ]


def depth_body(listing: Listing, book: Book, limit: int) -> dict[str, object]:
    """Write a snapshot of the order book."""
    return {
        "lastUpdateId": book.update_id,
        "E": book.update_id,
        "T": book.update_id,
        "bids": levels(listing, list(book.bids.items())[:limit]),
        "asks": levels(listing, list(book.asks.items())[:limit]),
    }


def premium_rows(sources: Sources, symbols: Sequence[str], now_ms: int) -> list[dict[str, object]]:
    """Write mark price, index price and coming funding of the symbols that are traded."""
    rows: list[dict[str, object]] = []
    for symbol in symbols:
        price = sources.tape.price(symbol, now_ms)
        if price is None:
            continue
        marks = sources.premium.marks(symbol, sources.listing(symbol).price(price), now_ms)
        rows.append(
            {
                "symbol": symbol,
                "markPrice": f"{marks.mark:.8f}",
                "indexPrice": f"{marks.index:.8f}",
                "estimatedSettlePrice": f"{marks.index:.8f}",
                "lastFundingRate": f"{marks.rate:.8f}",
                "interestRate": "0.00010000",
                "nextFundingTime": marks.next_funding_ms,
                "time": now_ms,
            }
        )
    return rows


def funding_rows(
    sources: Sources, symbol: str, times: range, now_ms: int
) -> list[dict[str, object]]:
    """Write past funding payments at the given times."""
    rows: list[dict[str, object]] = []
    for at_ms in times:
        price = sources.tape.price(symbol, min(at_ms, now_ms))
        if price is None:
            continue
        traded = sources.listing(symbol).price(price)
        rows.append(
            {
                "symbol": symbol,
                "fundingTime": at_ms,
                "fundingRate": f"{sources.premium.funding_rate(symbol, at_ms):.8f}",
                "markPrice": f"{sources.premium.marks(symbol, traded, at_ms).mark:.8f}",
            }
        )
    return rows


def funding_times(first_ms: int, last_ms: int) -> range:
    """Return the funding times in ``[first_ms, last_ms]``."""
    return range(-(-first_ms // FUNDING_MS) * FUNDING_MS, last_ms + 1, FUNDING_MS)


def open_interest_rows(symbol: str, snapshots: Snapshots) -> list[dict[str, Any]]:
    """Write what was held at round times."""
    columns = (snapshots.at_ms, snapshots.contracts, snapshots.price)
    return [
        {
            "symbol": symbol,
            "sumOpenInterest": f"{contracts:.8f}",
            "sumOpenInterestValue": f"{contracts * price:.8f}",
            "timestamp": at_ms,
        }
        for at_ms, contracts, price in zip(*(c.tolist() for c in columns), strict=True)
    ]


def ticker_rows(sources: Sources, symbols: Sequence[str], now_ms: int) -> list[dict[str, object]]:
    """Write rolling 24 h statistics of the symbols that are traded."""
    return [
        _ticker(sources.listing(symbol), day, last_quantity(sources, symbol, now_ms), now_ms)
        for symbol in symbols
        for day in sources.tape.rolling_day(symbol, now_ms)
    ]


def _ticker(listing: Listing, day: Bar, quantity: int, now_ms: int) -> dict[str, object]:
    return {
        "symbol": listing.symbol,
        "priceChange": listing.price_text(day.close - day.open),
        "priceChangePercent": f"{100.0 * (day.close / day.open - 1.0):.3f}",
        "weightedAvgPrice": average_price(listing, day),
        "lastPrice": listing.price_text(day.close),
        "lastQty": listing.quantity_text(quantity),
        "openPrice": listing.price_text(day.open),
        "highPrice": listing.price_text(day.high),
        "lowPrice": listing.price_text(day.low),
        "volume": listing.quantity_text(day.volume),
        "quoteVolume": listing.quote_text(day.quote),
        "openTime": now_ms - DAY_MS,
        "closeTime": now_ms,
        "firstId": day.first_trade,
        "lastId": day.first_trade + day.trades - 1,
        "count": day.trades,
    }
