"""What the streams push: JSON text, key for key as the exchange writes it (PROTOCOLS A4)."""

import json
from collections.abc import Iterable, Sequence

from core.simulator.agg_trades import AggTrade
from core.simulator.bars import KLINE_MINUTES, MINUTE_MS, Bar
from core.simulator.listings import Listing
from core.simulator.order_book import Book
from core.simulator.premium import Marks
from core.simulator.seconds import DAY_MS

# "This is USD-M" (2 would be COIN-M), appended by the exchange to most payloads.
_USD_M = 1


def json_text(value: object) -> str:
    """Write JSON without spaces, non-ASCII symbols as they are."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def combined(stream: str, payload: str) -> str:
    """Wrap a payload as ``/stream`` connections get it."""
    return f'{{"stream":{json_text(stream)},"data":{payload}}}'


def kline_frame(listing: Listing, interval: str, bar: Bar, event_ms: int, *, closed: bool) -> str:
    """Write a candle; the captured frames have a space after the commas within ``k``."""
    close_ms = bar.open_ms + KLINE_MINUTES[interval] * MINUTE_MS - 1
    first, last = -1, -1
    if bar.trades:
        first, last = bar.first_trade, bar.first_trade + bar.trades - 1
    price, quantity, quote = listing.price_text, listing.quantity_text, listing.quote_text
    candle = (
        f'"t":{bar.open_ms}, "T":{close_ms}, "s":"{listing.symbol}", "i":"{interval}", '
        f'"f":{first}, "L":{last}, "o":"{price(bar.open)}", "c":"{price(bar.close)}", '
        f'"h":"{price(bar.high)}", "l":"{price(bar.low)}", "v":"{quantity(bar.volume)}", '
        f'"n":{bar.trades}, "x":{str(closed).lower()}, "q":"{quote(bar.quote)}", '
        f'"V":"{quantity(bar.buy)}", "Q":"{quote(bar.buy_quote)}", "B":"0"'
    )
    return f'{{"e":"kline","E":{event_ms},"s":"{listing.symbol}","k":{{{candle}}}}}'


def agg_trade_frame(listing: Listing, trade: AggTrade, event_ms: int) -> str:
    """Write an aggregate trade."""
    quantity = listing.quantity_text(trade.quantity)
    return json_text(
        {
            "e": "aggTrade",
            "E": event_ms,
            "a": trade.id,
            "s": listing.symbol,
            "p": listing.price_text(trade.price),
            "q": quantity,
            "nq": quantity,
            "f": trade.first_trade,
            "l": trade.last_trade,
            "T": trade.time_ms,
            "m": trade.buyer_maker,
            "st": _USD_M,
        }
    )


def mark_price(listing: Listing, marks: Marks, event_ms: int) -> dict[str, object]:
    """Return the fields of a mark price update."""
    return {
        "e": "markPriceUpdate",
        "E": event_ms,
        "s": listing.symbol,
        "p": f"{marks.mark:.8f}",
        "ap": f"{marks.mark:.8f}",
        "P": f"{marks.index:.8f}",
        "i": f"{marks.index:.8f}",
        "r": f"{marks.rate:.8f}",
        "T": marks.next_funding_ms,
        "st": _USD_M,
    }


def mini_ticker(listing: Listing, day: Bar, event_ms: int) -> dict[str, object]:
    """Return the fields of a rolling 24 h summary."""
    return {
        "e": "24hrMiniTicker",
        "E": event_ms,
        "s": listing.symbol,
        "c": listing.price_text(day.close),
        "o": listing.price_text(day.open),
        "h": listing.price_text(day.high),
        "l": listing.price_text(day.low),
        "v": listing.quantity_text(day.volume),
        "q": listing.quote_text(day.quote),
        "ps": listing.symbol,
        "st": _USD_M,
    }


def ticker(listing: Listing, day: Bar, last_quantity: int, event_ms: int) -> dict[str, object]:
    """Return the fields of a rolling 24 h statistic."""
    return {
        "e": "24hrTicker",
        "E": event_ms,
        "s": listing.symbol,
        "ps": listing.symbol,
        "p": listing.price_text(day.close - day.open),
        "P": f"{100.0 * (day.close / day.open - 1.0):.3f}",
        "w": average_price(listing, day),
        "c": listing.price_text(day.close),
        "Q": listing.quantity_text(last_quantity),
        "o": listing.price_text(day.open),
        "h": listing.price_text(day.high),
        "l": listing.price_text(day.low),
        "v": listing.quantity_text(day.volume),
        "q": listing.quote_text(day.quote),
        "O": event_ms - DAY_MS,
        "C": event_ms,
        "F": day.first_trade,
        "L": day.first_trade + day.trades - 1,
        "n": day.trades,
        "st": _USD_M,
    }


def average_price(listing: Listing, day: Bar) -> str:
    """Write the volume-weighted price; the last one where nothing was traded."""
    return listing.price_text(round(day.quote / day.volume) if day.volume else day.close)


def book_ticker_frame(listing: Listing, book: Book) -> str:
    """Write the best bid and ask."""
    bid, ask = next(iter(book.bids)), next(iter(book.asks))
    return json_text(
        {
            "e": "bookTicker",
            "u": book.update_id,
            "s": listing.symbol,
            "ps": listing.symbol,
            "b": listing.price_text(bid),
            "B": listing.quantity_text(book.bids[bid]),
            "a": listing.price_text(ask),
            "A": listing.quantity_text(book.asks[ask]),
            "T": book.update_id,
            "E": book.update_id,
            "st": _USD_M,
        }
    )


def depth_frame(
    listing: Listing,
    update_id: int,
    previous_id: int,
    bids: Iterable[tuple[int, int]],
    asks: Iterable[tuple[int, int]],
) -> str:
    """Write changed levels, or the whole top of the book (the exchange uses one form)."""
    return json_text(
        {
            "e": "depthUpdate",
            "E": update_id,
            "T": update_id,
            "s": listing.symbol,
            "ps": listing.symbol,
            "U": previous_id + 1,
            "u": update_id,
            "pu": previous_id,
            "b": levels(listing, bids),
            "a": levels(listing, asks),
            "st": _USD_M,
        }
    )


def levels(listing: Listing, side: Iterable[tuple[int, int]]) -> Sequence[tuple[str, str]]:
    """Write levels as pairs of price and quantity."""
    return [(listing.price_text(p), listing.quantity_text(q)) for p, q in side]
