import asyncio
import logging

import pytest

from core.journal.errors import JournalError, UnavailableJournalError
from core.journal.writer import JournalWriter

HOUR_S = 3_600.0


class Scene:
    """A writer whose time passes only while it sleeps, and a journal that takes what it can."""

    def __init__(self, most_waiting=100):
        self.now_s = 0.0
        self.fault = "journal.db: database or disk is full"
        self.until_s = 0.0
        self.taken = []
        self.tried = 0
        self.writer = JournalWriter(
            monotonic=lambda: self.now_s, sleep=self._sleep, most_waiting=most_waiting
        )

    async def _sleep(self, for_s):
        self.now_s += for_s
        await asyncio.sleep(0)

    def take(self, value):
        self.tried += 1
        if self.now_s < self.until_s:
            raise UnavailableJournalError(self.fault)
        self.taken.append(value)
        return value

    def play(self, scenario):
        async def played():
            async with asyncio.timeout(90):
                return await scenario(self)

        try:
            return asyncio.run(played())
        finally:
            self.writer.close()


@pytest.mark.parametrize("reason", ["database or disk is full", "database is locked"])
def test_what_must_be_kept_is_written_however_long_that_takes(reason):
    async def scenario(scene):
        scene.fault, scene.until_s = f"journal.db: {reason}", HOUR_S
        return await asyncio.gather(*(scene.writer.write(scene.take, n) for n in range(5)))

    scene = Scene()
    assert scene.play(scenario) == list(range(5))
    assert scene.taken == list(range(5)), "in the order asked, each once"
    assert scene.now_s >= HOUR_S


def test_an_outage_is_a_line_at_its_beginning_one_a_minute_and_one_at_its_end(caplog):
    async def scenario(scene):
        scene.until_s = 300.0
        await asyncio.gather(*(scene.writer.write(scene.take, n) for n in range(20)))

    with caplog.at_level(logging.INFO):
        Scene().play(scenario)
    levels = [record.levelname for record in caplog.records]
    assert levels == ["WARNING"] * 5 + ["INFO"]
    assert "disk is full" in caplog.text


def test_a_journal_that_fails_and_works_by_turns_is_told_once_a_minute(caplog):
    async def scenario(scene):
        for second in range(120):
            scene.now_s, scene.until_s = second, second + (second % 2)
            await scene.writer.offer(scene.take, second)

    Scene().play(scenario)
    assert len(caplog.records) == 2


def test_the_alarm_says_since_when_and_why_and_ends_with_the_outage():
    async def scenario(scene):
        assert scene.writer.alarm == ""
        scene.until_s = 70.0
        await scene.writer.offer(scene.take, 1)
        scene.now_s = 65.0
        assert scene.writer.alarm == f"journal not written for 65 s: {scene.fault}"
        await scene.writer.write(scene.take, 2)
        assert scene.writer.alarm == ""

    Scene().play(scenario)


def test_what_is_only_offered_is_left_out_and_holds_nobody_up():
    async def scenario(scene):
        scene.until_s = HOUR_S
        for n in range(3):
            await scene.writer.offer(scene.take, n)
        assert (scene.now_s, scene.tried) == (0.0, 3), "each tried once, without a pause"
        kept = asyncio.ensure_future(scene.writer.write(scene.take, "kept"))
        await scene.writer.settled(kept)
        await scene.writer.offer(scene.take, "left out")
        await kept
        await scene.writer.offer(scene.take, "written")

    scene = Scene()
    scene.play(scenario)
    assert scene.taken == ["kept", "written"]


def test_what_was_offered_behind_a_write_that_fails_is_left_out():
    async def scenario(scene):
        scene.until_s = HOUR_S
        kept = asyncio.ensure_future(scene.writer.write(scene.take, "kept"))
        await asyncio.sleep(0)
        await scene.writer.offer(scene.take, "left out")
        assert not kept.done()
        await kept

    scene = Scene()
    scene.play(scenario)
    assert scene.taken == ["kept"]


def test_nobody_is_held_up_by_an_outage_unless_too_much_waits():
    async def scenario(scene):
        scene.until_s = 100.0
        rows = []
        for n in range(3):
            rows.append(asyncio.ensure_future(scene.writer.write(scene.take, n)))
            await asyncio.sleep(0)
            await scene.writer.settled(rows[-1])
            yielded.append(rows[-1].done())
        await asyncio.gather(*rows)

    yielded = []
    Scene(most_waiting=3).play(scenario)
    assert yielded == [False, False, True]


def test_a_row_is_waited_for_while_all_is_well():
    async def scenario(scene):
        row = asyncio.ensure_future(scene.writer.write(scene.take, 1))
        await scene.writer.settled(row)
        assert row.done()

    Scene().play(scenario)


@pytest.mark.parametrize("error", [JournalError("malformed"), ValueError("of another evaluation")])
@pytest.mark.parametrize("way", ["write", "offer"])
def test_what_waiting_does_not_cure_is_not_repeated(error, way):
    async def scenario(scene):
        await getattr(scene.writer, way)(wrong)

    def wrong():
        calls.append(1)
        raise error

    calls = []
    with pytest.raises(type(error), match=str(error)):
        Scene().play(scenario)
    assert calls == [1]


def test_writes_are_timed_and_refusals_counted():
    async def scenario(scene):
        scene.until_s = 3.0
        await scene.writer.write(scene.take, 1)
        await scene.writer.offer(scene.take, 2)
        return scene.writer.figures

    figures = Scene().play(scenario)
    assert (figures.refused, figures.waiting) == (3, 0)
    assert figures.seconds.counts[-1] == 5
