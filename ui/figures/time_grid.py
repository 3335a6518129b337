"""The shown candles as positions on the time axis, with a break at every hole."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.model.candles import CandleSeries, FloatArray, TimeArray

_BREAK = -1


@dataclass(frozen=True, slots=True, eq=False)
class TimeGrid:
    """
    Where values stand, one position per shown candle and up to two in each hole.

    Attributes:
        open_time_ms: Positions, shape ``(m,)``, never empty.
        rows: Shown candle at each position, -1 in a hole; shape ``(m,)``.
        shown: How many candles are shown.
    """

    open_time_ms: TimeArray
    rows: npt.NDArray[np.intp]
    shown: int
    step_ms: int

    @classmethod
    def of(cls, candles: CandleSeries) -> "TimeGrid":
        """Lay out ``candles``, of which there must be some."""
        times, step_ms = candles.open_time_ms, candles.interval.duration_ms
        holes = np.flatnonzero(np.diff(times) > step_ms)
        # A break beside each edge of a hole, so that nothing drawn half a bar wide reaches in.
        breaks = np.concatenate((times[holes] + step_ms, times[holes + 1] - step_ms))
        positions = np.union1d(times, breaks) if holes.size else times
        rows = np.searchsorted(times, positions)
        rows = np.where(times[rows] == positions, rows, _BREAK)
        return cls(positions, rows, len(candles), step_ms)

    @property
    def first_ms(self) -> int:
        """Open time of the oldest shown candle."""
        return int(self.open_time_ms[0])

    @property
    def last_ms(self) -> int:
        """Open time of the newest shown candle."""
        return int(self.open_time_ms[-1])

    def x(self) -> Mapping[str, Any]:
        """The positions as fields of a trace; first and step where they are even."""
        if self.open_time_ms.size == self.shown:
            return {"x0": self.first_ms, "dx": self.step_ms}
        return {"x": self.open_time_ms.tolist()}

    def column(self, values: FloatArray) -> FloatArray:
        """Values at each position, NaN in holes; ``values`` end with the shown candles."""
        own = values[-self.shown :]
        return np.where(self.rows == _BREAK, np.nan, own[self.rows])

    def codes(self, values: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
        """Codes at each position, -1 in holes; ``values`` end with the shown candles."""
        own = values[-self.shown :]
        return np.where(self.rows == _BREAK, np.int8(-1), own[self.rows])
