"""Memory and processor of the product's own processes, together."""

import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import psutil

from ops.health.rule import Observation, not_known
from ops.processes import ProcessIdentity, Role, running

_BYTES_PER_MB: Final = 1024.0**2
AVERAGED_S: Final = 60.0
_WHOLE_PCT: Final = 100.0

_Used: TypeAlias = dict[ProcessIdentity, float]


class ProcessLook:
    """
    Sum up supervisor, engine, dashboard and simulator of one home.

    Args:
        run: The home's directory of PID files.
        cores: Of this machine.
    """

    def __init__(
        self,
        run: Path,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        cores: int | None = None,
    ) -> None:
        self._run = run
        self._monotonic = monotonic
        self._cores = cores or psutil.cpu_count() or 1
        self._used: deque[tuple[float, _Used]] = deque()

    def memory(self) -> Observation:
        """Return the resident megabytes; pages that processes share count once for each."""
        sizes = {
            role: process.memory_info().rss / _BYTES_PER_MB
            for role, _, process in self._processes()
        }
        words = ", ".join(f"{role.value} {size:,.0f}" for role, size in sizes.items())
        return Observation(f"{sum(sizes.values()):,.0f} MB: {words}", sum(sizes.values()))

    def cpu(self) -> Observation:
        """Return the percentage of all cores over the last minute."""
        now_s = self._monotonic()
        used: _Used = {}
        for _, identity, process in self._processes():
            times = process.cpu_times()
            used[identity] = times.user + times.system
        self._used.append((now_s, used))
        while len(self._used) > 1 and now_s - self._used[1][0] >= AVERAGED_S:
            self._used.popleft()
        since_s, before = self._used[0]
        span_s = now_s - since_s
        if span_s < AVERAGED_S:
            return not_known(f"measured for {span_s:.0f} s of {AVERAGED_S:.0f}")
        spent_s = sum(max(spent - before.get(who, 0.0), 0.0) for who, spent in used.items())
        share = _WHOLE_PCT * spent_s / span_s / self._cores
        return Observation(f"{share:.0f} % of {self._cores} cores over a minute", share)

    def _processes(self) -> list[tuple[Role, ProcessIdentity, psutil.Process]]:
        found = []
        for role in Role:
            identity = running(self._run, role)
            process = identity.process() if identity else None
            if identity is not None and process is not None:
                found.append((role, identity, process))
        if not found:
            raise psutil.Error("none of our processes is registered")
        return found
