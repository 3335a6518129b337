"""Candles from memory into files: what is due, and what is done when it does not work."""

import logging
import threading
import zlib

from core.config.settings import DataSettings
from core.data.cache_statistics import CacheStatistics
from core.data.hot_series import HotSeries
from core.data.parquet_log import ParquetLog
from core.data.series_table import SeriesTable
from core.model.candles import CandleSeries
from core.model.intervals import Interval

logger = logging.getLogger(__name__)

# A series that is only watched is saved at one of so many flushes, or once it has so many rows:
# rewriting the files of the whole market each minute would cost more than all else.
_TURNS = 15
_WATCHED_ROWS = 1_000
# On a full disk all fail alike; what remains is tried at the next flush.
_MOST_FAILURES = 3
_DAY_MS = Interval.D1.duration_ms
# Kept of each higher interval, 1 MB at most, though fewer are fetched unasked: as far as a chart
# may be panned back. What it fetched would else vanish with the next flush.
HIGHER_CANDLES_KEPT = 20_000


class WriteBack:
    """
    Brings the files up to date; calls exclude each other.

    Attributes:
        alarm: Why the last `flush` could not save all; empty when it could.
    """

    def __init__(self, data: DataSettings, table: SeriesTable, statistics: CacheStatistics) -> None:
        self.alarm = ""
        self._data = data
        self._table = table
        self._statistics = statistics
        self._lock = threading.Lock()
        self._flushes = 0
        self._vanished: dict[tuple[str, Interval], None] = {}

    @property
    def _log(self) -> ParquetLog:
        return self._table.log

    def flush(self, *, everything: bool) -> None:
        """Save what is due; raises `OSError` if that fails."""
        with self._lock:
            try:
                self._flush(everything=everything)
            except OSError as error:
                self.alarm = str(error) or type(error).__name__
                raise
            self.alarm = ""

    def vanished(self) -> tuple[tuple[str, Interval], ...]:
        """Return the series that a flush found gone from the disk since the last call."""
        found, self._vanished = self._vanished, {}
        return tuple(found)

    def _flush(self, *, everything: bool) -> None:
        if self._flushes == 0:
            self._log.remove_drafts()
        self._flushes += 1
        self._notice_losses()
        failures: list[OSError] = []
        for hot in self._table.all():
            if len(hot.unsaved) and (everything or self._due(hot)):
                try:
                    self._save(hot)
                except OSError as error:
                    failures.append(error)  # the other series may fare better
            if len(failures) == _MOST_FAILURES:
                break
        if failures:
            raise failures[0]
        for hot in self._notice_losses():
            self._save(hot)  # it was damaged: what memory has of it is written at least
        self._table.forget_unkept()
        self._statistics.persist()

    def _due(self, hot: HotSeries) -> bool:
        if self._table.focused(hot.symbol) or len(hot.unsaved) >= _WATCHED_ROWS:
            return True
        turn = zlib.crc32(hot.symbol.encode()) % _TURNS
        return turn == self._flushes % _TURNS

    def _save(self, hot: HotSeries) -> None:
        known, unsaved = hot.signature, hot.unsaved.taken()
        done = self._log.merge(unsaved.candles, self._worth_keeping)
        hot.saved(unsaved, done.after)
        if done.before != known:
            hot.fill(done.candles, done.after)  # somebody else has written
        went_before = known is not None and done.before is None
        went_since = done.after is None and len(done.candles) > 0
        if went_before or went_since:
            # Between two looks for losses the file written anew would hide this one.
            logger.warning("a candle file has just gone: %s_%s", hot.symbol, hot.interval)
            self._lose(hot)

    def _lose(self, hot: HotSeries) -> None:
        hot.lost()
        self._vanished[hot.symbol, hot.interval] = None

    def _notice_losses(self) -> list[HotSeries]:
        """Count as unsaved what memory holds of files that have gone, by whoever's hand."""
        set_aside = self._log.take_lost()
        lost = [
            hot
            for hot in self._table.all()
            if hot.live and ((hot.symbol, hot.interval) in set_aside or self._has_gone(hot))
        ]
        for hot in lost:
            self._lose(hot)
        if lost:
            logger.warning(
                "candle files have gone and are written anew: files=%d first=%s_%s",
                len(lost),
                lost[0].symbol,
                lost[0].interval,
            )
        return lost

    def _has_gone(self, hot: HotSeries) -> bool:
        known = hot.signature is not None
        return known and self._log.signature(hot.symbol, hot.interval) is None

    def _worth_keeping(self, series: CandleSeries) -> CandleSeries:
        if series.interval is not Interval.M1:
            return series.tail(max(self._data.higher_candles, HIGHER_CANDLES_KEPT))
        newest_ms = int(series.open_time_ms[-1])
        return series.between(newest_ms + 1 - self._data.history_days * _DAY_MS, None)
