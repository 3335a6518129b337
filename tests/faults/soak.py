"""Random faults for minutes on end: the same seed is the same sequence of faults."""

import asyncio
import gc
import time
from collections import Counter
from dataclasses import dataclass
from random import Random

import psutil

from core.model.intervals import MINUTE_MS, Interval
from tests.faults.cases import CASES, DAY_MS, Fault
from tests.faults.scene import Scene

# What our clock is moved when faults have ended: longer than any wait before something is asked
# for again, and long enough for everything to be saved.
_PATIENCE_S = 301.0
_CALM_EVERY_S = 20.0
_MENU: tuple[Fault, ...] = (
    *(fault for case in CASES for fault in case.faults),
    *({"kind": "drop", "code": code} for code in (1000, 1001, 1006, 1008, 1011)),
    {"kind": "rest_gap"},
    {"kind": "clock_skew", "ms": DAY_MS // 24},
)


@dataclass(frozen=True, slots=True)
class Footprint:
    """What a process holds."""

    rss_bytes: int
    tasks: int
    files: int
    threads: int

    @classmethod
    def now(cls) -> "Footprint":
        gc.collect()
        process = psutil.Process()
        return cls(
            process.memory_info().rss,
            len(asyncio.all_tasks()),
            process.num_fds(),
            process.num_threads(),
        )


class Soak:
    """Lets faults strike at random, and looks now and then whether anything is left of them."""

    def __init__(self, at: Scene, seed: int) -> None:
        self.struck: Counter[str] = Counter()
        self.footprints: list[Footprint] = []
        self.healed_s: list[float] = []
        self._at = at
        self._random = Random(seed)  # noqa: S311 - repeatable on purpose

    async def run(self, for_s: float, least: int) -> None:
        """Go on for so long, and until so many faults have struck."""
        end_s = time.monotonic() + for_s
        while time.monotonic() < end_s or self.struck.total() < least:
            calm_s = min(end_s, time.monotonic() + _CALM_EVERY_S)
            await self._strike()
            while time.monotonic() < calm_s:
                await self._strike()
            await self._calm()

    async def _strike(self) -> None:
        fault = self._drawn()
        await self._at.market.start(fault)
        self.struck[str(fault["kind"])] += 1
        if self._random.random() < 0.3:  # something else at the same time
            return
        due_s = time.monotonic() + self._random.uniform(0.1, 2.0)
        await self._at.until(lambda: time.monotonic() > due_s, "a while passes")

    def _drawn(self) -> Fault:
        fault = dict(self._random.choice(_MENU))
        if fault["kind"] in {"drop", "shutdown"}:
            return fault
        if fault["kind"] == "rest_gap":
            minutes = self._random.randrange(1, 8)
            first_ms = Interval.M1.open_time_ms(self._at.market.now_ms)
            fault |= {"from_ms": first_ms, "to_ms": first_ms + minutes * MINUTE_MS}
            self._at.unheard_ms |= {first_ms + i * MINUTE_MS for i in range(minutes)}
        if "share" in fault:
            fault |= {"share": self._random.uniform(0.05, 1.0), "seed": self._random.randrange(99)}
        return fault | {"seconds": self._random.uniform(0.2, 4.0)}

    async def _calm(self) -> None:
        await self._at.market.heal()
        self._at.client.clock.move(_PATIENCE_S)
        self.healed_s.append(await self._at.is_well())
        await self._at.ends_equal()
        self.footprints.append(Footprint.now())
