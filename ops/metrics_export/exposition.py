"""
Puts the answer to a scrape together.

What belongs to the event loop is read on it, from memory; files, processes and the writing of
the text are left to threads. A part that fails is left out and counted: the others are told.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

import psutil
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from core.attempts import FAILURES
from core.journal.errors import JournalError
from core.tally import Tally
from core.telemetry import reason_of
from ops.metrics_export.described import counter, gauge

SCRAPE_FAILURES = counter(
    "trading_scrape_failures_total",
    "Parts of an answer that could not be read and were left out.",
    "part",
)
SCRAPE_TIME = gauge(
    "trading_scrape_duration_seconds", "How long it took to put this answer together."
)

logger = logging.getLogger(__name__)

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
PATIENCE_S: Final = 5.0
"""Half of what Prometheus waits for, unless told otherwise."""
Read: TypeAlias = Callable[[], Iterable[Metric]]
_EXPECTED = (*FAILURES, JournalError, OSError, psutil.Error)
"""What may go wrong in one part, and must not take the others with it."""


@dataclass(frozen=True, slots=True)
class Parts:
    """
    What is read at a scrape, by the name of the part.

    Attributes:
        on_loop: From memory, on the event loop.
        in_thread: From files and the system.
    """

    on_loop: Mapping[str, Read]
    in_thread: Mapping[str, Read]


class Exposition(Collector):
    """
    The metrics of one process.

    Args:
        parts: Where they come from; no two may tell of the same metric.
        patience_s: For what is read in a thread.
    """

    def __init__(
        self,
        parts: Parts,
        *,
        patience_s: float = PATIENCE_S,
        monotonic: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._parts = parts
        self._patience_s = patience_s
        self._monotonic = monotonic
        self._failures: Tally[str] = Tally()
        self._failing: set[str] = set()
        self._one_at_a_time = asyncio.Lock()
        self._reading: asyncio.Future[tuple[Metric, ...]] | None = None
        self._heard: tuple[Metric, ...] = ()
        self._begun_s = 0.0
        for name in (*parts.on_loop, *parts.in_thread):
            self._failures.add(name, 0)
        self._registry = CollectorRegistry()
        self._registry.register(self)

    async def text(self) -> bytes:
        """Return all metrics as they are now, in Prometheus' text format; never raises for one."""
        async with self._one_at_a_time:
            self._begun_s = self._monotonic()
            heard = tuple(self._read(self._parts.on_loop))
            self._heard = heard + await self._from_files()
            return await asyncio.to_thread(generate_latest, self._registry)

    def describe(self) -> Iterable[Metric]:
        """Name nothing before a scrape: nothing is read for the sake of registering."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield what was read, and how that went; called in a thread by the registry."""
        yield from self._heard
        yield SCRAPE_FAILURES.of({(part,): n for part, n in self._failures.sums().items()})
        yield SCRAPE_TIME.of(self._monotonic() - self._begun_s)

    async def _from_files(self) -> tuple[Metric, ...]:
        """Read in a thread; while a disk does not answer, do without, and start no other."""
        if self._reading is None or self._reading.done():
            reading = asyncio.to_thread(lambda: tuple(self._read(self._parts.in_thread)))
            self._reading = asyncio.ensure_future(reading)
        done, _ = await asyncio.wait({self._reading}, timeout=self._patience_s)
        if done:
            return self._reading.result()
        for name in self._parts.in_thread:
            self._failed(name, TimeoutError(f"not read within {self._patience_s:g} s"))
        return ()

    def _read(self, parts: Mapping[str, Read]) -> Iterator[Metric]:
        for name, read in parts.items():
            try:
                found = tuple(read())
            except _EXPECTED as error:
                self._failed(name, error)
                continue
            self._failing.discard(name)
            yield from found

    def _failed(self, name: str, error: BaseException) -> None:
        self._failures.add(name)
        if name not in self._failing:
            self._failing.add(name)
            logger.warning("metrics left out: part=%s reason=%s", name, reason_of(error))
