"""What the engine's port tells a monitoring system."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Protocol

from prometheus_client.core import Metric

from core.config import Home
from core.data.data_store import DataStore
from core.data.market_feed import MarketFeed
from core.engine import Engine
from core.journal.writer import JournalWriter
from core.model.health import Finding
from core.model.verdict import Purpose
from core.tally import Distribution
from deepseek.call_tally import CallTally
from ops.metrics_export.analyst import call_part, circuit_part
from ops.metrics_export.exposition import Exposition, Parts
from ops.metrics_export.health import health_part
from ops.metrics_export.journal import journal_part
from ops.metrics_export.machine import files_of
from ops.metrics_export.market import cache_part, feed_part, stream_part, time_part
from ops.metrics_export.rising import Rising
from ops.metrics_export.trading import breaker_part, decision_part, feature_part, report_part
from ops.processes import Role


class Asked(Protocol):
    """Who is asked: a `DeepSeekBrain`."""

    @property
    def tally(self) -> CallTally:
        """What questions came to."""

    @property
    def is_left_in_peace(self) -> bool:
        """Whether it is not asked for now."""


@dataclass(frozen=True, slots=True)
class EngineSources:
    """
    Where the engine's metrics come from.

    Attributes:
        brain: None where nobody is asked.
        lock_waits: What the journal was told to add its waits to.
        findings: Returns what health says.
    """

    home: Home
    engine: Engine
    feed: MarketFeed
    store: DataStore
    writer: JournalWriter
    brain: Asked | None
    lock_waits: Distribution
    findings: Callable[[], tuple[Finding, ...]]


def engine_exposition(
    sources: EngineSources, *, clock: Callable[[], float] = time.time
) -> Exposition:
    """
    Return the metrics of the engine's process.

    Args:
        sources: Asked at each scrape, never in between.
        clock: Seconds since the epoch, by this machine.
    """
    engine, feed, brain, rising = sources.engine, sources.feed, sources.brain, Rising()
    tally = brain.tally if brain else CallTally()

    def engine_part() -> Iterator[Metric]:
        report = engine.report()
        return chain(report_part(report), feature_part(report.telemetry))

    on_loop = {
        "feed": lambda: feed_part(feed),
        "streams": lambda: stream_part(feed),
        "time": lambda: time_part(feed, clock),
        "engine": engine_part,
        "decisions": lambda: decision_part(engine.tallies),
        "breakers": lambda: breaker_part(engine.halts()),
        "analyst": lambda: chain(
            call_part(tally, Purpose.DECISION),
            circuit_part(is_open=brain is not None and brain.is_left_in_peace),
        ),
        "journal": lambda: journal_part(sources.writer.figures, sources.lock_waits.spread()),
        "health": lambda: health_part(sources.findings()),
    }
    in_thread = {
        "cache": lambda: cache_part(sources.store.reads, rising),
        **files_of(sources.home, Role.ENGINE, clock),
    }
    return Exposition(Parts(on_loop, in_thread))
