"""One file of candles: what it must hold, and how it is written."""

import io
import math
import stat
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.data.atomic_file import replace_file
from core.model.candles import FLOW_COLUMNS, PRICE_COLUMNS, CandleError, CandleSeries
from core.model.intervals import Interval

# Column of the file -> column of a series; close_time follows from open_time.
_COLUMNS = {
    "open_time": "open_time_ms",
    "open": "open",
    "high": "high",
    "low": "low",
    "close": "close",
    "volume": "volume",
    "close_time": None,
    "quote_volume": "quote_volume",
    "trades": "trades",
    "taker_buy_volume": "taker_buy_volume",
    "taker_buy_quote_volume": "taker_buy_quote_volume",
}
_INTEGERS = ("open_time", "close_time", "trades")
# Smallest of the encodings tried on 30 days of BTC, XRP and SOL (1.7 to 2.2 MB, read in 4 ms).
_ENCODINGS = {
    **dict.fromkeys(PRICE_COLUMNS, "PLAIN"),
    **{name: "BYTE_STREAM_SPLIT" for name in FLOW_COLUMNS if name != "trades"},
    **dict.fromkeys(_INTEGERS, "DELTA_BINARY_PACKED"),
}
# Times in seconds or microseconds, and those of a broken clock, are not within these.
FIRST_MS = 1_230_768_000_000  # 2009-01-01
LAST_MS = 4_102_444_800_000  # 2100-01-01
# More than a year of minutes, by far: what is longer would only fill the memory.
MOST_ROWS, _MOST_BYTES = 2_000_000, 200_000_000
# Stands before the footer with its checksum: Parquet has none, and a footer with a wrong bit can
# end the whole process within Arrow. Other readers pass over it; files without it are read too.
_SEAL, _SEAL_FORM, _END_FORM = b"DTDs", struct.Struct("<4sI"), struct.Struct("<I4s")
# As in `Candle`: sums of decimals may exceed each other by rounding.
_ROUNDING = 1e-9


class CorruptFileError(Exception):
    """A file that holds no candles of ours."""


@dataclass(frozen=True, slots=True)
class Extent:
    """What a file holds, by its footer alone."""

    bars: int
    oldest_ms: int
    newest_ms: int
    size_bytes: int


def opened_file(path: Path, source: Any) -> pq.ParquetFile:
    """Open a plain Parquet file of bearable size; raises `CorruptFileError` or `OSError`."""
    entry = path.lstat()
    if not stat.S_ISREG(entry.st_mode):
        raise CorruptFileError("not a plain file")
    if entry.st_size > _MOST_BYTES:
        raise CorruptFileError(f"{entry.st_size} bytes are more than candles take")
    _check_seal(path)
    try:
        return pq.ParquetFile(source(path), page_checksum_verification=True)
    except (pa.ArrowException, ValueError) as error:
        raise CorruptFileError(str(error)) from error
    except OSError as error:
        if error.errno is not None:  # the system has failed; Arrow tells of damage without one
            raise
        raise CorruptFileError(str(error)) from error


def _check_seal(path: Path) -> None:
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - _END_FORM.size))
        end = file.read(_END_FORM.size)
        length = _END_FORM.unpack(end)[0] if len(end) == _END_FORM.size else size
        start = size - _END_FORM.size - length - _SEAL_FORM.size
        if start < 0:
            return  # Arrow knows better words for it
        file.seek(start)
        mark, told = _SEAL_FORM.unpack(file.read(_SEAL_FORM.size))
        if mark == _SEAL and zlib.crc32(file.read(length)) != told:
            raise CorruptFileError("the footer is damaged")


def _sealed(content: memoryview) -> bytes:
    end = len(content) - _END_FORM.size
    start = end - _END_FORM.unpack(content[end:])[0]
    seal = _SEAL_FORM.pack(_SEAL, zlib.crc32(content[start:end]))
    return b"".join((content[:start], seal, content[start:]))


def whole_content(path: Path) -> pa.BufferReader:
    """Read a file at once, as a source of `opened_file`."""
    # As one piece and not mapped: a file cut short by others would kill the process.
    return pa.BufferReader(path.read_bytes())


def read_extent(path: Path) -> Extent:
    """Read the footer only; raises `CorruptFileError` or `OSError`."""
    try:
        with opened_file(path, str) as file:
            footer = file.metadata
            groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
            ranges = [group.column(0).statistics for group in groups]
        if not footer.num_rows or any(found is None or not found.has_min_max for found in ranges):
            raise CorruptFileError("no range of times in the footer")
        return Extent(
            bars=footer.num_rows,
            oldest_ms=int(min(found.min for found in ranges)),
            newest_ms=int(max(found.max for found in ranges)),
            size_bytes=path.stat().st_size,
        )
    except (pa.ArrowException, LookupError, TypeError, ValueError) as error:
        raise CorruptFileError(str(error)) from error


def read_candles(path: Path, symbol: str, interval: Interval) -> CandleSeries:
    """Read it all; raises `CorruptFileError` or `OSError`."""
    with opened_file(path, whole_content) as file:
        try:
            _check_schema(file.schema_arrow, symbol, interval)
            if file.metadata.num_rows > MOST_ROWS:  # a few bytes can unpack to gigabytes
                raise CorruptFileError(f"{file.metadata.num_rows} rows")
            # One thread: the file is small, and Arrow's pool costs more than it gains.
            table = file.read(columns=list(_COLUMNS), use_threads=False)
            if any(column.null_count for column in table.columns):
                raise CorruptFileError("empty cells")
            columns = {name: table[name].to_numpy() for name in _COLUMNS}
            named = {own: columns[name] for name, own in _COLUMNS.items() if own is not None}
            series = CandleSeries(symbol, interval, **named)
        except (pa.ArrowException, OSError, KeyError, CandleError, ValueError) as error:
            raise CorruptFileError(str(error)) from error
    if not (_sound(series) and np.array_equal(columns["close_time"], _close_time(series))):
        raise CorruptFileError("impossible candles")
    return series


def write_candles(series: CandleSeries, path: Path) -> None:
    """
    Write all of it in the place of what was there, and wait until it is on the disk.

    Raises:
        OSError: If it cannot be written; what was there stays.
    """
    table = pa.table(
        {
            name: _close_time(series) if column is None else getattr(series, column)
            for name, column in _COLUMNS.items()
        },
        metadata=_label(series.symbol, series.interval),
    )
    plain = io.BytesIO()
    try:
        pq.write_table(
            table,
            plain,
            compression="zstd",
            use_dictionary=False,
            column_encoding=_ENCODINGS,
            write_page_checksum=True,
        )
    except pa.ArrowException as error:
        raise OSError(f"{path.name} not written: {error}") from error
    replace_file(path, lambda file: file.write(_sealed(plain.getbuffer())))


def _close_time(series: CandleSeries) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return series.open_time_ms + (series.interval.duration_ms - 1)


def _label(symbol: str, interval: Interval) -> dict[bytes, bytes]:
    return {b"symbol": symbol.encode(), b"interval": interval.encode()}


def _check_schema(schema: pa.Schema, symbol: str, interval: Interval) -> None:
    wanted = {name: pa.int64() if name in _INTEGERS else pa.float64() for name in _COLUMNS}
    if dict(zip(schema.names, schema.types, strict=True)) != wanted:
        raise CorruptFileError(f"columns are {', '.join(schema.names)}")
    told = schema.metadata or {}
    for key, value in _label(symbol, interval).items():
        if told.get(key, value) != value:
            raise CorruptFileError(f"{key.decode()} is {told[key].decode(errors='replace')}")


def _sound(series: CandleSeries) -> bool:
    """Check what `Candle` checks, for all rows at once; any NaN fails a comparison."""
    times, low, high = series.open_time_ms, series.low, series.high
    pairs = (
        (series.taker_buy_volume, series.volume),
        (series.taker_buy_quote_volume, series.quote_volume),
    )
    return bool(
        times.size
        and times[0] >= FIRST_MS
        and times[-1] < LAST_MS
        and not (times % series.interval.duration_ms).any()
        and low.min() > 0.0
        and high.max() < math.inf
        and all(((low <= price) & (price <= high)).all() for price in (series.open, series.close))
        and series.trades.min() >= 0
        and all(part.min() >= 0.0 and whole.max() < math.inf for part, whole in pairs)
        and all((part <= whole * (1.0 + _ROUNDING)).all() for part, whole in pairs)
    )
