"""Mark price, index price and funding: small, smooth departures from the traded price."""

from dataclasses import dataclass

import numpy as np

from core.model.candles import FloatArray
from core.simulator.bars import KLINE_MINUTES, MINUTE_MS, Bars
from core.simulator.market import Market, generator
from core.simulator.seconds import IntArray
from core.simulator.tape import Tape

FUNDING_MS = 8 * 60 * MINUTE_MS
_HOUR_MINUTES = 60
_HOUR_MS = _HOUR_MINUTES * MINUTE_MS
_INTEREST = 0.0001  # for 8 hours, as the exchange fixes it
_LARGEST_RATE = 0.0075
_PARTS = ((7.3, 1.4e-4), (31.0, 2.2e-4))  # period in hours, amplitude of the premium


@dataclass(frozen=True, slots=True)
class Marks:
    """Prices in quote currency at one instant, and the funding that is coming."""

    mark: float
    index: float
    rate: float
    next_funding_ms: int


class Premium:
    """
    How far the perpetual trades above its index, and what that costs.

    The premium is constant within a UTC hour: mark candles of every interval are then
    exactly the traded ones, hour by hour, times a factor.
    """

    def __init__(self, market: Market) -> None:
        self._market = market
        self._phases: dict[str, FloatArray] = {}
        # The newest premium and rate of each symbol: every second asks for them again.
        self._premiums: dict[str, tuple[int, float]] = {}
        self._rates: dict[str, tuple[int, float]] = {}

    def marks(self, symbol: str, price: float, at_ms: int) -> Marks:
        """Return the marks that go with a traded price."""
        premium = self._premium_at(symbol, at_ms)
        coming = at_ms - at_ms % FUNDING_MS + FUNDING_MS
        return Marks(
            mark=price * (1.0 - 0.5 * premium),
            index=price * (1.0 - premium),
            rate=self.funding_rate(symbol, coming),
            next_funding_ms=coming,
        )

    def mark_factor(self, symbol: str, at_ms: IntArray) -> FloatArray:
        """Return mark price over traded price."""
        return 1.0 - 0.5 * self._premium(symbol, at_ms)

    def funding_rate(self, symbol: str, funding_ms: int) -> float:
        """Return the fraction of notional that longs pay at a funding time."""
        known_ms, known = self._rates.get(symbol, (-1, 0.0))
        if known_ms == funding_ms:
            return known
        random = generator(self._market.seed, symbol, "funding", funding_ms)
        premium = float(self._premium(symbol, np.array([funding_ms - _HOUR_MS]))[0])
        rate = _INTEREST + 0.4 * premium + 2e-5 * float(random.standard_normal())
        rate = min(max(rate, -_LARGEST_RATE), _LARGEST_RATE)
        self._rates[symbol] = (funding_ms, rate)
        return rate

    def _premium_at(self, symbol: str, at_ms: int) -> float:
        hour = at_ms // _HOUR_MS
        known_hour, known = self._premiums.get(symbol, (-1, 0.0))
        if known_hour == hour:
            return known
        premium = float(self._premium(symbol, np.array([at_ms]))[0])
        self._premiums[symbol] = (hour, premium)
        return premium

    def _premium(self, symbol: str, at_ms: IntArray) -> FloatArray:
        hours: FloatArray = (at_ms // _HOUR_MS).astype(np.float64)
        total = np.zeros_like(hours)
        phases = self._phases.get(symbol)
        if phases is None:
            random = generator(self._market.seed, symbol, "premium")
            phases = self._phases[symbol] = random.uniform(0.0, 6.28, len(_PARTS))
        for (period, amplitude), phase in zip(_PARTS, phases, strict=True):
            total += amplitude * np.sin(2.0 * np.pi * hours / period + phase)
        return total


@dataclass(frozen=True, slots=True, eq=False)
class MarkBars:
    """Candles of the mark price in quote currency; shape ``(n,)``."""

    open_ms: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray


def mark_bars(
    tape: Tape, premium: Premium, symbol: str, interval: str, bars: Bars, now_ms: int
) -> MarkBars:
    """Turn traded candles into those of the mark price."""
    size = KLINE_MINUTES[interval]
    fine, group = bars, 1
    if size > _HOUR_MINUTES and len(bars):
        end_ms = int(bars.open_ms[-1]) + size * MINUTE_MS - 1
        group = size // _HOUR_MINUTES
        limit = group * len(bars)
        fine = tape.bars(symbol, "1h", int(bars.open_ms[0]), end_ms, now_ms, limit=limit)
    factor = (
        premium.mark_factor(symbol, fine.open_ms)
        / 10 ** tape.market.listings[symbol].price_decimals
    )
    starts = np.searchsorted(fine.open_ms, bars.open_ms)
    ends = np.append(starts[1:], len(fine)) - 1
    high, low = fine.high * factor, fine.low * factor
    if len(fine):
        high, low = np.maximum.reduceat(high, starts), np.minimum.reduceat(low, starts)
    return MarkBars(
        bars.open_ms, (fine.open * factor)[starts], high, low, (fine.close * factor)[ends]
    )
