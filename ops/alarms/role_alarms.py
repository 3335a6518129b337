"""The alarms of engine and dashboard: of what their health finds, and the heartbeat to outside."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

from core.model.health import Finding, Level, worst
from ops.alarms.heartbeat import Heartbeat
from ops.alarms.opening import Watcher, alarm_desk
from ops.beside import beside
from ops.health.watch import HealthWatch
from ops.launch import Installation

FEED: Final = "feed"
"""The component without which the engine is not well, whatever the rest does."""
SEEN_FROM_OUTSIDE: Final = frozenset({"engine_feed"})
"""Within the engine that is its feed once more."""
_OF_THE_PAGE: Final = frozenset({"page_response"})
"""What only the dashboard can find; the rest would be told twice."""
_ROUNDS_MISSED: Final = 6
"""So old may findings be and still speak for the engine."""


@asynccontextmanager
async def engine_alarms(installation: Installation, watch: HealthWatch) -> AsyncIterator[None]:
    """Raise alarms of what ``watch`` finds, and send heartbeats, while the block runs."""
    url = installation.settings.alarms.heartbeat_url
    beats = []
    if url is not None and not installation.demo:
        beats.append(Heartbeat(url.get_secret_value().strip(), lambda: is_well(watch)).run())
    async with _alarms(
        installation,
        Watcher.ENGINE,
        watch,
        lambda component: component not in SEEN_FROM_OUTSIDE,
        *beats,
    ):
        yield


@asynccontextmanager
async def dashboard_alarms(installation: Installation, watch: HealthWatch) -> AsyncIterator[None]:
    """Raise alarms of what only the dashboard can find, while the block runs."""
    async with _alarms(installation, Watcher.DASHBOARD, watch, _OF_THE_PAGE.__contains__):
        yield


@asynccontextmanager
async def _alarms(
    installation: Installation,
    watcher: Watcher,
    watch: HealthWatch,
    concerns: Callable[[str], bool],
    *works: Coroutine[Any, Any, None],
) -> AsyncIterator[None]:
    desk = alarm_desk(installation, watcher)

    def hear(findings: tuple[Finding, ...]) -> None:
        desk.hear([found for found in findings if concerns(found.component)])

    watch.listen(hear)
    try:
        async with beside(desk.run(), *works):
            yield
    finally:
        await asyncio.to_thread(desk.close)


def is_well(watch: HealthWatch) -> bool:
    """Whether what was found lately says that the engine does its work."""
    age_s, found = watch.age_s(), watch.findings()
    if age_s is None or age_s > watch.every_s * _ROUNDS_MISSED:
        return False
    feed = next((one.level for one in found if one.component == FEED), Level.UNKNOWN)
    return feed is Level.OK and worst(found) is not Level.CRITICAL
