import asyncio

import pytest

from core.breaker_book import BreakerBook, breakers_key
from core.journal.errors import JournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.equity import EquityPoint
from core.model.resume_request import RESUME_TRADING, RESUMED_TRADING, ResumeRequest
from core.model.source import SHADOWS, Source
from core.trading.breakers import BreakerLimits, Breakers
from tests.builders import START_MS
from tests.core.journal.empty_journal import ready

MINUTE = 60_000
DAY = 1440 * MINUTE
LIMITS = BreakerLimits(daily_loss_pct=3.0, max_drawdown_pct=20.0)
POLICY = Source.POLICY


class Desk:
    """A journal, and books that are lost one after the other as by kill -9."""

    def __init__(self, path):
        url = ready(path / "journal.db")
        self.journal = Journal.open(url)
        self.reader = JournalReader.open(url)
        self.latched = ""
        self.writable = True
        self.writes = 0
        self.book = self.restarted()

    def restarted(self):
        self.book = BreakerBook(
            self.journal,
            self.reader,
            limits=LIMITS,
            latch=lambda: self.latched,
            offer=self._offer,
        )
        self.book.recover()
        return self.book

    async def _offer(self, method, *arguments):
        if self.writable:
            self.writes += 1
            method(*arguments)

    def observe(self, *observations, source=POLICY):
        async def all_of_them():
            for at_ms, equity in observations:
                await self.book.observe(source, START_MS + at_ms, equity)

        asyncio.run(all_of_them())

    def codes(self, at_ms=0, source=POLICY):
        return [halt.code for halt in self.book.halts(source, START_MS + at_ms)]

    def ask(self, number, reason="seen"):
        request = ResumeRequest(number, "me", reason)
        self.journal.set_control(RESUME_TRADING, request.to_json(), 1)

    def obey(self):
        asyncio.run(self.book.obey())
        return self.reader.control(RESUMED_TRADING)


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    yield made
    made.journal.close()


def test_an_account_that_was_never_valued_enters_nothing(desk):
    assert desk.codes() == ["breaker_state"]
    desk.observe((0, 10_000.0))
    assert desk.codes() == []
    assert desk.codes(source=Source.RULES) == ["breaker_state"]


def test_each_account_has_its_own_breakers(desk):
    for source in Source:
        desk.observe((0, 10_000.0), source=source)
    desk.observe((1, 9_000.0), source=Source.RANDOM)
    halted = [source for source in Source if desk.codes(1, source) == ["daily_loss"]]
    assert halted == [Source.RANDOM]


def test_a_kill_loosens_no_breaker_and_loses_no_peak(desk):
    desk.observe((0, 10_000.0), (1, 12_000.0), (2, 11_700.0))
    desk.restarted()
    desk.observe((3, 9_600.0))
    assert desk.codes(3) == ["daily_loss", "drawdown"]
    desk.observe((4, 13_000.0))
    desk.restarted()
    assert desk.codes(4) == ["daily_loss", "drawdown"]
    assert desk.codes(DAY) == ["drawdown"]


def test_before_the_market_s_time_is_known_what_was_seen_last_stands_and_time_went_nowhere(desk):
    desk.observe((0, 10_000.0))
    assert desk.restarted().halts(POLICY, None) == ()
    desk.observe((1, 9_000.0))
    (halt,) = desk.restarted().halts(POLICY, None)
    assert halt.code == "daily_loss"


def test_a_journal_that_cannot_be_read_is_one_line_however_often_it_is_asked(
    desk, tmp_path, caplog
):
    (tmp_path / "journal.db").rename(tmp_path / "away.db")
    for _ in range(3):
        asyncio.run(desk.book.obey())
    assert caplog.text.count("requests to resume not read") == 1


def test_a_minute_without_news_is_not_written(desk):
    desk.observe((0, 10_000.0), *((i * MINUTE, 9_990.0 - i % 7) for i in range(1, 60)))
    assert desk.writes == 1


def test_what_was_seen_after_the_newest_write_comes_from_the_equity_curve(desk):
    desk.observe((0, 10_000.0))
    desk.writable = False
    desk.observe((MINUTE, 11_000.0), (2 * MINUTE, 10_600.0))
    point = EquityPoint(START_MS + MINUTE, 11_000.0, 10_000.0, 1_000.0)
    desk.journal.add_equity([point])
    desk.restarted()
    desk.observe((3 * MINUTE, 8_800.0))
    assert "drawdown" in desk.codes(3 * MINUTE)


def test_what_could_not_be_written_is_written_with_the_next_observation(desk):
    desk.writable = False
    desk.observe((0, 10_000.0), (1, 7_000.0))
    desk.writable = True
    desk.observe((2, 9_999.0))
    desk.restarted()
    assert desk.codes(2) == ["daily_loss", "drawdown"]


def test_a_damaged_state_blocks_entries_and_stays_as_it_is_until_resumed(desk):
    key = breakers_key(POLICY)
    desk.journal.set_control(key, "{}", 1)
    desk.restarted()
    desk.observe((0, 10_000.0))
    assert desk.codes() == ["breaker_state"]
    assert desk.reader.control(key) == "{}"
    assert desk.book.resume(who="me", reason="looked at it") == (POLICY,)
    desk.observe((1, 10_000.0))
    assert desk.codes(1) == []
    assert desk.restarted().halts(POLICY, START_MS + 1) == ()


def test_equity_that_is_no_number_blocks_entries_until_it_is_one(desk):
    desk.observe((0, 10_000.0), (1, float("nan")))
    assert desk.codes(1) == ["breaker_state"]
    desk.observe((2, 10_000.0))
    assert desk.codes(2) == []


def test_the_emergency_latch_halts_every_account(desk):
    for source in Source:
        desk.observe((0, 10_000.0), source=source)
    desk.latched = "stopped"
    assert {tuple(desk.codes(0, source)) for source in Source} == {("emergency",)}


@pytest.mark.parametrize("source", SHADOWS)
def test_a_baseline_goes_on_after_a_drawdown_and_is_no_business_of_who_resumes(desk, source):
    for each in (POLICY, source):
        desk.observe((0, 10_000.0), (1, 7_500.0), source=each)
    assert desk.codes(1, source) == ["daily_loss"]
    assert desk.codes(DAY, source) == []
    assert desk.codes(DAY) == ["drawdown"]
    assert desk.book.resume(who="me", reason="seen") == (POLICY,)
    desk.observe((DAY + 1, 0.0), source=source)
    assert "drawdown" in desk.codes(2 * DAY, source), "nothing is left to be compared"
    assert desk.book.resume(who="me", reason="again") == ()


def test_a_baseline_that_an_older_version_held_goes_on(desk):
    held = Breakers.begun(START_MS, 10_000.0).observed(START_MS + 1, 7_500.0, LIMITS)
    for source in (POLICY, Source.RANDOM):
        desk.journal.set_control(breakers_key(source), held.to_json(), START_MS)
    desk.restarted()
    assert [desk.codes(DAY, source) for source in (POLICY, Source.RANDOM)] == [["drawdown"], []]


def test_a_damaged_state_of_a_baseline_is_resumed_by_hand_like_any_other(desk):
    desk.journal.set_control(breakers_key(Source.RULES), "damaged", 1)
    desk.restarted()
    assert "breaker_state" in desk.codes(0, Source.RULES)
    assert desk.book.resume(who="me", reason="seen") == (Source.RULES,)


def test_a_request_resumes_the_account_in_drawdown_and_is_confirmed(desk):
    desk.observe((0, 10_000.0), (1, 7_500.0))
    desk.observe((DAY, 7_500.0))
    desk.ask(1)
    assert desk.obey() == "1"
    assert desk.codes(DAY) == []
    desk.restarted()
    assert desk.codes(DAY) == []
    desk.observe((DAY + 1, 6_000.0))
    assert "drawdown" in desk.codes(DAY + 1)


def test_a_request_is_obeyed_once_and_none_from_before_the_start(desk):
    desk.ask(4)
    desk.restarted()
    desk.observe((0, 10_000.0), (1, 7_500.0))
    assert desk.obey() is None
    desk.ask(5)
    assert desk.obey() == "5"
    desk.observe((2, 5_000.0))
    desk.obey()
    assert "drawdown" in desk.codes(2)


def test_a_confirmation_waits_until_the_journal_can_be_written(desk):
    desk.observe((0, 10_000.0), (1, 7_500.0))
    desk.ask(1)
    desk.writable = False
    assert desk.obey() is None
    desk.writable = True
    assert desk.obey() == "1"


@pytest.mark.parametrize("text", ["", "3", "{}", '{"number": "1", "who": "a", "reason": "b"}'])
def test_a_request_that_cannot_be_read_resumes_nothing(desk, text):
    desk.observe((0, 10_000.0), (1, 7_500.0))
    desk.journal.set_control(RESUME_TRADING, text, 1)
    assert desk.obey() is None
    assert "drawdown" in desk.codes(1)


def test_a_journal_that_cannot_be_read_resumes_nothing(desk):
    class Unreadable:
        def control(self, key):
            raise JournalError("damaged")

    book = BreakerBook(
        desk.journal, Unreadable(), limits=LIMITS, latch=lambda: "", offer=desk._offer
    )
    asyncio.run(book.obey())
    assert desk.writes == 0
