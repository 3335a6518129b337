"""One watcher's alarms: hears what is found, keeps it on disk, logs it, tells people outside."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.model.health import Finding, Level
from ops.alarms.alarm import Event, Orders
from ops.alarms.book import look
from ops.alarms.json_file import DamagedError, set_aside
from ops.alarms.order_file import OrderError, OrderFile
from ops.alarms.outward import Outward
from ops.alarms.policy import Moment, Policy
from ops.alarms.state_file import MOST_RECENT, Kept, read_state, save_state
from ops.alarms.writing import Writer
from ops.logs.layouts import escaped

logger = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 2.0
"""How soon an order counts."""
CLOSING_S: Final = 2.0
"""For messages that wait when the process ends; it has five seconds for everything."""
_MINUTES: Final = 60


def moment() -> Moment:
    """Return now, by this machine's clock and in its time zone."""
    local = time.localtime()
    return Moment(time.time_ns() // 1_000_000, local.tm_hour * _MINUTES + local.tm_min)


class AlarmDesk:
    """
    The alarms of one process.

    Args:
        path: Where they are kept.
        orders: What people want.
        outward: Who is told.
        writer: Words for them.
        policy: When they are told.
        now: The clock.
        closing_s: How long messages that wait may hold up the end of the process.
    """

    def __init__(
        self,
        path: Path,
        orders: OrderFile,
        *,
        outward: Outward,
        writer: Writer,
        policy: Policy,
        now: Callable[[], Moment] = moment,
        closing_s: Callable[[], float] = lambda: CLOSING_S,
    ) -> None:
        self._path = path
        self._orders = orders
        self._outward = outward
        self._writer = writer
        self._policy = policy
        self._now = now
        self._closing_s = closing_s
        self._findings: tuple[Finding, ...] = ()
        self._taking = threading.Lock()
        self._looking = threading.Lock()
        self._heard = asyncio.Event()
        self._kept: Kept | None = None
        self._saved: Kept | None = None
        self._known_orders = Orders()
        self._orders_trouble = ""
        self._is_unsaved = False

    def hear(self, findings: Sequence[Finding]) -> None:
        """Take what was found; on the event loop. It is looked at in `run`'s own thread."""
        with self._taking:
            self._findings = tuple(findings)
        self._heard.set()

    async def run(self) -> None:
        """Look at what is found and ordered until cancelled."""
        loop = asyncio.get_running_loop()
        thread = ThreadPoolExecutor(1, thread_name_prefix="alarms")
        logger.info("alarms: %s", self._outward.silent or f"{self._targets()} told outside")
        try:
            while True:
                try:
                    await loop.run_in_executor(thread, self.look)
                except Exception:  # trading does not end for it, nor the alarms of other things
                    logger.exception("alarms: a look failed")
                self._heard.clear()
                if self._findings:
                    continue
                try:
                    async with asyncio.timeout(LOOK_EVERY_S):
                        await self._heard.wait()
                except TimeoutError:
                    continue
        finally:
            thread.shutdown(wait=False, cancel_futures=True)

    def look(self) -> None:
        """Look once: blocks on files, raises nothing for those that cannot be used."""
        with self._taking:
            findings, self._findings = self._findings, ()
        with self._looking:
            self._look(findings)

    def _look(self, findings: tuple[Finding, ...]) -> None:
        kept = self._state()
        hidden = [replace(found, reason=self._plain(found.reason)) for found in findings]
        looked = look(kept.book, hidden, self._read_orders(), self._policy, self._now())
        self._kept = Kept(
            looked.book,
            (*kept.recent, *looked.events)[-MOST_RECENT:],
            self._outward.states(),
            self._outward.silent,
        )
        for event in looked.events:
            _log(event)
        self._save(self._kept)  # before telling: after a crash nothing is told twice
        for notice in looked.notices:
            self._outward.tell(self._writer.notice(notice))

    def _plain(self, reason: str) -> str:
        """Return a reason as everybody may read it: a name of a file in it can be anything."""
        text = escaped(self._writer.hide(reason))
        return text.encode(errors="backslashreplace").decode()

    def close(self) -> None:
        """Look a last time, and let what waits go out; what does not is kept for the next start."""
        self.look()
        self._outward.close(self._closing_s())
        with self._looking:
            self._save(replace(self._state(), targets=self._outward.states()))

    def _targets(self) -> str:
        return ", ".join(state.name for state in self._outward.states())

    def _state(self) -> Kept:
        if self._kept is None:
            try:
                self._kept = read_state(self._path)
            except DamagedError as error:
                set_aside(self._path, error)
                self._kept = Kept()
            except OSError as error:
                logger.warning("alarms cannot be read: %s: %s", self._path, error.strerror)
                self._kept = Kept()
            self._outward.take_up(self._kept.targets)
        return self._kept

    def _read_orders(self) -> Orders:
        """Return what people want; of a file that cannot be read, what was known of it."""
        trouble = ""
        try:
            self._known_orders = self._orders.read()
        except DamagedError:
            try:
                self._orders.set_damaged_aside()
            except OrderError as error:
                trouble = str(error)
        except OSError as error:
            trouble = str(error.strerror)
        if trouble and trouble != self._orders_trouble:
            logger.warning("alarms: orders cannot be read: %s", trouble)
        self._orders_trouble = trouble
        return self._known_orders

    def _save(self, kept: Kept) -> None:
        if kept == self._saved:
            return
        try:
            save_state(self._path, kept)
        except OSError as error:
            if not self._is_unsaved:
                logger.warning("alarms cannot be saved: %s: %s", self._path, error.strerror)
            self._is_unsaved = True
        else:
            self._saved, self._is_unsaved = kept, False


def _log(event: Event) -> None:
    levels = {Level.CRITICAL: logging.CRITICAL, Level.WARNING: logging.WARNING}
    logger.log(
        levels.get(event.level, logging.INFO),
        "alarm %s component=%s level=%s before=%s reason=%s",
        event.kind.value,
        event.component,
        event.level.value,
        event.before.value,
        event.reason,
    )
