from dataclasses import replace

from core.journal.errors import JournalError, MissingJournalError
from core.model.engine_state import EngineActivity, EngineState
from core.model.intervals import Interval
from tests.ui.decision.scene import TRADE, traded
from tests.ui.fakes import world
from ui.decision.feature import latest_told
from ui.decision.reading import DecisionDesk
from ui.view import View

VIEW = View("BTCUSDT", Interval.M1)


class FakeStories:
    """A journal of one evaluation."""

    def __init__(self, story=None):
        self.kept = story
        self.whole_reads = 0
        self.fault = None

    def latest(self, symbol, interval):
        if self.fault is not None:
            raise self.fault
        return None if self.kept is None else self.kept.id

    def story(self, decision_id):
        self.whole_reads += 1
        return self.kept

    def trades_on(self, key):
        return self.kept.trades

    def closed_trades(self, source):
        return (TRADE,)


def desk(stories, market=None):
    return DecisionDesk((market or world(monotonic=lambda: 0.0)).services, lambda: stories)


def test_a_story_is_read_once_and_only_its_trades_again():
    stories = FakeStories(traded(pnl=None))
    read = desk(stories)
    first = read.latest(VIEW)
    assert read.latest(VIEW) == first
    stories.kept = traded()
    assert read.latest(VIEW).story.trade.pnl == 12.5
    assert stories.whole_reads == 1
    assert first.calibration.count == 1


def test_before_the_first_evaluation_the_card_says_what_will_come():
    told = latest_told(desk(FakeStories()).latest(VIEW), 0.5)
    assert told["empty"].startswith("No evaluation of BTCUSDT yet.")

    def missing():
        raise MissingJournalError("no database")

    never_run = DecisionDesk(world().services, missing).latest(VIEW)
    assert (never_run.story, never_run.fault) == (None, "")


def test_a_journal_that_cannot_be_read_is_told():
    stories = FakeStories(traded())
    stories.fault = JournalError("disk I/O error")
    told = latest_told(desk(stories).latest(VIEW), 0.5)
    assert told["empty"] == "The journal cannot be read: disk I/O error"
    assert told["fault"]


def test_a_stopped_engine_is_said_above_what_it_decided_last():
    market = world(monotonic=lambda: 0.0)
    market.engine.now = EngineState(EngineActivity.STOPPED, "start it with: make start")
    told = latest_told(desk(FakeStories(traded()), market).latest(VIEW), 0.5)
    assert told["engine"] == (
        "The engine is stopped, nothing is evaluated; start it with: make start."
    )
    assert told["id"] == 7
    market.engine.now = replace(market.engine.now, activity=EngineActivity.RUNNING)
    assert desk(FakeStories(traded()), market).latest(VIEW).engine == ""
