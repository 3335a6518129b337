"""The supervisor's alarms: a child that crashes, keeps crashing, or lives and does not answer."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import psutil

from core.model.health import Finding
from ops.alarms.desk import AlarmDesk
from ops.alarms.opening import Watcher, alarm_desk
from ops.alarms.process_watch import ProcessWatch
from ops.beside import beside
from ops.launch import Installation
from ops.ports import LOOPBACK
from ops.processes import Role
from ops.supervisor import ChildNews

logger = logging.getLogger(__name__)

EVERY_S: Final = 5.0
_ANSWER_S: Final = 4.0
_QUESTION: Final = b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


def process_watch(installation: Installation) -> ProcessWatch:
    """Return a watch over the children of an installation's supervisor."""
    settings = installation.settings
    return ProcessWatch(
        {Role.ENGINE: settings.engine.port, Role.DASHBOARD: settings.dashboard.port}
    )


def hearing(watch: ProcessWatch) -> Callable[[ChildNews], None]:
    """Return what the supervisor tells its news."""
    return lambda news: watch.hear(news, time.monotonic())


@asynccontextmanager
async def supervisor_alarms(installation: Installation, watch: ProcessWatch) -> AsyncIterator[None]:
    """Raise alarms of the children while the block runs."""
    desk = alarm_desk(installation, Watcher.SUPERVISOR)
    try:
        async with beside(desk.run(), _watch(watch, desk)):
            yield
    finally:
        await asyncio.to_thread(desk.close)


async def _watch(watch: ProcessWatch, desk: AlarmDesk) -> None:
    while True:
        try:
            desk.hear(await look(watch))
        except Exception:  # the children go on, and the next look may do
            logger.exception("alarms: a look at the processes failed")
        await asyncio.sleep(EVERY_S)


async def look(watch: ProcessWatch) -> tuple[Finding, ...]:
    """Ask the ports of children that run, then return what is found of all."""
    roles = [role for role in watch.ports if watch.pid(role) is not None]
    answers = await asyncio.gather(*(_answers(watch.ports[role]) for role in roles))
    now_s = time.monotonic()
    for role, answer in zip(roles, answers, strict=True):
        if answer:
            watch.answered(role, now_s)
    return watch.findings(now_s, frozenset(role for role in roles if _is_stopped(watch.pid(role))))


async def _answers(port: int) -> bool:
    """Whether anything is answered; what it says is for the engine's own alarms."""
    try:
        async with asyncio.timeout(_ANSWER_S):
            reader, writer = await asyncio.open_connection(LOOPBACK, port)
            try:
                writer.write(_QUESTION)
                return bool(await reader.read(1))
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


def _is_stopped(pid: int | None) -> bool:
    try:
        return pid is not None and psutil.Process(pid).status() == psutil.STATUS_STOPPED
    except psutil.Error:
        return False
