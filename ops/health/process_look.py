"""Memory and processor of the product's own processes and their children, together."""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeAlias

import psutil

from ops.health.rule import Observation, not_known
from ops.processes import Role, running

_BYTES_PER_MB: Final = 1024.0**2
AVERAGED_S: Final = 60.0
_WHOLE_PCT: Final = 100.0

_CHILDREN: Final = "children"
_SHARED: Final = "shared"

_Used: TypeAlias = dict[psutil.Process, float]


class ProcessLook:
    """
    Sum up supervisor, engine, dashboard and simulator of one home, and what they have started.

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
        """
        Return the resident megabytes, those that processes share once.

        What is shared are the same libraries, so the most that one has of them stands for all.
        Linux could tell it exactly, but would take up to 80 ms of each process for it, as long
        as that maps no memory; macOS does not tell it apart.
        """
        sizes: Counter[str] = Counter()
        shared = 0
        for name, process in self._processes():
            try:
                told = process.memory_info()
            except psutil.NoSuchProcess:  # it may end at any time
                continue
            of_all = getattr(told, "shared", 0)
            sizes[name] += told.rss - of_all
            shared = max(shared, of_all)
        sizes[_SHARED] = shared
        words = ", ".join(f"{name} {size / _BYTES_PER_MB:,.0f}" for name, size in sizes.items())
        total = sizes.total() / _BYTES_PER_MB
        return Observation(f"{total:,.0f} MB: {words}", total)

    def cpu(self) -> Observation:
        """Return the percentage of all cores over the last minute."""
        now_s = self._monotonic()
        used: _Used = {}
        for _, process in self._processes():
            with suppress(psutil.NoSuchProcess):  # it may end at any time
                times = process.cpu_times()
                used[process] = times.user + times.system
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

    def _processes(self) -> Iterator[tuple[str, psutil.Process]]:
        """Yield each once, with what it is called here."""
        found: dict[psutil.Process, str] = {}
        for role in Role:
            identity = running(self._run, role)
            process = identity.process() if identity else None
            if process is None:
                continue
            if process not in found:  # else it is the child of one whose children are there
                with suppress(psutil.NoSuchProcess):
                    found |= dict.fromkeys(process.children(recursive=True), _CHILDREN)
            found[process] = role.value
        if not found:
            raise psutil.Error("none of our processes is registered")
        yield from ((name, process) for process, name in found.items())
