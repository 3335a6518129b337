"""What people want of alarms, on disk: commands and the page write it, the watchers read it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from core.config import Home
from ops.alarms.alarm import Alarm, Orders
from ops.alarms.json_file import DamagedError, read_object, replace_object, set_aside
from ops.alarms.state_file import alarm_folder

LONGEST_SILENCE_H: Final = 720.0
"""Thirty days: whoever wants no alarm at all sets no ALARM_URLS."""
_HOUR_MS: Final = 3_600_000
_LOCK_S: Final = 5.0


class OrderError(Exception):
    """An order could not be written; the message says why."""


class OrderFile:
    """
    The orders of one home.

    Args:
        clock_ms: UTC by this machine's clock.
    """

    def __init__(self, home: Home, clock_ms: Callable[[], int]) -> None:
        self._path = alarm_folder(home) / "orders.json"
        self._clock_ms = clock_ms

    @property
    def path(self) -> Path:
        """Where they are."""
        return self._path

    def read(self) -> Orders:
        """
        Return them.

        Raises:
            DamagedError: If the file holds something else.
            OSError: If it cannot be read.
        """
        return _parsed(read_object(self._path), self._path)

    def acknowledge(self, alarm: Alarm) -> None:
        """Note that somebody has seen an alarm as it is; raises `OrderError`."""
        with self._changing() as orders:
            seen = {**orders.acknowledged, alarm.component: alarm.risen_ms}
            self._write(replace(orders, acknowledged=seen))

    def silence(self, component: str, hours: float) -> int:
        """
        Have a component, or `EVERYTHING`, not told outside for some hours; return until when.

        Raises:
            ValueError: If it is no component, or not such a time.
            OrderError: If it cannot be written.
        """
        if not component.isidentifier():
            raise ValueError(f"{component!r:.80} is no component")
        if not 0.0 < hours <= LONGEST_SILENCE_H:
            raise ValueError(f"hours must be more than 0 and at most {LONGEST_SILENCE_H:.0f}")
        until_ms = self._clock_ms() + round(hours * _HOUR_MS)
        with self._changing() as orders:
            self._write(replace(orders, silenced={**orders.silenced, component: until_ms}))
        return until_ms

    def unsilence(self, component: str) -> bool:
        """Tell of a component again; whether it was silent. Raises `OrderError`."""
        with self._changing() as orders:
            was = orders.silenced.get(component, 0) > self._clock_ms()
            rest = {name: ms for name, ms in orders.silenced.items() if name != component}
            self._write(replace(orders, silenced=rest))
        return was

    def set_damaged_aside(self) -> None:
        """Move the file away if it is still damaged; raises `OrderError` when it cannot."""
        with self._changing():
            pass

    @contextmanager
    def _changing(self) -> Iterator[Orders]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._path.with_suffix(".lock"), timeout=_LOCK_S):
                try:
                    orders = self.read()
                except DamagedError as error:
                    set_aside(self._path, error)
                    orders = Orders()
                yield orders
        except Timeout:
            raise OrderError(f"{self._path}: another process has held it for {_LOCK_S} s") from None
        except OSError as error:
            raise OrderError(f"{self._path}: {error.strerror}") from error

    def _write(self, orders: Orders) -> None:
        now_ms = self._clock_ms()
        silenced = {name: ms for name, ms in orders.silenced.items() if ms > now_ms}
        replace_object(
            self._path,
            {"acknowledged": dict(orders.acknowledged), "silenced": silenced},
        )


def _parsed(told: dict[str, Any], path: Path) -> Orders:
    parts = told.get("acknowledged", {}), told.get("silenced", {})
    for part in parts:
        if not isinstance(part, dict) or not all(type(ms) is int for ms in part.values()):
            raise DamagedError(f"{path}: not what was written there")
    return Orders(*parts)
