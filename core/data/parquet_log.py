"""Closed candles on disk: one Parquet file per series, shared by processes."""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from filelock import FileLock, Timeout

from core.data.atomic_file import drafts
from core.data.candle_file import (
    CorruptFileError,
    Extent,
    read_candles,
    read_extent,
    write_candles,
)
from core.data.merge import merged, news, picked
from core.data.quarantine import Quarantine
from core.model.candles import CandleSeries
from core.model.intervals import Interval

logger = logging.getLogger(__name__)

_FILE_NAME = re.compile(r"(?P<symbol>.+)_(?P<interval>[0-9]+[mhd])_history\.parquet")
_LOCK_TIMEOUT_S = 30.0
Signature = tuple[int, int, int]


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


class Merged(NamedTuple):
    """
    What a file holds after candles were added to it.

    Attributes:
        candles: All of them.
        before: Signature of the file they were added to; None when there was none.
        after: Signature of the file as it is now.
    """

    candles: CandleSeries
    before: Signature | None
    after: Signature | None


class ParquetLog:
    """
    Reads without locks, because files are only ever replaced whole; writes under one.

    Args:
        directory: Where the files are; made when something is to be written.
        write: Replaces a file; another one in tests.

    Attributes:
        quarantine: What was found in the place of a file of ours and set aside.
        trouble: Why a file could not be read though it may be sound; empty when all can be.
    """

    def __init__(
        self, directory: Path, write: Callable[[CandleSeries, Path], None] = write_candles
    ) -> None:
        self.quarantine = Quarantine(directory / "quarantine")
        self.trouble = ""
        self._directory = directory
        self._write = write
        self._lost: set[tuple[str, Interval]] = set()
        self._extents: dict[Path, tuple[Signature, Extent]] = {}

    def path(self, symbol: str, interval: Interval) -> Path:
        """Where a series is kept."""
        return self._directory / file_name(symbol, interval)

    def lock(self, symbol: str, interval: Interval, purpose: str) -> FileLock:
        """Return a lock that processes share; each call returns one of its own."""
        return self._lock(file_name(symbol, interval), purpose)

    def series(self) -> list[tuple[str, Interval]]:
        """Return symbol and interval of every file."""
        names = (path.name for path in self._directory.glob("*_history.parquet"))
        return sorted(found for name in names if (found := series_of(name)) is not None)

    def signature(self, symbol: str, interval: Interval) -> Signature | None:
        """Return what changes whenever the file does; None when no file can be seen."""
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
            except (CorruptFileError, OSError):
                self.read(symbol, interval)  # sets it aside, or tells why it cannot be read
                return None
            self._extents[path] = known
        return known[1]

    def read(self, symbol: str, interval: Interval) -> CandleSeries:
        """Return what is kept; empty when nothing is, or nothing that can be read."""
        try:
            try:
                found = self._load(symbol, interval)
            except CorruptFileError:
                with self.lock(symbol, interval, "write"):
                    found = self._load_or_set_aside(symbol, interval)
        except OSError as error:
            trouble = f"{file_name(symbol, interval)} cannot be read: {error}"
            if trouble != self.trouble:
                logger.warning("candle file not read, refetched instead: reason=%s", trouble)
            self.trouble = trouble
            return CandleSeries.empty(symbol, interval)
        self.trouble = ""
        return found if found is not None else CandleSeries.empty(symbol, interval)

    def merge(self, series: CandleSeries, keep: Callable[[CandleSeries], CandleSeries]) -> Merged:
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
            before = self.signature(symbol, interval)
            found = self._load_or_set_aside(symbol, interval)
            if found is None:
                before = None  # it may have gone since
            kept = found if found is not None else CandleSeries.empty(symbol, interval)
            told = news(kept, series)
            if not told.any():
                return Merged(kept, before, before)  # another process was quicker
            whole = keep(merged(kept, picked(series, told)))
            if len(whole):
                self._write(whole, self.path(symbol, interval))
            return Merged(whole, before, self.signature(symbol, interval))

    def take_lost(self) -> set[tuple[str, Interval]]:
        """Return the series whose files were set aside since the last call."""
        lost, self._lost = self._lost, set()
        return lost

    def remove_drafts(self) -> None:
        """Remove what a crash left half-written; what somebody is writing now stays."""
        for draft, name in drafts(self._directory):
            try:
                with self._lock(name, "write").acquire(blocking=False):
                    draft.unlink(missing_ok=True)
            except Timeout:
                continue
            logger.info("draft of a crashed writer removed: file=%s", draft.name)

    def _lock(self, name: str, purpose: str) -> FileLock:
        locks = self._directory / ".locks"
        locks.mkdir(parents=True, exist_ok=True)
        return FileLock(locks / f"{name}.{purpose}.lock", timeout=_LOCK_TIMEOUT_S)

    def _load(self, symbol: str, interval: Interval) -> CandleSeries | None:
        path = self.path(symbol, interval)
        try:
            return read_candles(path, symbol, interval)
        except FileNotFoundError:
            return None

    def _load_or_set_aside(self, symbol: str, interval: Interval) -> CandleSeries | None:
        """Return what a file holds: nothing if it was damaged, None if there is no file."""
        try:
            return self._load(symbol, interval)
        except CorruptFileError as error:
            self._lost.add((symbol, interval))
            aside = self.quarantine.take(self.path(symbol, interval))
            logger.warning("unreadable candle file set aside: to=%s reason=%s", aside, error)
            return CandleSeries.empty(symbol, interval)


def _signature(path: Path) -> Signature | None:
    try:
        found = path.lstat()
    except OSError:  # why, the read that follows tells
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
