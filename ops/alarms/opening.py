"""Puts the alarms of a process together."""

import time
from enum import StrEnum

from core.config import Home
from ops.alarms.desk import AlarmDesk
from ops.alarms.order_file import OrderFile
from ops.alarms.outward import outward_of
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


def alarm_desk(installation: Installation, watcher: Watcher) -> AlarmDesk:
    """Return a process's alarms; its Apprise is imported only where somebody is to be told."""
    home = installation.home
    return AlarmDesk(
        state_path(home, watcher),
        orders_of(home),
        outward=outward_of(installation),
        writer=Writer.of(installation),
        policy=Policy.of(installation.settings.alarms),
    )
