"""Market time: it may run faster than life, and never runs backwards, not even over a crash."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.simulator.errors import SimulatorError

LEASE_S = 5.0
MOST_SPEED = 10_000.0


class MarketClock:
    """
    Market time from a monotonic clock.

    Args:
        origin_ms: Market time at construction.
        speed: Market seconds per second.
        end_ms: Where the clock stops; None for never.
        monotonic: Seconds that never run backwards.

    Raises:
        SimulatorError: If the speed is not in (0, 10000].
    """

    def __init__(
        self,
        origin_ms: int,
        speed: float,
        *,
        end_ms: int | None = None,
        monotonic: Callable[[], float],
    ) -> None:
        if not 0.0 < speed <= MOST_SPEED:
            raise SimulatorError(f"speed must be above 0 and at most {MOST_SPEED:.0f}, was {speed}")
        self.speed = speed
        self._origin_ms = origin_ms
        self._end_ms = end_ms
        self._monotonic = monotonic
        self._started = monotonic()

    def now_ms(self) -> int:
        """Market time now."""
        return self._at(self._monotonic())

    def lease_ms(self) -> int:
        """Latest market time that can be reached within the next `LEASE_S` of life."""
        return self._at(self._monotonic() + LEASE_S)

    def _at(self, monotonic_s: float) -> int:
        elapsed_ms = (monotonic_s - self._started) * self.speed * 1_000.0
        now_ms = self._origin_ms + int(elapsed_ms)
        return now_ms if self._end_ms is None else min(now_ms, self._end_ms)


class Lease:
    """The file that tells the next simulator which market times may have been seen."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def origin_ms(self, wanted_ms: int) -> int:
        """
        Return where to start so that market time does not run backwards.

        Raises:
            SimulatorError: If the file exists and is not a lease.
        """
        try:
            until_ms = json.loads(self._path.read_text(encoding="utf-8"))["until_ms"]
        except FileNotFoundError:
            return wanted_ms
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SimulatorError(f"{self._path}: not a clock file: {error!r}") from error
        if not isinstance(until_ms, int) or isinstance(until_ms, bool):
            raise SimulatorError(f"{self._path}: until_ms must be an integer, was {until_ms!r}")
        return max(wanted_ms, until_ms)

    def write(self, until_ms: int) -> None:
        """
        Replace the file at once or not at all.

        Raises:
            SimulatorError: If it cannot be written.
        """
        beside = self._path.with_name(f"{self._path.name}.{os.getpid()}.new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps({"until_ms": until_ms}), encoding="utf-8")
            beside.replace(self._path)
        except OSError as error:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
            raise SimulatorError(f"{self._path}: cannot be written: {error}") from error
