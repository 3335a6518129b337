"""Reading and judging the journal for the page."""

import pytest

from core.config import Home
from core.journal.database import database_url
from core.journal.errors import JournalError
from core.journal.journal import Journal
from core.journal.success_reader import SuccessReader
from core.model.equity import EquityPoint
from core.model.intervals import Interval
from core.model.source import Source
from ops.metric_windows import Period
from tests.builders import START_MS
from tests.ui.performance.history import DAY_MS, START_USD, trade, written
from ui.performance.desk import PerformanceDesk, Stamp
from ui.performance.question import Question


class Clock:
    """Seconds that pass when it is looked at."""

    def __init__(self, step_s=0.0):
        self.now_s, self.step_s = 0.0, step_s

    def __call__(self):
        self.now_s += self.step_s
        return self.now_s


def desk(home, clock=None):
    url = database_url(home.database)
    return PerformanceDesk(
        lambda: SuccessReader.open(url), START_USD, Interval.M15, clock or Clock()
    )


def add(home, *trades):
    journal = Journal.open(database_url(home.database), migrate=False)
    journal.save_trades(trades)
    journal.close()


@pytest.fixture
def home(tmp_path):
    points = [EquityPoint(START_MS + i * DAY_MS, START_USD + i, START_USD, 0.0) for i in range(4)]
    old, new = trade(1), trade(2, -50.0, symbol="ETHUSDT", exit_ms=START_MS + 3 * DAY_MS)
    return written(tmp_path, [old, new, trade(3, source=Source.RULES)], points)


def test_before_the_engine_ever_ran_there_is_nothing_yet_and_no_fault(tmp_path):
    asked = desk(Home(tmp_path))
    assert asked.stamp() == Stamp()
    judged = asked.judged(Question(symbol="BTCUSDT"))
    assert not judged.is_begun
    assert judged.report.accounts[Source.POLICY].metrics.closed_trades == 0


def test_a_journal_that_cannot_be_read_is_told_in_words(tmp_path):
    home = Home(tmp_path)
    home.database.parent.mkdir(parents=True)
    home.database.write_bytes(b"not a database" * 500)
    asked = desk(home)
    assert str(home.database) in asked.stamp().fault
    with pytest.raises(JournalError):
        asked.judged(Question())


def test_everything_is_judged_and_the_window_is_kept_to(home):
    asked = desk(home)
    everything = asked.judged(Question())
    assert everything.report.accounts[Source.POLICY].metrics.closed_trades == 2
    assert everything.symbols == ("BTCUSDT", "ETHUSDT")
    assert everything.curves[Source.POLICY].equity.tolist() == [
        10_000.0,
        10_001.0,
        10_002.0,
        10_003.0,
    ]
    assert list(everything.curves) == [Source.POLICY]
    day = asked.judged(Question(Period.DAY))
    assert [t.symbol for t in day.trades[Source.POLICY]] == ["ETHUSDT"]
    assert day.curves[Source.POLICY].start == 10_002.0
    assert len(day.curves[Source.POLICY].at_ms) == 1


def test_one_symbol_has_no_equity_but_the_others_are_still_on_offer(home):
    judged = desk(home).judged(Question(symbol="ETHUSDT"))
    assert judged.curves == {}
    assert judged.symbols == ("BTCUSDT", "ETHUSDT")
    assert [t.id for t in judged.trades[Source.POLICY]] == [2]
    assert judged.report.accounts[Source.POLICY].metrics.closed_trades == 1


def test_nothing_is_computed_again_while_nothing_is_new(home):
    asked = desk(home)
    first = asked.judged(Question())
    assert asked.judged(Question()) is first
    add(home, trade(4, exit_ms=START_MS + 4 * DAY_MS))
    again = asked.judged(Question())
    assert again.report.accounts[Source.POLICY].metrics.closed_trades == 3


def test_after_much_work_news_is_told_later_but_it_is_told(home):
    clock = Clock(step_s=1.0)  # each look at it takes a second, so an answer costs one
    asked = desk(home, clock)
    before = asked.stamp()
    asked.judged(Question())
    add(home, trade(4, exit_ms=START_MS + 4 * DAY_MS))
    assert asked.stamp() == before
    clock.now_s += 20.0
    assert asked.stamp().newest_ms == START_MS + 4 * DAY_MS
