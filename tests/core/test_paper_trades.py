"""What the journal holds of paper trades when the process is killed, or only ends."""

import asyncio
from dataclasses import replace

from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from core.journal.database import database_url
from core.journal.reader import JournalReader
from core.model.condition import Condition, Side
from core.model.funding import Settlement
from core.model.intervals import Interval
from core.model.signal import Direction, SignalKey
from core.model.source import Source
from core.model.trade import ExitReason, TradeStatus
from core.paper_desk import PaperDesk
from tests.builders import START_MS, candles, random_walk
from tests.core.journal.builders import decision, opened, signal
from tests.core.paper_scene import (
    MINUTE,
    PAPER,
    FakeExchange,
    FakeJournal,
    FakeStore,
    KilledError,
    at_once,
    desk_over,
    pending,
)

HOUR = 60 * MINUTE


def at(minute):
    return START_MS + minute * MINUTE


SETTLED = Settlement(START_MS + HOUR, 0.001, 100.0)
PAID = 2.0 * 100.0 * 0.001


def recorded(journal):
    """Write one signal with its two shadows; their trades, of the three accounts, in order."""
    bar = START_MS - Interval.M15.duration_ms
    key = SignalKey("BTCUSDT", Interval.M15, bar, "strategy")
    known = replace(
        signal(key),
        reference_price=100.0,
        stop=95.0,
        target=110.0,
        quantity=2.0,
        decided_ms=START_MS + 1,
        invalidation=(Condition(Side.BELOW, 96.5, Interval.M5),),
        expires_ms=at(300),
    )
    shadows = [replace(known, source=source) for source in (Source.RULES, Source.RANDOM)]
    return journal.record_evaluation(decision(key), signal=known, shadows=shadows).trade_ids


def test_the_real_journal_brings_back_exactly_what_the_desk_had(tmp_path):
    journal = opened(tmp_path)
    reader = JournalReader.open(database_url(tmp_path / "journal.db"))
    trade_ids = recorded(journal)
    store = FakeStore(candles([100.0] * 70 + [96.0] * 6))
    exchange = FakeExchange(SETTLED)

    def desk():
        made = PaperDesk(store, journal, reader, paper=PAPER, write=at_once, settlements=exchange)
        made.recover()
        return made

    async def scenario():
        first = desk()
        first.adopt(trade_ids)
        await first.walk("BTCUSDT", at(65))
        await first.funding.settle("BTCUSDT", at(66))
        await first.close("BTCUSDT", Source.RANDOM, ExitReason.OPPOSITE, at(66))
        second = desk()
        prices = {"BTCUSDT": 100.0}
        assert second.points(at(66), prices) == first.points(at(66), prices)
        assert second.next_bar_ms("BTCUSDT") == first.next_bar_ms("BTCUSDT") == at(66)
        await second.walk("BTCUSDT", at(75))
        third = desk()
        assert third.points(at(76), prices) == second.points(at(76), prices)
        assert third.last_exits(Source.RANDOM) == second.last_exits(Source.RANDOM)

    try:
        asyncio.run(scenario())
        closed = reader.closed_trades()
    finally:
        journal.close()
    assert [(t.source, t.exit_reason, t.exit_ms) for t in closed] == [
        (Source.RANDOM, ExitReason.OPPOSITE, at(66)),
        (Source.POLICY, ExitReason.INVALIDATED, at(75)),
        (Source.RULES, ExitReason.INVALIDATED, at(75)),
    ]
    assert {t.funding for t in closed} == {PAID}


def test_a_refused_entry_counts_as_an_exit_also_after_a_restart(tmp_path):
    journal = opened(tmp_path)
    reader = JournalReader.open(database_url(tmp_path / "journal.db"))
    journal.record_evaluation(decision(), signal=signal())
    trade = reader.trade(1)
    try:
        journal.save_trades([replace(trade, status=TradeStatus.REFUSED, exit_ms=at(7))])
        assert reader.last_exits(Source.POLICY) == {"BTCUSDT": at(7)}
    finally:
        journal.close()


MINUTES = 400
MARKET = {
    symbol: random_walk(MINUTES, seed=seed, symbol=symbol)
    for symbol, seed in (("BTCUSDT", 3), ("ETHUSDT", 8))
}
HOURLY = [
    Settlement(START_MS + hour * HOUR + hour % 3, 0.0003 * (-1) ** hour, 99.0 + hour)
    for hour in range(1, 7)
]


@st.composite
def lives(draw):
    """Trades of all accounts, and the minutes at which someone calls for a close."""
    trades = []
    for i in range(1, draw(st.integers(2, 6)) + 1):
        direction = draw(st.sampled_from([Direction.LONG, Direction.SHORT]))
        distance = draw(st.floats(0.5, 8.0))
        sign = direction.sign
        minute = draw(st.integers(0, 150))
        price = 100.0 - sign * distance / 2
        side = Side.BELOW if sign > 0 else Side.ABOVE
        trades.append(
            pending(
                i,
                direction,
                symbol=draw(st.sampled_from(sorted(MARKET))),
                source=draw(st.sampled_from(list(Source))),
                decided_ms=at(minute) + 1,
                last_bar_ms=at(minute - 1),
                stop=100.0 - sign * distance,
                target=100.0 + sign * distance,
                invalidation=draw(st.sampled_from([(), (Condition(side, price, Interval.M15),)])),
                expires_ms=draw(st.none() | st.integers(160, 390).map(at)),
            )
        )
    calls = draw(st.sets(st.sampled_from(range(20, MINUTES, 20)), min_size=1, max_size=3))
    return trades, calls


def steps_of(desk, calls):
    """What the engine asks of its desk, 20 minutes at a time; each may be tried again."""
    for minute in range(19, MINUTES, 20):
        for symbol in sorted(MARKET):
            yield lambda s=symbol, m=minute: desk().walk(s, at(m))
            yield lambda s=symbol, m=minute: desk().funding.settle(s, at(m + 1))
        if minute + 1 in calls:
            reason, at_ms = ExitReason.OPPOSITE, at(minute + 1) + 300
            for source in (Source.POLICY, Source.RULES):
                yield lambda o=source, ms=at_ms, r=reason: desk().close("BTCUSDT", o, r, ms)
    for symbol in sorted(MARKET):
        yield lambda s=symbol: desk().funding.settle(s, at(MINUTES + 60))


def lived(trades, calls, *, deaths=(), before=False):
    """Return the journal after a life in which the process died at some of its writes."""
    journal = FakeJournal(*trades)
    store = FakeStore(*MARKET.values())
    exchange = FakeExchange(*HOURLY, listed_after_ms=2 * MINUTE)
    remaining = list(deaths)
    journal.dies_at = remaining.pop(0) if remaining else None
    journal.before = before

    async def scenario():
        desks = [desk_over(journal, store, exchange)]
        for step in steps_of(lambda: desks[-1], calls):
            while True:
                try:
                    await step()
                    break
                except KilledError:
                    journal.writes = 0
                    journal.dies_at = remaining.pop(0) if remaining else None
                    desks.append(desk_over(journal, store, exchange))
        journal.deaths = len(desks) - 1

    asyncio.run(scenario())
    return journal


@trials(max_examples=25)
@given(lives(), st.lists(st.integers(1, 9), min_size=1, max_size=6), st.booleans())
def test_a_desk_killed_at_any_write_loses_and_doubles_nothing(life, deaths, before):
    trades, calls = life
    whole = lived(trades, calls)
    killed = lived(trades, calls, deaths=deaths, before=before)
    assert killed.deaths > 0 or killed.writes == whole.writes < deaths[0]
    assert repr(killed.trades) == repr(whole.trades)
    assert killed.realised() == whole.realised()


def test_the_market_of_the_crash_test_has_every_kind_of_exit():
    """Otherwise the test above would prove little."""
    condition = (Condition(Side.BELOW, 99.5, Interval.M15),)
    wide = {"stop": 60.0, "target": 160.0}
    trades = [
        pending(1, **{**wide, "stop": 99.0}),
        pending(2, source=Source.RULES, stop=98.0, target=101.5),
        pending(3, source=Source.RANDOM, **wide, invalidation=condition),
        pending(4, **wide, symbol="ETHUSDT", expires_ms=at(200)),
        pending(5, Direction.SHORT, stop=160.0, target=60.0, source=Source.POLICY),
    ]
    reasons = {trade.exit_reason for trade in lived(trades, {300}).trades.values()}
    assert reasons == {
        ExitReason.STOP,
        ExitReason.TARGET,
        ExitReason.INVALIDATED,
        ExitReason.EXPIRED,
        ExitReason.OPPOSITE,
    }
