"""Closed candles on disk: one Parquet file per series, shared by processes."""

import logging
import re
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from filelock import FileLock

from core.data.candle_file import (
    CorruptFileError,
    Extent,
    read_candles,
    read_extent,
    write_candles,
)
from core.data.merge import merged, news, picked
from core.model.candles import CandleSeries
from core.model.intervals import Interval

logger = logging.getLogger(__name__)

_FILE_NAME = re.compile(r"(?P<symbol>.+)_(?P<interval>[0-9]+[mhd])_history\.parquet")
_LOCK_TIMEOUT_S = 30.0


def file_name(symbol: str, interval: Interval) -> str:
    """Return the file name of a series; bytes outside ``A-Z 0-9 _`` are percent-encoded."""
    plain = "".join(
        chr(byte) if re.fullmatch(rb"[A-Z0-9_]", bytes((byte,))) else f"%{byte:02X}"
        for byte in symbol.encode()
    )
    return f"{plain}_{interval}_history.parquet"


def series_of(name: str) -> tuple[str, Interval] | None:
    """Return symbol and interval of a file name; None for other files."""
    match = _FILE_NAME.fullmatch(name)
    if match is None or match["interval"] not in set(Interval):
        return None
    return unquote(match["symbol"]), Interval(match["interval"])


class ParquetLog:
    """Reads without locks, because files are only ever replaced whole; writes under one."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._extents: dict[Path, tuple[tuple[int, int], Extent]] = {}

    def path(self, symbol: str, interval: Interval) -> Path:
        """Where a series is kept."""
        return self._directory / file_name(symbol, interval)

    def lock(self, symbol: str, interval: Interval, purpose: str) -> FileLock:
        """Return a lock that processes share; each call returns one of its own."""
        locks = self._directory / ".locks"
        locks.mkdir(parents=True, exist_ok=True)
        name = f"{file_name(symbol, interval)}.{purpose}.lock"
        return FileLock(locks / name, timeout=_LOCK_TIMEOUT_S)

    def series(self) -> list[tuple[str, Interval]]:
        """Return symbol and interval of every file."""
        names = (path.name for path in self._directory.glob("*_history.parquet"))
        return sorted(found for name in names if (found := series_of(name)) is not None)

    def signature(self, symbol: str, interval: Interval) -> tuple[int, int] | None:
        """Return what changes whenever the file does; None when there is no file."""
        return _signature(self.path(symbol, interval))

    def extent(self, symbol: str, interval: Interval) -> Extent | None:
        """Return what a file holds; None when there is none. Unchanged footers are not re-read."""
        path = self.path(symbol, interval)
        signature = _signature(path)
        if signature is None:
            return None
        known = self._extents.get(path)
        if known is None or known[0] != signature:
            try:
                known = (signature, read_extent(path))
            except FileNotFoundError:
                return None
            except CorruptFileError:
                self.read(symbol, interval)  # puts it aside
                return None
            self._extents[path] = known
        return known[1]

    def read(self, symbol: str, interval: Interval) -> CandleSeries:
        """Return what is kept; empty when nothing is, or when it had to be put aside."""
        try:
            return self._load(symbol, interval)
        except CorruptFileError:
            with self.lock(symbol, interval, "write"):
                return self._load_or_quarantine(symbol, interval)

    def merge(self, series: CandleSeries, keep: Callable[[CandleSeries], CandleSeries]) -> None:
        """
        Add candles to what is kept; where both have a bar, ``series`` wins.

        Args:
            series: New or corrected candles, any overlap.
            keep: Cuts the result to what is worth keeping.

        Raises:
            OSError: If the file cannot be written, or its lock not be had in time.
        """
        symbol, interval = series.symbol, series.interval
        with self.lock(symbol, interval, "write"):
            kept = self._load_or_quarantine(symbol, interval)
            told = news(kept, series)
            if not told.any():
                return  # another process was quicker
            whole = keep(merged(kept, picked(series, told)))
            if len(whole) == 0:
                return
            path = self.path(symbol, interval)
            draft = path.with_name(f".{path.name}.draft")  # one writer at a time: a fixed name
            write_candles(whole, draft)
            draft.replace(path)

    def _load(self, symbol: str, interval: Interval) -> CandleSeries:
        path = self.path(symbol, interval)
        try:
            return read_candles(path, symbol, interval)
        except FileNotFoundError:
            return CandleSeries.empty(symbol, interval)

    def _load_or_quarantine(self, symbol: str, interval: Interval) -> CandleSeries:
        try:
            return self._load(symbol, interval)
        except CorruptFileError as error:
            path = self.path(symbol, interval)
            aside = self._directory / "quarantine" / f"{time.time_ns()}_{path.name}"
            aside.parent.mkdir(exist_ok=True)
            path.replace(aside)
            logger.warning("unreadable candle file put aside: to=%s reason=%s", aside, error)
            return CandleSeries.empty(symbol, interval)


def _signature(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_mtime_ns, found.st_ino
