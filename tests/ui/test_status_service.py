import asyncio
from dataclasses import replace

from core.journal.errors import JournalError, MissingJournalError
from core.model.engine_state import EngineActivity
from core.model.intervals import Interval
from core.model.regime import Regime, RegimeChange
from core.model.telemetry import FeatureCost
from tests.ui.fakes import signal, world
from ui.status_service import StatusService


def cost(feature, *, count=20, p95_ms=0.4):
    return FeatureCost(feature, count, 0, 0.2, 0.2, p95_ms, None, 0.1, (0.2,))


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


def test_what_the_engine_measured_comes_before_what_this_process_did():
    market = world()
    here = tuple(cost(feature, p95_ms=9.0) for feature in ("rsi", "ema"))
    market.engine.now = replace(market.engine.now, costs=(cost("rsi", p95_ms=0.3),))
    status = asyncio.run(StatusService(market.services, lambda: here).current())
    assert {key: known.p95_ms for key, known in status.costs.items()} == {"rsi": 0.3, "ema": 9.0}


def test_a_cost_measured_a_few_times_is_not_known_yet():
    market = world()
    market.engine.now = replace(market.engine.now, costs=(cost("rsi", count=19),))
    status = asyncio.run(StatusService(market.services).current())
    assert status.costs == {}


def test_the_last_known_regimes_stand_while_the_journal_cannot_be_read():
    now_s = [0.0]
    market = world(monotonic=lambda: now_s[0])
    change = RegimeChange("BTCUSDT", Interval.M15, Regime.QUIET, 0, 899_999)
    market.journal.known_regimes = {("BTCUSDT", Interval.M15): change}

    async def scenario():
        service = StatusService(market.services)
        await service.current()
        market.journal.fault = JournalError("damaged")
        now_s[0] = 2.0
        return await service.current()

    assert asyncio.run(scenario()).regimes == {("BTCUSDT", Interval.M15): change}
