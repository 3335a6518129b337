"""Reports of each day, week and month of feed time, written when it is over."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from itertools import islice
from pathlib import Path

from core.attempts import FAILURES
from core.data.atomic_file import replace_file
from core.journal.errors import JournalError
from core.journal.success_reader import SuccessReader
from ops.metric_windows import Calendar, Window
from ops.success_report import SuccessReport, as_document, success_report
from ops.success_text import as_text

logger = logging.getLogger(__name__)

# The last minute's candle comes after midnight, and trades walk over it before it counts.
_SETTLED_AFTER_MS = 2 * 60_000
_LOOK_EVERY_S = 30.0
_DAY_REPORTS_KEPT = 90


class MetricReports:
    """
    Write ``metrics_day_2026-11-21.txt`` and ``.json`` and their kin; missed ones are made up.

    A report that cannot be made or written is tried again; nothing of it ends the caller.

    Args:
        open_reader: Opens the journal, raises JournalError.
        directory: Where reports lie.
        market_time_ms: Feed time; None while it is not known.
        starting_equity: Of every account, in quote currency.
    """

    def __init__(
        self,
        open_reader: Callable[[], SuccessReader],
        directory: Path,
        *,
        market_time_ms: Callable[[], int | None],
        starting_equity: float,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._open_reader = open_reader
        self._directory = directory
        self._market_time_ms = market_time_ms
        self._starting_equity = starting_equity
        self._sleep = sleep
        self._trouble = ""

    async def run(self) -> None:
        """Write what is due, for ever."""
        while True:
            await self._sleep(_LOOK_EVERY_S)
            now_ms = self._market_time_ms()
            if now_ms is None:
                continue
            try:
                await asyncio.to_thread(self.write_due, now_ms)
                self._trouble = ""
            except (JournalError, OSError) as error:
                self._tell(str(error))
            except FAILURES:
                logger.exception("metric reports: tried again in %.0f s", _LOOK_EVERY_S)

    def write_due(self, now_ms: int) -> None:
        """
        Write the reports that are missing at an instant of feed time, oldest first.

        Raises:
            JournalError: If the journal cannot be read.
            OSError: If a report cannot be written.
        """
        due = [(kind, window) for kind in Calendar for window in self._missing(kind, now_ms)]
        if due:
            reader = self._open_reader()
            first_ms = reader.first_ms()
            for kind, window in due:
                if first_ms is not None and window.end_ms > first_ms:
                    report = success_report(reader, window, starting_equity=self._starting_equity)
                    self._write(kind, report)
        self._forget()

    def _missing(self, kind: Calendar, now_ms: int) -> list[Window]:
        """Stretches that are over and newer than the newest report, oldest first."""
        newest = max((path.stem for path in self._written(kind)), default="")
        over = islice(kind.before(now_ms - _SETTLED_AFTER_MS), kind.most_made_up)
        missing = [window for window in over if _stem(kind, window.name) > newest]
        return missing[::-1]

    def _write(self, kind: Calendar, report: SuccessReport) -> None:
        stem = _stem(kind, report.window.name)
        self._directory.mkdir(parents=True, exist_ok=True)
        self._put(f"{stem}.txt", as_text(report))
        # Last: it is by this one that a report counts as written.
        document = json.dumps(as_document(report), allow_nan=False, indent=1)
        self._put(f"{stem}.json", f"{document}\n")
        logger.info("metric report written: report=%s", stem)

    def _put(self, name: str, text: str) -> None:
        replace_file(self._directory / name, lambda file: file.write(text.encode()))

    def _forget(self) -> None:
        """Delete all but the newest reports of days."""
        for written in sorted(self._written(Calendar.DAY))[:-_DAY_REPORTS_KEPT]:
            for suffix in (".txt", ".json"):
                written.with_suffix(suffix).unlink(missing_ok=True)

    def _written(self, kind: Calendar) -> Iterator[Path]:
        return self._directory.glob(_stem(kind, "[0-9]*") + ".json")

    def _tell(self, trouble: str) -> None:
        """Log a trouble once, not every half minute."""
        if trouble != self._trouble:
            logger.warning("metric reports wait: reason=%s", trouble)
            self._trouble = trouble


def _stem(kind: Calendar, name: str) -> str:
    return f"metrics_{kind.value}_{name}"
