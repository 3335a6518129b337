"""The home: its disk, its backups, its emergency latch."""

import time
from collections.abc import Callable
from typing import Final

import psutil

from core.config import Home
from core.emergency_latch import EmergencyLatch
from core.model.health import Level
from ops.backup.places import backups
from ops.backup.rotation import made_s
from ops.health.rule import Observation

_GB: Final = 1024.0**3
_HOUR_S: Final = 3600.0
_AHEAD_H: Final = 1.0  # a name takes the next free second, and a clock may be mended by a little


class HomeLook:
    """
    Args:
        home: What is looked at.
        monotonic: Measures how long there has been no backup at all.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        home: Home,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._home = home
        self._monotonic = monotonic
        self._clock = clock
        self._latch = EmergencyLatch(home.emergency_latch)
        self._without_s: float | None = None

    def disk(self) -> Observation:
        """Return the percentage that is used, by anybody."""
        usage = psutil.disk_usage(str(self._home.root))
        free = f"{usage.free / _GB:,.1f} GB of {usage.total / _GB:,.1f} GB free"
        return Observation(f"{usage.percent:.0f} % used, {free}: {self._home.root}", usage.percent)

    def backup(self) -> Observation:
        """Return the hours since the newest backup; without any, since we began to look."""
        newest = next(iter(backups(self._home)), None)
        if newest is not None:
            hours = (self._clock() - made_s(newest)) / _HOUR_S
            if hours < -_AHEAD_H:  # how old it really is nobody can tell
                words = f"{newest.name} is dated {-hours:,.0f} h ahead: is the clock right?"
                return Observation(words, level=Level.WARNING)
            hours = max(hours, 0.0)
            return Observation(f"{newest.name}, {hours:,.0f} h old", hours)
        if self._without_s is None:
            self._without_s = self._monotonic()
        hours = (self._monotonic() - self._without_s) / _HOUR_S
        return Observation("there is no backup yet: make backup", hours)

    def latch(self) -> Observation:
        """Say whether an emergency stop is in force."""
        latched = self._latch()
        if latched:
            return Observation(f"LATCHED, nothing is entered: {latched}", level=Level.CRITICAL)
        return Observation("off", level=Level.OK)
