"""
What kind of market it is: trend up, trend down, range, volatile or quiet.

Four measures are taken of each candle: how one-sided its surroundings moved (ADX), how
directly (efficiency), how steeply (slope), and how its ranges compare with those of the
last hours (volatility rank). A regime begins where the measures are clear, and ends where
they are clear of it again (two thresholds each); between them the last clear word stands,
for at most `_MEMORY_CANDLES`. A regime must last ``hold`` candles before it is believed.

All of it is a function of a fixed number of candles, to the bit: no recursion reaches
further back, so neither the start of a window nor an old spike matters after it.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from core.indicators.averages import rolling_mean, rolling_sum
from core.indicators.directional import signed_efficiency
from core.indicators.fading import WordArray, fading_reach, fading_sum, fading_weight, last_word
from core.indicators.volatility import true_range
from core.model.candles import FloatArray
from core.model.parameters import Bounded, parameter
from core.model.regime import Regime
from core.model.shape_columns import SignArray

REGIMES = (Regime.TREND_UP, Regime.TREND_DOWN, Regime.RANGE, Regime.VOLATILE, Regime.QUIET)
"""What a code stands for; -1 is not known."""

_UP, _DOWN, _RANGE, _VOLATILE, _QUIET = (np.uint8(i) for i in range(len(REGIMES)))

# Where a trend begins and where it ends. Wilder calls it a trend from an ADX of 25 on and
# none below 20; recorded perpetuals (BTC, ETH, SOL, DOGE at 1m, 15m and 1h) have a median of
# 24, and an efficiency of 32 candles that is above 0.25 in one of four and below 0.10 in one
# of three. With these thresholds no regime has more than 48 % or less than 7 % of the time
# in any of these markets, on average 16, 17, 30, 13 and 22 % in the order of `REGIMES`, and
# half of them last for 15 (1h) to 19 candles (1m) or longer.
_ADX_ENTER, _ADX_LEAVE = 25.0, 20.0
_EFFICIENCY_ENTER, _EFFICIENCY_LEAVE = 0.25, 0.10
_SLOPE_ENTER = 0.04  # in average true ranges per candle
# Share of the samples that are less volatile.
_VOLATILE_ENTER, _VOLATILE_LEAVE = 0.85, 0.65
_QUIET_ENTER, _QUIET_LEAVE = 0.15, 0.35
_MIDDLE = 0.5

_MEMORY_CANDLES = 64
_SAMPLES = 16
_TENTH = 16  # of the 128 steps of 7 binary digits in an octave: a tenth or so
_BLOCK = 4_096  # candles at once: 16 samples of so many, of two bytes each, stay in the cache
_TINY = np.finfo(np.float64).tiny  # added to a sum it changes nothing but 0
_ONE, _FIRST, _SECOND, _NEITHER = np.uint8(1), np.uint8(1), np.uint8(2), np.uint8(3)

_BoolArray: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class RegimeParams(Bounded):
    """Of the four measures, and how long a regime must last to be believed."""

    period: int = parameter(14, 5, 28, "candles", "of ADX and average true range")
    reach: int = parameter(32, 10, 100, "candles", "over which efficiency and slope are taken")
    lookback: int = parameter(240, 64, 480, "candles", "whose ranges volatility is ranked among")
    hold: int = parameter(6, 1, 24, "candles", "that a regime must last to be believed")


@dataclass(frozen=True, slots=True, eq=False)
class RegimeSeries:
    """
    The regime of each candle, and what it was judged by; all of shape ``(n,)``.

    Attributes:
        code: Index into `REGIMES`, -1 for the first candles.
        adx: 0 to 100.
        efficiency: -1 (straight down) to 1 (straight up).
        slope_atr: Of the way from the older to the newer half, in average true ranges
            per candle.
        volatility: Share of earlier candles that were less volatile, 0 to 1.
    """

    code: SignArray
    adx: FloatArray
    efficiency: FloatArray
    slope_atr: FloatArray
    volatility: FloatArray


def regime_memory(params: RegimeParams) -> int:
    """How many candles before a candle its regime is a function of, at most."""
    directional = 1 + 2 * fading_reach(params.period)
    ranked = 1 + params.period + params.lookback
    return max(directional, ranked, params.reach + 1) + 2 * _MEMORY_CANDLES + params.hold


def regimes(
    high: FloatArray, low: FloatArray, close: FloatArray, params: RegimeParams
) -> RegimeSeries:
    """
    Tell the regime of each candle.

    Args:
        high: Highest prices, positive and finite, oldest first; shape ``(n,)``.
        low: Lowest prices, likewise.
        close: Closing prices, likewise.
        params: See `RegimeParams`.

    Returns:
        All -1 and NaN until each measure has something to go by (66 candles at the
        defaults), then the best guess of what there is; from row `regime_memory` on the
        same, to the bit, in every series that ends in these candles.
    """
    first = max(2 * params.period, params.reach, params.lookback // 4) + params.hold
    if close.size <= first:
        nothing = np.full(close.size, np.nan)
        unknown = np.full(close.size, -1, dtype=np.int8)
        return RegimeSeries(unknown, nothing, nothing, nothing, nothing)
    ranges = rolling_mean(true_range(high, low, close), params.period)
    adx = _adx(high, low, params.period)
    efficiency = signed_efficiency(close, params.reach)
    slope = _slope(close, ranges, params.reach)
    volatility = np.full(close.size, np.nan)
    known = slice(params.period, None)
    volatility[known] = _rank(ranges[known] / close[known], params.lookback)
    code = _believed(_judged(adx, efficiency, slope, volatility), params.hold).view(np.int8)
    for measure in (adx, efficiency, slope, volatility):
        measure[:first] = np.nan
    code[:first] = -1
    return RegimeSeries(code, adx, efficiency, slope, volatility)


def _adx(high: FloatArray, low: FloatArray, period: int) -> FloatArray:
    """ADX; the true range cancels, and Wilder's weights are cut off (`fading_sum`)."""
    up, down = high[1:] - high[:-1], low[:-1] - low[1:]
    np.maximum(up, 0.0, out=up)
    np.maximum(down, 0.0, out=down)
    moves = np.empty((2, up.size))
    signed, whole = moves
    np.maximum(up, down, out=whole)
    whole *= up != down  # Wilder: of two moves the larger counts, of equal ones neither
    up -= down
    np.copysign(whole, up, out=signed)
    fading_sum(moves, period)
    one_sided = np.abs(signed, out=up)
    whole += _TINY
    one_sided /= whole
    fading_sum(one_sided, period)
    one_sided /= fading_weight(one_sided.size, period)
    adx = np.full(high.size, np.nan)
    np.multiply(one_sided, 100.0, out=adx[1:])
    return adx


def _slope(close: FloatArray, ranges: FloatArray, reach: int) -> FloatArray:
    """
    Slope of the line through the means of the older and the newer half, in ranges per candle.

    Source:
        A. Wald, *The Fitting of Straight Lines if Both Variables are Subject to Error* (1940).
    """
    half = reach // 2
    halves = rolling_sum(close, half)
    slope = np.full(close.size, np.nan)
    rise = halves[half:] - halves[:-half]
    scale = ranges[half:] * float(half * half)
    # Where nothing moved for a while the rise is rounding, and so is its slope.
    rise *= scale > 0.0
    scale += _TINY
    np.divide(rise, scale, out=slope[half:])
    return slope


def _rank(values: FloatArray, lookback: int) -> FloatArray:
    """
    Share of `_SAMPLES` earlier values, evenly over ``lookback``, that lie below each value.

    Differences of less than a tenth or so count in part, an equal value half: otherwise the
    least ripple in a market that is as ever would have the ranks of a storm. Values are
    compared by the first 16 bits, exponent and 7 digits, which is exact enough for that and
    four times as fast. 0 where the value is: where nothing moves, nothing is volatile.
    """
    bits = values.astype(np.float32).view(np.int32)
    bits += 1 << 15
    bits >>= 16
    short = bits.astype(np.int16)
    step = lookback // _SAMPLES
    rank = _ahead(short, step) / (2.0 * _TENTH * _SAMPLES)
    head = rank[: step * _SAMPLES]
    head *= _SAMPLES / np.maximum(np.arange(head.size) // step, 1)
    rank += 0.5
    rank *= values > 0.0
    return rank


def _ahead(short: npt.NDArray[np.int16], step: int) -> npt.NDArray[np.int16]:
    """Samples below less samples above each value, in parts; what is not there is neither."""
    reach = step * _SAMPLES
    padded = np.concatenate((np.zeros(reach, dtype=np.int16), short))
    ahead = np.empty_like(short)
    for first in range(0, short.size, _BLOCK):
        own = short[first : first + _BLOCK]
        # One row for each sample, the oldest first: `padded` begins `reach` before `short`.
        samples = np.ndarray(
            (_SAMPLES, own.size), np.int16, padded, 2 * first, strides=(2 * step, 2)
        )
        part = own - samples
        np.clip(part, -_TENTH, _TENTH, out=part)
        for sample in range(max(_SAMPLES - first // step, 0)):
            part[sample, : reach - sample * step - first] = 0
        np.add.reduce(part, axis=0, dtype=np.int16, out=ahead[first : first + own.size])
    return ahead


def _judged(
    adx: FloatArray, efficiency: FloatArray, slope: FloatArray, volatility: FloatArray
) -> WordArray:
    """Code of each candle before it has to last."""
    words = np.empty((2, adx.size), dtype=np.uint8)
    strong = adx >= _ADX_ENTER
    up = strong & (efficiency >= _EFFICIENCY_ENTER) & (slope >= _SLOPE_ENTER)
    down = strong & (efficiency <= -_EFFICIENCY_ENTER) & (slope <= -_SLOPE_ENTER)
    aimless = np.abs(efficiency) < _EFFICIENCY_LEAVE
    aimless |= adx < _ADX_LEAVE
    words[0] = _said(up, down, aimless)
    usual = (volatility > _QUIET_LEAVE) & (volatility < _VOLATILE_LEAVE)
    words[1] = _said(volatility >= _VOLATILE_ENTER, volatility <= _QUIET_ENTER, usual)
    trend, force = last_word(words, _MEMORY_CANDLES)
    loud = (force == _FIRST) & (volatility > _MIDDLE)
    still = (force == _SECOND) & (volatility < _MIDDLE)
    rising = (trend == _FIRST) & (efficiency > 0.0)
    falling = (trend == _SECOND) & (efficiency < 0.0)
    # A trend is a trend, whatever its volatility.
    aside: WordArray = _RANGE + loud * (_VOLATILE - _RANGE) + still * (_QUIET - _RANGE)
    aside *= ~(rising | falling)
    aside += falling * (_DOWN - _UP)
    return aside


def _said(first: _BoolArray, second: _BoolArray, neither: _BoolArray) -> WordArray:
    """Which is said; at most one is."""
    words = second * _SECOND
    words += first.view(np.uint8)
    words += neither * _NEITHER
    return words


def _believed(code: WordArray, hold: int) -> WordArray:
    """Return the newest code that lasted ``hold`` candles; itself where none did for long."""
    lasted = np.ones(code.size, dtype=np.bool_)
    same = code[1:] == code[:-1]
    for back in range(hold - 1):
        lasted[1 + back :] &= same[: same.size - back]
    lasted[: hold - 1] = False
    word = last_word((code + _ONE) * lasted, _MEMORY_CANDLES)
    word += (word == 0) * (code + _ONE)
    word -= _ONE
    return word
