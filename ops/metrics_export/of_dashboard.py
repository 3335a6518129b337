"""What the dashboard's port tells a monitoring system."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.config import Home
from core.data.cache_statistics import Tier
from core.model.health import Finding
from core.model.telemetry import FeatureCost
from core.model.verdict import Purpose
from deepseek.call_tally import CallTally
from ops.metrics_export.analyst import call_part
from ops.metrics_export.exposition import Exposition, Parts
from ops.metrics_export.health import health_part
from ops.metrics_export.machine import files_of
from ops.metrics_export.market import Feed, cache_part, feed_part, stream_part, time_part
from ops.metrics_export.rising import Rising
from ops.metrics_export.trading import feature_part
from ops.processes import Role


@dataclass(frozen=True, slots=True)
class DashboardSources:
    """
    Where the dashboard's metrics come from.

    Attributes:
        reads: Returns hits and misses of the candle cache; reads a file.
        costs: Returns what drawing overlays has cost.
        chat: What chat has come to.
        findings: Returns what health says.
    """

    home: Home
    feed: Feed
    reads: Callable[[], Mapping[Tier, tuple[int, int]]]
    costs: Callable[[], tuple[FeatureCost, ...]]
    chat: CallTally
    findings: Callable[[], tuple[Finding, ...]]


def dashboard_exposition(
    sources: DashboardSources, *, clock: Callable[[], float] = time.time
) -> Exposition:
    """
    Return the metrics of the dashboard's process.

    Args:
        sources: Asked at each scrape, never in between.
        clock: Seconds since the epoch, by this machine.
    """
    feed, rising = sources.feed, Rising()
    on_loop = {
        "feed": lambda: feed_part(feed),
        "streams": lambda: stream_part(feed),
        "time": lambda: time_part(feed, clock),
        "overlays": lambda: feature_part(sources.costs()),
        "chat": lambda: call_part(sources.chat, Purpose.CHAT),
        "health": lambda: health_part(sources.findings()),
    }
    in_thread = {
        "cache": lambda: cache_part(sources.reads, rising),
        **files_of(sources.home, Role.DASHBOARD, clock),
    }
    return Exposition(Parts(on_loop, in_thread))
