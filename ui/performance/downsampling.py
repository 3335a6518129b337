"""Fewer points of a curve that look the same: extremes of each pixel's stretch of time are kept."""

import numpy as np

from core.model.candles import FloatArray, TimeArray


def drawdown(equity: FloatArray, start: float) -> FloatArray:
    """
    Return how far each point lies below the highest one so far.

    Args:
        equity: Oldest first; shape ``(n,)``.
        start: The first peak; positive.

    Returns:
        Fractions from 0 down to -1 and below; shape ``(n,)``.
    """
    peaks = np.maximum.accumulate(np.maximum(equity, start))
    found: FloatArray = equity / peaks - 1.0
    return found


def kept_points(
    at_ms: TimeArray, columns: tuple[FloatArray, ...], buckets: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """
    Return which points to draw: the first and the last, and of each bucket of time every
    column's lowest and highest.

    So the deepest drawdown and the highest peak are always among them.

    Args:
        at_ms: Oldest first; shape ``(n,)``.
        columns: What is drawn over ``at_ms``, without NaN; each of shape ``(n,)``.
        buckets: About as many as the drawing has pixels; at least 1.

    Returns:
        Rising indices: all of them where they are few enough.
    """
    count = len(at_ms)
    if count <= 2 * buckets:
        return np.arange(count)
    span_ms = max(int(at_ms[-1] - at_ms[0]), 1)
    bucket = np.minimum((at_ms - at_ms[0]) * buckets // span_ms, buckets - 1)
    begins = np.flatnonzero(np.diff(bucket, prepend=-1))
    kept = [np.array([0, count - 1])]
    for column in columns:
        # Sorted by bucket first, then value: a bucket's lowest comes first, its highest last.
        order = np.lexsort((column, bucket))
        kept += [order[begins], order[np.append(begins[1:], count) - 1]]
    return np.unique(np.concatenate(kept))
