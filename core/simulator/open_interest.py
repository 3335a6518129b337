"""
How much is held of each perpetual: what the volume of the last day opened and closed.

Of what was traded in five minutes a part, drawn for those five minutes, opens contracts or closes
them; it counts less the longer ago it was and nothing after a day. So open interest moves when
volume does, and every snapshot follows from the past alone.
"""

from dataclasses import dataclass

import numpy as np

from core.model.candles import FloatArray
from core.simulator.bars import MINUTE_MS, Bars
from core.simulator.listings import Listing
from core.simulator.market import generator
from core.simulator.seconds import DAY_MS, IntArray
from core.simulator.tape import Tape

PERIOD_MINUTES = {
    "5m": 5,
    "15m": 15,
    "30m": 30,
    "1h": 60,
    "2h": 120,
    "4h": 240,
    "6h": 360,
    "12h": 720,
    "1d": 1440,
}
KEPT_MS = 30 * DAY_MS
_STEP_MS = 5 * MINUTE_MS
_STEPS_PER_DAY = DAY_MS // _STEP_MS
_HOURS_HELD = 8.0  # of ordinary volume; a liquid perpetual holds about a third of a day's
_OPENING_SHARE = 0.06  # of what is traded in five minutes, one standard deviation
_WAVES = ((31.0, 0.03), (187.0, 0.07))  # period in hours, part of what is held


@dataclass(frozen=True, slots=True, eq=False)
class Snapshots:
    """
    What was held at round times, oldest first; every array has shape ``(n,)``.

    Attributes:
        contracts: In base currency.
        price: Traded then, in quote currency.
    """

    at_ms: IntArray
    contracts: FloatArray
    price: FloatArray


def snapshots(
    tape: Tape, symbol: str, period: str, end_ms: int, now_ms: int, *, limit: int
) -> Snapshots:
    """Return the newest ``limit`` snapshots at or before ``end_ms``, none older than is kept."""
    step_ms = PERIOD_MINUTES[period] * MINUTE_MS
    last_ms = min(end_ms, now_ms)
    last_ms -= last_ms % step_ms
    first_ms = max(last_ms - (limit - 1) * step_ms, now_ms - KEPT_MS)
    # A snapshot needs the day before it, and the five minutes that end with it last.
    wanted = (last_ms - first_ms) // _STEP_MS + _STEPS_PER_DAY + 1
    newest_ms = last_ms - _STEP_MS
    bars = tape.newest_bars(symbol, "5m", newest_ms, now_ms, limit=wanted)
    at_ms = bars.open_ms + _STEP_MS
    listing = tape.market.listings[symbol]
    contracts = _held(tape.market.seed, listing, bars)
    price = bars.close / 10**listing.price_decimals
    kept = (at_ms >= first_ms) & (at_ms % step_ms == 0) & (at_ms <= last_ms)
    return Snapshots(at_ms[kept], contracts[kept], price[kept])


def _held(seed: int, listing: Listing, bars: Bars) -> FloatArray:
    """Return what was held at the end of each of the bars; the first day lacks a past."""
    ordinary = listing.minute_notional * 60.0 * _HOURS_HELD / listing.typical_price
    hours = (bars.open_ms + _STEP_MS) / (60.0 * MINUTE_MS)
    phases = generator(seed, listing.symbol, "open interest").uniform(0.0, 2.0 * np.pi, len(_WAVES))
    level = np.ones(len(bars))
    for (period, part), phase in zip(_WAVES, phases, strict=True):
        level += part * np.sin(2.0 * np.pi * hours / period + phase)
    opened = bars.volume / 10**listing.quantity_decimals * _opening(seed, listing.symbol, bars)
    fading = 1.0 - np.arange(_STEPS_PER_DAY) / _STEPS_PER_DAY
    recent = np.convolve(opened, fading)[: len(bars)] if len(bars) else np.empty(0)
    held: FloatArray = np.maximum(ordinary * level + recent, 0.1 * ordinary)
    return held


def _opening(seed: int, symbol: str, bars: Bars) -> FloatArray:
    """Return which part of each bar's volume opened contracts; negative where it closed some."""
    days = bars.open_ms // DAY_MS
    shares = np.empty(len(bars))
    for day in np.unique(days).tolist():
        drawn = generator(seed, symbol, "opening", day).standard_normal(_STEPS_PER_DAY)
        mine = days == day
        shares[mine] = drawn[bars.open_ms[mine] % DAY_MS // _STEP_MS]
    return _OPENING_SHARE * shares
