"""Taker volume by price within each bar, in bounded memory."""

import math
from collections import deque

import numpy as np

from core.model.order_flow import Footprint

# A minute of a calm market touches some dozens of buckets; a crash is drawn coarser.
MOST_BUCKETS = 400
# Five significant digits of the price: 1 at 61,800, 0.00001 at 0.231.
_DIGITS = 4
# 0.23102 / 0.00001 is 23101.999999999996.
_ROUNDING = 1e-6


class FootprintBars:
    """The running bar as a mapping, the newest ``bars`` ended ones as arrays."""

    def __init__(self, bars: int) -> None:
        self._ended: deque[Footprint] = deque(maxlen=bars)
        self._open_ms = 0
        self._width = 1.0
        self._buckets: dict[int, list[float]] = {}

    def add(self, open_ms: int, price: float, quantity: float, *, taker_buys: bool) -> None:
        """Count a trade of the running bar, or of a newer one, which ends that."""
        if open_ms != self._open_ms or not self._buckets:
            self._end()
            self._open_ms = open_ms
            self._width = 10.0 ** (math.floor(math.log10(price)) - _DIGITS)
        bucket = math.floor(price / self._width + _ROUNDING)
        volumes = self._buckets.get(bucket)
        if volumes is None:
            volumes = self._buckets[bucket] = [0.0, 0.0]
            if len(self._buckets) > MOST_BUCKETS:
                volumes = self._widened(bucket)
        volumes[0 if taker_buys else 1] += quantity

    def clear(self) -> None:
        """Forget all bars."""
        self._ended.clear()
        self._buckets = {}

    def snapshot(self) -> tuple[Footprint, ...]:
        """Return all bars, oldest first; the newest may still be running."""
        running = (self._footprint(),) if self._buckets else ()
        return (*self._ended, *running)

    def _end(self) -> None:
        if self._buckets:
            self._ended.append(self._footprint())
            self._buckets = {}

    def _footprint(self) -> Footprint:
        buckets = sorted(self._buckets.items())
        volumes = np.array([pair for _, pair in buckets], dtype=np.float64).reshape(-1, 2)
        price = np.array([bucket for bucket, _ in buckets], dtype=np.float64) * self._width
        return Footprint(
            self._open_ms, self._width, price, volumes[:, 0].copy(), volumes[:, 1].copy()
        )

    def _widened(self, bucket: int) -> list[float]:
        """Double the width until the buckets are few enough; return the one of ``bucket``."""
        while len(self._buckets) > MOST_BUCKETS:
            coarse: dict[int, list[float]] = {}
            for fine, (bought, sold) in self._buckets.items():
                volumes = coarse.setdefault(fine // 2, [0.0, 0.0])
                volumes[0] += bought
                volumes[1] += sold
            self._buckets, self._width, bucket = coarse, self._width * 2.0, bucket // 2
        return self._buckets[bucket]
