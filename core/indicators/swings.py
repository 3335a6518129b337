"""Swings: candles that stand above, or below, their neighbours."""

import numpy as np
import numpy.typing as npt

from core.model.candles import FloatArray

RowArray = npt.NDArray[np.intp]


def swing_highs(high: FloatArray, strength: int) -> RowArray:
    """
    Rows whose high is above the ``strength`` candles before and not below those after.

    Of equal highs within reach of each other the first is the swing. A swing at row ``i``
    is known when row ``i + strength`` has closed. Rows are neighbours here whatever their
    times are: a hole in time is the caller's matter. A NaN makes no swing, and none beside it.

    Args:
        high: Oldest first; shape ``(n,)``.
        strength: In candles, at least 1.

    Returns:
        Ascending rows from ``strength`` to ``n - strength - 1``.

    Raises:
        ValueError: If ``strength < 1``.
    """
    if strength < 1:
        raise ValueError(f"strength must be at least 1, was {strength}")
    last = high.size - strength
    if last <= strength:
        return np.empty(0, dtype=np.intp)
    tallest = _window_maxima(high, strength)
    middle = high[strength:last]
    stands_out = (middle > tallest[: last - strength]) & (middle >= tallest[strength + 1 :])
    return stands_out.nonzero()[0] + strength


def swing_lows(low: FloatArray, strength: int) -> RowArray:
    """Rows whose low is below the candles before and not above those after, as `swing_highs`."""
    return swing_highs(-low, strength)


def _window_maxima(values: FloatArray, size: int) -> FloatArray:
    """Maximum of ``values[i : i + size]`` for each whole window, by windows of doubled size."""
    maxima, reach = values, 1
    while reach < size:
        step = min(reach, size - reach)
        maxima = np.maximum(maxima[:-step], maxima[step:])
        reach += step
    return maxima
