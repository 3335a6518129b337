"""What people want to be told of: watched at each price and each evaluated bar, kept on disk."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from dataclasses import replace
from typing import Any

from core.journal.command_records import AlertRow
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.live_prices import Glance, glance
from core.model.alert import Alert, look
from core.model.candles import Candle, CandleUpdate
from core.model.intervals import MINUTE_MS, Interval
from core.model.signal import Decision
from core.signals.features import FEATURES

logger = logging.getLogger(__name__)

MOST_ALERTS = 200
# Of one that fires again and again: people are not told of the same level more often.
_REST_MS = MINUTE_MS


class AlertBook:
    """
    Watch for what was asked.

    What an alert has seen is written when it changes sides. If the engine is killed before that,
    the next one compares with what was written: it tells twice rather than not at all.

    Args:
        write: Runs a journal method on the process's one writer thread.
        interval: Of the bars that are evaluated.
        followed: Returns the symbols whose prices are heard.
        evaluated: Returns the symbols whose bars are evaluated.
    """

    def __init__(
        self,
        journal: Journal,
        reader: JournalReader,
        *,
        write: Callable[..., Awaitable[Any]],
        interval: Interval,
        followed: Callable[[], Collection[str]],
        evaluated: Callable[[], Collection[str]],
    ) -> None:
        self._journal = journal
        self._reader = reader
        self._write = write
        self._interval = interval
        self._followed = followed
        self._evaluated = evaluated
        self._rows: dict[int, AlertRow] = {}
        # By symbol: whoever hears of a price nobody watches must be done at once.
        self._of_price: dict[str, set[int]] = {}
        self._of_features: dict[str, set[int]] = {}
        self._candles: dict[str, Candle] = {}
        # The one before, as it was told: its close may be told after the next has begun.
        self._older: dict[str, Candle] = {}
        self._unwritten: dict[int, AlertRow] = {}
        self._changed = asyncio.Event()

    def recover(self) -> None:
        """
        Read what is watched for.

        Raises:
            JournalError: If the journal cannot be read.
        """
        self._rows = {row.id: row for row in self._reader.alerts()}
        self._index()

    def refusal(self, alert: Alert) -> str:
        """Return why an alert cannot be watched for; nothing when it can."""
        if len(self._rows) >= MOST_ALERTS:
            return f"there are {len(self._rows)} alerts already; remove some"
        if alert.of_price:
            followed = alert.symbol in self._followed()
            return "" if followed else f"the engine does not follow {alert.symbol}"
        if alert.subject not in FEATURES:
            return f"there is no feature named {alert.subject}"
        if alert.interval not in {None, self._interval}:
            return f"features are evaluated on {self._interval}, not on {alert.interval}"
        if alert.symbol not in self._evaluated():
            return f"the engine does not evaluate {alert.symbol}"
        return ""

    def knows(self, alert_id: int) -> bool:
        """Whether an alert is watched for."""
        return alert_id in self._rows

    def add(self, row: AlertRow) -> None:
        """Watch for an alert that is written."""
        self._rows[row.id] = row
        self._index()

    def remove(self, alert_id: int) -> None:
        """Watch no more for an alert that is retired."""
        self._rows.pop(alert_id, None)
        self._index()

    def hear(self, update: CandleUpdate) -> None:
        """Look at a price as it is told; cheap where nobody watches it."""
        watched = self._of_price.get(update.symbol)
        if watched is None:
            return
        before, open_ms = self._candles.get(update.symbol), update.candle.open_time_ms
        late = before is not None and open_ms < before.open_time_ms
        older = self._older.get(update.symbol)
        is_known = older is not None and older.open_time_ms == open_ms
        seen = glance(before, update, older if is_known else None)
        if not late:
            if before is not None and before.open_time_ms < open_ms:
                self._older[update.symbol] = before
            self._candles[update.symbol] = update.candle
        for alert_id in sorted(watched):
            row = self._rows[alert_id]
            if not late or row.added_ms <= seen.since_ms:
                self._look(row, seen)

    def judged(self, decision: Decision) -> None:
        """Look at the features of an evaluated bar."""
        for alert_id in sorted(self._of_features.get(decision.key.symbol, ())):
            row = self._rows[alert_id]
            value = (decision.features or {}).get(row.alert.subject)
            if value is not None:
                at_ms = decision.closed_ms
                self._look(row, Glance(value, value, value, at_ms, at_ms))

    async def run(self) -> None:
        """Write what alerts have seen until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            rows = tuple(self._unwritten.values())
            self._unwritten.clear()
            await self._write(self._journal.save_alerts, rows)

    def _look(self, row: AlertRow, seen: Glance) -> None:
        if row.fired_ms is not None and seen.at_ms < row.fired_ms + _REST_MS:
            return
        fires, above = look(row.alert, row.above, seen.value, seen.low, seen.high)
        if not fires and above == row.above:
            return
        after = replace(row, above=above)
        if fires:
            active = not row.alert.once
            after = replace(after, active=active, fired_ms=seen.at_ms, value=seen.value)
            logger.info("alert fired: id=%d alert=%s value=%s", row.id, row.alert, seen.value)
        self._unwritten[row.id] = after
        if after.active:
            self._rows[row.id] = after
        else:
            self.remove(row.id)
        self._changed.set()

    def _index(self) -> None:
        prices: defaultdict[str, set[int]] = defaultdict(set)
        features: defaultdict[str, set[int]] = defaultdict(set)
        for row in self._rows.values():
            (prices if row.alert.of_price else features)[row.alert.symbol].add(row.id)
        self._of_price, self._of_features = dict(prices), dict(features)
        for symbol in self._candles.keys() - self._of_price.keys():
            del self._candles[symbol]  # a range that nobody looked at counts for nobody
            self._older.pop(symbol, None)
