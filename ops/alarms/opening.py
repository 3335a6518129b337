"""Puts the alarms of a process together."""

import time
from enum import StrEnum

from core.config import Home
from core.emergency_latch import EmergencyLatch
from ops.alarms.desk import CLOSING_S, AlarmDesk
from ops.alarms.order_file import OrderFile
from ops.alarms.outward import Outward, outward_of
from ops.alarms.policy import Policy
from ops.alarms.state_file import state_path
from ops.alarms.writing import Writer
from ops.launch import Installation


class Watcher(StrEnum):
    """The processes that raise alarms; each keeps its own."""

    ENGINE = "engine"
    SUPERVISOR = "supervisor"
    DASHBOARD = "dashboard"


def orders_of(home: Home) -> OrderFile:
    """Return what people want of the alarms of a home."""
    return OrderFile(home, lambda: time.time_ns() // 1_000_000)


def alarm_desk(
    installation: Installation, watcher: Watcher, outward: Outward | None = None
) -> AlarmDesk:
    """
    Return a process's alarms; its Apprise is imported only where somebody is to be told.

    Args:
        installation: Whose.
        watcher: Which of its processes.
        outward: Who is told; by default whom the configuration names.
    """
    home = installation.home
    return AlarmDesk(
        state_path(home, watcher),
        orders_of(home),
        outward=outward or outward_of(installation),
        writer=Writer.of(installation),
        policy=Policy.of(installation.settings.alarms),
        closing_s=lambda: closing_s(home),
    )


def closing_s(home: Home) -> float:
    """
    Return how long messages that wait may hold up the end of a process of a home.

    An emergency stop kills what is not gone after as long; what waits is kept either way.
    """
    return 0.0 if EmergencyLatch(home.emergency_latch)() else CLOSING_S
