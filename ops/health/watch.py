"""Looking at everything again and again, so that whoever asks is answered at once."""

import asyncio
import logging
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum

import psutil

from core.attempts import FAILURES
from core.journal.errors import JournalError
from core.model.health import Finding, Level
from ops.health.rule import Observation, Rule, Standing, not_known

logger = logging.getLogger(__name__)

_EXPECTED = (*FAILURES, JournalError, OSError, psutil.Error)
"""What may go wrong in one look, and must not take the others with it."""

_UNKNOWN_AGAIN_S = 60.0
"""What is looked at rarely is looked at so often while nothing is known of it."""
_LAST_S = 1.0
"""An end takes no longer for a read that hangs."""

Listener = Callable[[tuple[Finding, ...]], None]


class Lane(StrEnum):
    """Where a probe looks; one that hangs there holds up only its own kind."""

    LOOP = "loop"
    """On the event loop: what belongs to it, and is in memory."""
    SYSTEM = "system"
    """In a thread: processes and files."""
    JOURNAL = "journal"
    """In a thread: short reads of the database."""
    RARE = "rare"
    """In a thread: what takes long; nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Probe:
    """
    How one component is looked at.

    Attributes:
        look: Says what is seen; may raise what goes wrong in files, processes and the journal.
        every_s: At most so often; 0 for each round.
        patience_s: From then on no answer is critical of itself; by default it never is.
    """

    rule: Rule
    look: Callable[[], Observation]
    lane: Lane = Lane.LOOP
    every_s: float = 0.0
    patience_s: float = math.inf


class HealthWatch:
    """
    Look at each component every few seconds and keep what is found.

    A look that fails makes its component UNKNOWN and spares the others. A level that changes is
    logged once.

    Args:
        probes: What is looked at, in the order in which it is told.
        every_s: How often.
        monotonic: Measures holds and ages.
        clock_ms: UTC, by this machine; only for people.
    """

    def __init__(
        self,
        probes: Sequence[Probe],
        *,
        every_s: float,
        monotonic: Callable[[], float] = time.monotonic,
        clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._probes = tuple(probes)
        self._every_s = every_s
        self._monotonic = monotonic
        self._clock_ms = clock_ms
        self._sleep = sleep
        self._threads: dict[Lane, ThreadPoolExecutor] = {}
        self._looking: dict[str, tuple[asyncio.Future[Observation], float]] = {}
        self._seen: dict[str, tuple[Observation, float]] = {}
        self._standings: dict[str, Standing] = {}
        self._told: dict[str, Level] = {}
        self._findings: tuple[Finding, ...] = ()
        self._looked_s: float | None = None
        self._listeners: list[Listener] = []

    @property
    def rules(self) -> tuple[Rule, ...]:
        """How each component is judged, in the order of the findings."""
        return tuple(probe.rule for probe in self._probes)

    @property
    def every_s(self) -> float:
        """How often all is looked at."""
        return self._every_s

    def findings(self) -> tuple[Finding, ...]:
        """Return what was found last; nothing before the first round is over."""
        return self._findings

    def age_s(self) -> float | None:
        """Return how long ago the last round ended; None before the first."""
        return None if self._looked_s is None else self._monotonic() - self._looked_s

    def listen(self, listener: Listener) -> None:
        """Call ``listener`` on the event loop with the findings of each round."""
        self._listeners.append(listener)

    async def run(self) -> None:
        """Look until cancelled."""
        try:
            while True:
                try:
                    await self.look()
                except Exception:
                    # Who looks after the others must not be the one that ends them.
                    logger.exception("health: a round failed; the next one begins anew")
                await self._sleep(self._every_s)
        finally:
            await self.close()

    async def close(self) -> None:
        """Begin nothing more, give what is under way a moment, and let go of the rest."""
        for thread in self._threads.values():
            thread.shutdown(wait=False, cancel_futures=True)
        self._threads.clear()
        pending = [looking for looking, _ in self._looking.values()]
        self._looking.clear()
        if pending:
            await asyncio.wait(pending, timeout=_LAST_S)
        for looking in pending:
            looking.cancel()  # else it would be told to a loop that may be closed by then

    async def look(self) -> None:
        """Look at everything that is due, judge it and tell the listeners."""
        self._begin()
        waited = [
            self._looking[probe.rule.component][0]
            for probe in self._probes
            if probe.lane is not Lane.RARE and probe.rule.component in self._looking
        ]
        if waited:
            await asyncio.wait(waited, timeout=self._every_s)
        now_s, now_ms = self._monotonic(), self._clock_ms()
        self._findings = tuple(self._judged(probe, now_s, now_ms) for probe in self._probes)
        self._looked_s = now_s
        for listener in self._listeners:
            try:
                listener(self._findings)
            except _EXPECTED:
                logger.exception("health: a listener failed")

    def _begin(self) -> None:
        """Begin every look that is due and not under way."""
        now_s, loop = self._monotonic(), asyncio.get_running_loop()
        for probe in self._probes:
            name = probe.rule.component
            seen = self._seen.get(name)
            if name in self._looking or (seen and now_s - seen[1] < _pause_s(probe, seen[0])):
                continue
            if probe.lane is Lane.LOOP:
                self._seen[name] = _looked(probe), now_s
            else:
                thread = self._threads.setdefault(
                    probe.lane, ThreadPoolExecutor(1, thread_name_prefix=f"health-{probe.lane}")
                )
                self._looking[name] = loop.run_in_executor(thread, _looked, probe), now_s

    def _judged(self, probe: Probe, now_s: float, now_ms: int) -> Finding:
        name = probe.rule.component
        seen = self._newest(probe, now_s)
        before = self._standings.get(name)
        standing = probe.rule.judge(before, seen, now_s=now_s, now_ms=now_ms)
        self._standings[name] = standing
        self._tell(probe.rule, standing.finding)
        return standing.finding

    def _tell(self, rule: Rule, found: Finding) -> None:
        """Log a level that changed; that a sound one is not known is no event."""
        before = self._told.get(rule.component, Level.OK)
        if found.level is before or (before is Level.OK and not found.level.is_bad):
            return
        self._told[rule.component] = found.level
        logger.log(
            logging.WARNING if found.level.is_bad else logging.INFO,
            "health: %s is %s: component=%s before=%s reason=%s",
            rule.title,
            found.level.value,
            found.component,
            before.value,
            found.reason,
        )

    def _newest(self, probe: Probe, now_s: float) -> Observation:
        name = probe.rule.component
        pending, begun_s = self._looking.get(name, (None, now_s))
        if pending is not None and pending.done():
            del self._looking[name]
            self._seen[name] = pending.result(), begun_s
        elif pending is not None and probe.lane is not Lane.RARE:
            waited_s = now_s - begun_s
            level = Level.CRITICAL if waited_s >= probe.patience_s else Level.UNKNOWN
            return Observation(f"no answer for {waited_s:.0f} s", level=level)
        seen, at_s = self._seen.get(name, (not_known("not looked at yet"), now_s))
        if probe.every_s and seen.age_s is None and seen.is_known:
            return Observation(seen.words, seen.value, seen.level, now_s - at_s)
        return seen


def _pause_s(probe: Probe, seen: Observation) -> float:
    return probe.every_s if seen.is_known else min(probe.every_s, _UNKNOWN_AGAIN_S)


def _looked(probe: Probe) -> Observation:
    try:
        return probe.look()
    except _EXPECTED as error:
        return not_known(f"cannot be read: {error}")
