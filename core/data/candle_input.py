"""
Candles of a file that anybody may have written, for a look at them: checked, never kept.

Columns are named as in our own files. Prices and volume must be there; what takers did may be
absent, and is NaN then; columns of other names do not matter.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.data.candle_file import (
    FIRST_MS,
    LAST_MS,
    MOST_ROWS,
    CorruptFileError,
    opened_file,
    whole_content,
)
from core.data.fold import fold
from core.data.gaps import gaps
from core.model.candles import PRICE_COLUMNS, CandleSeries, FloatArray, TimeArray
from core.model.gap import Gap
from core.model.intervals import MINUTE_MS, Interval
from core.model.market_view import MarketView

_REQUIRED = ("open_time", *PRICE_COLUMNS, "volume")
_TAKERS = ("taker_buy_volume", "taker_buy_quote_volume")
_OPTIONAL = ("quote_volume", "trades", *_TAKERS)
# As in `Candle`: sums of decimals may exceed each other by rounding.
_ROUNDING = 1e-9
# Beyond what any market prints; within, no square or quotient leaves the range of float64.
_LEAST_PRICE, _MOST_PRICE, _MOST_VOLUME = 1e-15, 1e15, 1e18


class CandleInputError(Exception):
    """A file that cannot be looked at; the message names it and what is wrong, in one line."""


@dataclass(frozen=True, slots=True)
class CandleInput:
    """
    What a file told.

    Attributes:
        absent: Columns that were not there or empty, and are NaN (``trades`` 0).
    """

    candles: CandleSeries
    absent: tuple[str, ...]

    def view(self) -> MarketView:
        """Return all of it as a view; longer intervals are folded from whole bars only."""
        candles = self.candles
        longer = (i for i in Interval if i.duration_ms > candles.interval.duration_ms)
        return MarketView(
            candles, {interval: fold(candles, interval) for interval in longer}, gaps=self._gaps()
        )

    def _gaps(self) -> tuple[Gap, ...]:
        times, interval = self.candles.open_time_ms, self.candles.interval
        last_minute_ms = interval.duration_ms - MINUTE_MS
        return tuple(
            Gap(gap.start_ms, gap.end_ms + last_minute_ms)
            for gap in gaps(times, interval, int(times[0]), int(times[-1]))
        )


def read_candle_input(path: Path, interval: Interval) -> CandleInput:
    """
    Read and check all of a Parquet file.

    Raises:
        CandleInputError: If it is absent, damaged or too large, or holds no candles of
            ``interval`` in order.
    """
    try:
        return _read(path, interval)
    except (CorruptFileError, pa.ArrowException) as error:
        raise CandleInputError(_one_line(path, error)) from error
    except FileNotFoundError as error:
        raise CandleInputError(_one_line(path, "there is no such file")) from error
    except OSError as error:
        raise CandleInputError(_one_line(path, error.strerror or error)) from error


def _read(path: Path, interval: Interval) -> CandleInput:
    resolved = Path(os.path.realpath(path))  # a link is as good as what it points to
    if resolved.is_dir():
        raise CorruptFileError("is a folder")
    with opened_file(resolved, whole_content) as file:
        if file.metadata.num_rows > MOST_ROWS:
            raise CorruptFileError(f"{file.metadata.num_rows} rows are more than {MOST_ROWS}")
        table = _table(file)
    told = (table.schema.metadata or {}).get(b"interval", interval.encode())
    if told != interval.encode():
        raise CorruptFileError(f"holds {told.decode(errors='replace')} candles, not {interval}")
    times = _times(table, interval)
    known = {name: _numbers(table, name) for name in _REQUIRED[1:]}
    for name in _OPTIONAL:
        known[name] = _numbers(table, name, optional=True)
    _check_prices(known)
    _check_volumes(known)
    symbol = (table.schema.metadata or {}).get(b"symbol", os.fsencode(path.stem))
    absent = tuple(name for name in _OPTIONAL if np.isnan(known[name]).all())
    trades = np.nan_to_num(known.pop("trades")).astype(np.int64)
    return CandleInput(
        CandleSeries(symbol.decode(errors="replace"), interval, times, trades=trades, **known),
        absent=absent,
    )


def _table(file: pq.ParquetFile) -> pa.Table:
    names = file.schema_arrow.names
    absent = [name for name in _REQUIRED if name not in names]
    if absent:
        raise CorruptFileError(f"lacks {', '.join(absent)}; it has {', '.join(names) or 'nothing'}")
    wanted = [name for name in (*_REQUIRED, *_OPTIONAL) if name in names]
    twice = [name for name in wanted if names.count(name) > 1]
    if twice:
        raise CorruptFileError(f"{twice[0]} is there twice")
    table = file.read(columns=wanted, use_threads=False)
    if table.num_rows == 0:
        raise CorruptFileError("holds no candles")
    return table


def _times(table: pa.Table, interval: Interval) -> TimeArray:
    column = table["open_time"]
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("ms", column.type.tz))
    elif not pa.types.is_integer(column.type):
        raise CorruptFileError(f"open_time must be integer milliseconds, is {column.type}")
    if column.null_count:
        raise CorruptFileError("open_time has empty cells")
    times: TimeArray = np.array(column.cast(pa.int64()).to_numpy())
    _check_times(times, interval)
    return times


def _check_times(times: TimeArray, interval: Interval) -> None:
    step = interval.duration_ms
    odd = (times < FIRST_MS) | (times >= LAST_MS)
    if odd.any():
        _refuse(odd, "open_time", times, "is not UTC in milliseconds")
    late = np.diff(times, prepend=times[0] - 1) <= 0
    if late.any():
        _refuse(late, "open_time", times, "is not later than the one before")
    off = times % step != 0
    if off.any():
        _refuse(off, "open_time", times, f"is the start of no {interval} candle")
    if times.size > 1 and int(np.diff(times).min()) > step:
        shortest = int(np.diff(times).min()) // MINUTE_MS
        raise CorruptFileError(f"the candles are {shortest} minutes apart, not {interval}")


def _numbers(table: pa.Table, name: str, *, optional: bool = False) -> FloatArray:
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    column = table[name]
    kind = column.type
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    is_unknown = optional and pa.types.is_null(kind)
    if not (is_number or is_unknown or pa.types.is_decimal(kind)):
        raise CorruptFileError(f"{name} must be numbers, is {kind}")
    if column.null_count and not optional:
        raise CorruptFileError(f"{name} has empty cells")
    column = column.cast(pa.float64(), safe=False)
    return np.array(pc.fill_null(column, float("nan")).to_numpy())


def _check_prices(known: dict[str, Any]) -> None:
    for name in PRICE_COLUMNS:
        odd = ~((known[name] >= _LEAST_PRICE) & (known[name] <= _MOST_PRICE))
        if odd.any():
            _refuse(odd, name, known[name], "is no price")
    for name in ("open", "close", "low"):
        odd = known[name] > known["high"]
        if odd.any():
            _refuse(odd, name, known[name], "is above the high")
    for name in ("open", "close"):
        odd = known[name] < known["low"]
        if odd.any():
            _refuse(odd, name, known[name], "is below the low")


def _check_volumes(known: dict[str, Any]) -> None:
    odd = np.isnan(known["volume"])
    if odd.any():
        _refuse(odd, "volume", known["volume"], "is no volume")
    for name in ("volume", *_OPTIONAL):
        odd = (known[name] < 0.0) | (known[name] > _MOST_VOLUME)
        if odd.any():
            _refuse(odd, name, known[name], "cannot be")
    for part, whole in zip(_TAKERS, ("volume", "quote_volume"), strict=True):
        odd = known[part] > known[whole] * (1.0 + _ROUNDING)
        if odd.any():
            _refuse(odd, part, known[part], f"is more than the {whole}")


def _refuse(odd: Any, name: str, values: Any, why: str) -> None:
    row = int(np.argmax(odd))
    raise CorruptFileError(f"{name} {values[row].item()} of row {row} {why}")


def _one_line(path: Path, error: object) -> str:
    reason = str(error) or type(error).__name__
    return " ".join(f"{path}: {reason}".split())  # a path too may have line ends
