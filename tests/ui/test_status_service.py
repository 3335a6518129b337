import asyncio
from dataclasses import replace

from core.journal.errors import JournalError, MissingJournalError
from core.model.engine_state import EngineActivity
from tests.ui.fakes import signal, world
from ui.status_service import StatusService


def test_all_pages_together_read_at_most_once_a_second():
    now_s = [0.0]
    market = world(monotonic=lambda: now_s[0])

    async def scenario():
        status = StatusService(market.services)
        market.journal.signals = (signal(1),)
        first = await asyncio.gather(*(status.current() for _ in range(10)))
        market.journal.signals = (signal(2), signal(1))
        assert await status.current() is first[0]
        now_s[0] = 1.0
        return len(first[0].signals), len((await status.current()).signals)

    assert asyncio.run(scenario()) == (1, 2)


def test_no_journal_yet_means_no_signals_yet():
    market = world()
    market.journal.fault = MissingJournalError("nothing there")
    status = asyncio.run(StatusService(market.services).current())
    assert (status.signals, status.journal_fault) == ((), "")


def test_a_journal_that_breaks_keeps_what_was_known_and_says_why():
    now_s = [0.0]
    market = world(monotonic=lambda: now_s[0])
    market.journal.signals = (signal(1),)

    async def scenario():
        service = StatusService(market.services)
        await service.current()
        market.journal.fault = JournalError("damaged")
        now_s[0] = 2.0
        return await service.current()

    status = asyncio.run(scenario())
    assert len(status.signals) == 1
    assert status.journal_fault == "damaged"


def test_the_engine_is_unknown_until_it_was_asked():
    market = world()
    assert StatusService(market.services).known.engine.activity is EngineActivity.UNKNOWN
    market.engine.now = replace(market.engine.now, activity=EngineActivity.STOPPED)
    status = asyncio.run(StatusService(market.services).current())
    assert status.engine.activity is EngineActivity.STOPPED
