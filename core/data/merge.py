"""Two pieces of one series joined into one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from core.model.candles import PRICE_COLUMNS, VALUE_COLUMNS, CandleSeries

# Volumes that were summed in another order differ by rounding, not in what they say.
SAME_VOLUME = 1e-9


def merged(older: CandleSeries, newer: CandleSeries) -> CandleSeries:
    """Return all bars of both, in order; where both have a bar, ``newer`` wins."""
    if len(newer) == 0:
        return older
    if len(older) == 0:
        return newer
    # What lies before all of ``newer`` needs no sorting, and mostly that is nearly everything.
    first = int(np.searchsorted(older.open_time_ms, newer.open_time_ms[0]))
    times = np.concatenate((older.open_time_ms[first:], newer.open_time_ms))
    order = np.argsort(times, kind="stable")
    in_order = times[order]
    last_of_its_time = np.append(in_order[1:] != in_order[:-1], True)
    keep = order[last_of_its_time]

    def column(name: str) -> npt.NDArray[Any]:
        before, after = getattr(older, name), getattr(newer, name)
        return np.concatenate((before[:first], np.concatenate((before[first:], after))[keep]))

    columns = (column(name) for name in ("open_time_ms", *VALUE_COLUMNS))
    return CandleSeries(newer.symbol, newer.interval, *columns)


def picked(series: CandleSeries, rows: npt.NDArray[np.bool_]) -> CandleSeries:
    """Return the rows where ``rows``, shape ``(n,)``, is true."""
    columns = (getattr(series, name)[rows] for name in VALUE_COLUMNS)
    return CandleSeries(series.symbol, series.interval, series.open_time_ms[rows], *columns)


def joined(parts: Sequence[CandleSeries]) -> CandleSeries:
    """Merge several pieces, at least one; later ones win."""
    result = parts[0]
    for part in parts[1:]:
        result = merged(result, part)
    return result


def news(known: CandleSeries, told: CandleSeries) -> npt.NDArray[np.bool_]:
    """
    Return which rows of ``told`` are absent from ``known`` or say something else.

    Prices and counts are compared exactly, volumes to `SAME_VOLUME`.
    """
    if len(known) == 0:
        return np.ones(len(told), dtype=np.bool_)
    at = np.minimum(np.searchsorted(known.open_time_ms, told.open_time_ms), len(known) - 1)
    same: npt.NDArray[np.bool_] = known.open_time_ms[at] == told.open_time_ms
    for name in VALUE_COLUMNS:
        old, new = getattr(known, name)[at], getattr(told, name)
        if name in PRICE_COLUMNS or name == "trades":
            same &= old == new
        else:
            same &= np.abs(old - new) <= SAME_VOLUME * np.maximum(np.abs(old), np.abs(new))
    return ~same
