"""Memory with an end: what is older than a fixed number of candles counts for nothing at all."""

import numpy as np
import numpy.typing as npt

from core.indicators.averages import require_period
from core.model.candles import FloatArray

# Wilder's weights of a period of 14 add up to 0.99992 after 128 candles.
_REACH_PERIODS = 9

WordArray = npt.NDArray[np.uint8]


def fading_reach(period: int) -> int:
    """How many candles `fading_sum` looks at: the power of two from nine periods on."""
    return 1 << (_REACH_PERIODS * period - 1).bit_length()


def fading_sum(values: FloatArray, period: int) -> FloatArray:
    """
    Sum with Wilder's weights ``(1 - 1 / period) ** age`` of the newest `fading_reach` values.

    Wilder's own recursion never forgets its first value, so it depends, a little, on where
    a series begins; this is a function of its window, to the bit. Divided by
    `fading_weight` it is within 1e-4 of Wilder's mean.

    Args:
        values: Finite numbers, oldest first; shape ``(..., n)``. Replaced by the sums.
        period: In candles, at least 2.

    Returns:
        ``values``; the first ones are sums of what there is.

    Raises:
        ValueError: If ``period < 2``.
    """
    require_period(period, least=2)
    keep = 1.0 - 1.0 / period
    older = np.empty_like(values)
    length = 1
    end = min(fading_reach(period), values.shape[-1])
    while length < end:
        # Sums of 2, 4, 8, … values: the newer half, and the older one faded by its age.
        faded = np.multiply(values[..., :-length], keep**length, out=older[..., length:])
        newer = values[..., length:]
        newer += faded
        length *= 2
    return values


def fading_weight(candles: int, period: int) -> FloatArray:
    """Sum of the weights in `fading_sum` of each of ``candles`` candles, shape ``(n,)``."""
    keep = 1.0 - 1.0 / period
    reach = fading_reach(period)
    weight = np.full(candles, (1.0 - keep**reach) * period)
    weight[:reach] = (1.0 - keep ** np.arange(1.0, 1.0 + min(reach, candles))) * period
    return weight


def last_word(words: WordArray, memory: int) -> WordArray:
    """
    The newest word that is not 0, of each candle and the ``memory - 1`` before it.

    Args:
        words: 0 where nothing was said; shape ``(..., n)``.
        memory: A power of two.

    Returns:
        Shape ``(..., n)``; 0 where nothing was said for so long.
    """
    last = words.copy()
    room = np.empty(words.shape, dtype=np.bool_)
    length, end = 1, min(memory, words.shape[-1])
    while length < end:
        # Of 2, 4, 8, … candles: the word of the newer half, or else that of the older one.
        newer, silent = last[..., length:], room[..., length:]
        np.logical_not(newer, out=silent)
        older = silent.view(np.uint8)
        older *= last[..., :-length]
        newer |= older
        length *= 2
    return last
