import asyncio
from collections.abc import Awaitable, Callable

from core.data.pace import Pace
from core.data.work_queue import WorkQueue

DEADLINE_S = 60.0


class Works:
    """Work that waits to be let go on, and remembers what was done."""

    def __init__(self, *, workers: int, urgent: set[str] = frozenset()) -> None:
        self.begun: list[str] = []
        self.go = asyncio.Event()
        self.rest_s: dict[str, list[float]] = {}
        self.rested: list[float] = []
        self.together = 0
        self.most_together = 0
        self.queue = WorkQueue(
            self.work,
            lambda key: int(key[1:]),
            workers=workers,
            urgent=urgent.__contains__,
            sleep=self.sleep,
        )

    async def work(self, key: str) -> float:
        self.begun.append(key)
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        await self.go.wait()
        self.together -= 1
        rests = self.rest_s.get(key)
        return rests.pop(0) if rests else 0.0

    async def sleep(self, for_s: float) -> None:
        self.rested.append(for_s)
        await asyncio.sleep(0)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                await asyncio.sleep(0)


def play(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scenario())


async def running(works: Works, scenario: Callable[[], Awaitable[None]]) -> None:
    task = asyncio.create_task(works.queue.run())
    await scenario()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_however_much_is_wanted_only_a_few_are_worked_on_and_the_most_urgent_first():
    async def scenario() -> None:
        works = Works(workers=4)

        async def act() -> None:
            for i in reversed(range(500)):
                works.queue.want(f"k{i}")
            await works.until(lambda: len(works.begun) == 3)
            works.go.set()
            await works.until(lambda: len(works.begun) == 500)

        await running(works, act)
        assert works.most_together == 3, "one worker is kept free for what is urgent"
        assert works.begun == [f"k{i}" for i in range(500)]

    play(scenario)


def test_what_is_urgent_finds_a_worker_though_all_others_are_busy():
    async def scenario() -> None:
        works = Works(workers=2, urgent={"k99"})

        async def act() -> None:
            for i in range(5):
                works.queue.want(f"k{i}")
            await works.until(lambda: works.begun == ["k0"])
            works.queue.want("k99")
            await works.until(lambda: works.begun == ["k0", "k99"])

        await running(works, act)

    play(scenario)


def test_what_is_wanted_while_it_is_worked_on_is_done_once_more_but_never_twice_at_a_time():
    async def scenario() -> None:
        works = Works(workers=3)

        async def act() -> None:
            works.queue.want("k1")
            await works.until(lambda: works.begun == ["k1"])
            works.queue.want("k1")
            works.queue.want("k1")
            await asyncio.sleep(0)
            assert works.begun == ["k1"]
            works.go.set()
            await works.until(lambda: works.begun == ["k1", "k1"])
            await asyncio.sleep(0)

        await running(works, act)
        assert works.begun == ["k1", "k1"]

    play(scenario)


def test_work_that_is_not_done_rests_and_is_taken_up_again_of_itself():
    async def scenario() -> None:
        works = Works(workers=2)
        works.go.set()
        works.rest_s = {"k1": [5.0, 7.0]}

        async def act() -> None:
            works.queue.want("k1")
            await works.until(lambda: len(works.begun) == 3)

        await running(works, act)
        assert works.rested == [5.0, 7.0]

    play(scenario)


def test_what_is_forgotten_is_not_begun():
    async def scenario() -> None:
        works = Works(workers=2)

        async def act() -> None:
            works.queue.want("k1")
            works.queue.want("k2")
            works.queue.forget("k2")
            works.go.set()
            await works.until(lambda: works.begun == ["k1"])
            await asyncio.sleep(0)

        await running(works, act)
        assert works.begun == ["k1"]

    play(scenario)


def test_weight_without_haste_passes_at_half_the_limit():
    async def scenario() -> None:
        slept: list[float] = []

        async def sleep(for_s: float) -> None:
            slept.append(for_s)

        pace = Pace(1_200, sleep=sleep)
        await asyncio.gather(*(pace.spent(10) for _ in range(60)))
        assert sum(slept) == 60.0

    play(scenario)
