"""A plausible order book around the last price, as a pure function of the instant."""

import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.simulator.listings import Listing
from core.simulator.market import Market
from core.simulator.seconds import SECOND_MS, IntArray
from core.simulator.tape import Tape

BOOK_LEVELS = 1_000
_SLOWEST_CHANGE_S = 40
_EVERY_TICK = 20  # levels next to the best
_GRID_SHARE = 2e-5  # of the typical price, between levels further away
_LEVEL_SHARE = 1 / 40  # one level's part of an ordinary minute's volume


@dataclass(frozen=True, slots=True)
class Book:
    """
    Resting orders: price units to quantity units, best first.

    Attributes:
        update_id: ``lastUpdateId``; the market millisecond the book was taken at.
    """

    update_id: int
    bids: dict[int, int]
    asks: dict[int, int]


def book_at(tape: Tape, symbol: str, now_ms: int) -> Book:
    """Return the book at an instant; without levels before the first candle."""
    at_ms = tape.newest_ms(symbol, now_ms)
    if at_ms is None:
        return Book(now_ms, {}, {})
    market, listing = tape.market, tape.market.listings[symbol]
    seconds = tape.stretches.at(symbol, at_ms)
    second = seconds.index(at_ms)
    price, tick = int(seconds.price[second]), listing.tick_units
    # The last trade hit the ask when takers bought more than they sold.
    best_ask = price if seconds.buy[second] > seconds.sell[second] else price + tick
    clock = at_ms // SECOND_MS
    return Book(
        at_ms,
        _levels(market, listing, -_outwards(tick - best_ask, listing), clock),
        _levels(market, listing, _outwards(best_ask, listing), clock),
    )


def changed(old: dict[int, int], new: dict[int, int]) -> set[int]:
    """Return the prices at which two sides of a book differ."""
    return {price for price, _ in old.items() ^ new.items()}


def _outwards(best: int, listing: Listing) -> IntArray:
    """
    Return rising prices from the best on: every tick near it, then on a fixed grid.

    So a thousand levels reach as deep as real ones do. The prices of bids are given negative.
    """
    tick = listing.tick_units
    typical = listing.typical_price * 10**listing.price_decimals
    gap = max(1, round(typical * _GRID_SHARE / tick)) * tick
    first = -(-(best + _EVERY_TICK * tick) // gap) * gap
    near = best + np.arange(_EVERY_TICK, dtype=np.int64) * tick
    far = first + np.arange(BOOK_LEVELS - _EVERY_TICK, dtype=np.int64) * gap
    return np.concatenate((near, far))


def _levels(market: Market, listing: Listing, prices: IntArray, clock: int) -> dict[int, int]:
    prices = prices[prices > 0]
    period = 3 + prices // listing.tick_units % _SLOWEST_CHANGE_S
    identity = zlib.crc32(f"{market.seed}|{listing.symbol}".encode())
    noise = _uniform(prices * 2_654_435_761 + (clock + prices) // period * 40_503 + identity)
    units = listing.minute_notional / listing.typical_price * 10**listing.quantity_decimals
    sizes = 1 + (-np.log(noise) * units * _LEVEL_SHARE).astype(np.int64)
    return dict(zip(prices.tolist(), sizes.tolist(), strict=True))


def _uniform(keys: IntArray) -> npt.NDArray[np.float64]:
    """Hash integers to (0, 1]. Source: the finaliser of SplitMix64 (Steele et al., 2014)."""
    z = keys.astype(np.uint64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) / 2.0**53 + 2.0**-54
