import pytest

from core.journal.database import database_url
from core.journal.errors import JournalError
from core.journal.journal import Journal
from core.journal.tables import REVISION
from core.journal.vitals_reader import VitalsReader
from core.model.engine_report import EngineReport
from core.model.equity import EquityPoint
from core.model.health import Level
from core.model.intervals import MINUTE_MS, Interval
from ops.health.account_look import AccountLook, SharpeLook
from ops.health.journal_look import JournalLook
from tests.core.journal.builders import decision, key, reading, signal
from tests.core.journal.empty_journal import ready

DAY_MS = Interval.D1.duration_ms
HOUR_MS = 60 * MINUTE_MS
NOW_MS = 40 * DAY_MS + 5 * HOUR_MS


def worth(at_ms, equity):
    return EquityPoint(at_ms, equity, equity, 0.0)


class Scene:
    """A journal with an account, and its looks."""

    def __init__(self, directory):
        self.path, self.now_s = directory / "signals.db", 10.0
        url = database_url(self.path)
        self.journal = Journal.open(ready(url))
        self.look = JournalLook(
            self.path,
            lambda: VitalsReader.open(url),
            fresh_s=5.0,
            monotonic=lambda: self.now_s,
            clock_ms=lambda: NOW_MS,
        )
        self.account = AccountLook(
            self.look.vitals,
            self.look.report,
            self.look.reader,
            due_ms=15 * MINUTE_MS,
            starting_equity=1_000.0,
        )

    def tell(self, **changes):
        values = {
            "beats": 1, "feed_state": "LIVE", "feed_age_s": 0.1, "analyst": "", "open_trades": 0,
            "market_time_ms": NOW_MS, "equity": 900.0, "began_ms": NOW_MS - 30 * HOUR_MS,
        }  # fmt: skip
        report = EngineReport(**values | changes)
        self.journal.set_control("engine", report.to_json(), NOW_MS)
        self.now_s += 10.0


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    scene = Scene(tmp_path_factory.mktemp("journal"))
    points = [
        worth(NOW_MS - 2 * DAY_MS, 1_200.0),
        worth(40 * DAY_MS, 1_000.0),
        worth(NOW_MS, 900.0),
    ]
    scene.journal.add_equity(points)
    return scene


@pytest.fixture
def scene(kept):
    kept.tell()
    return kept


def test_a_journal_that_answers_is_well_and_tells_its_size(scene):
    assert scene.look.database().level is Level.OK
    state = scene.look.state
    assert (state.revision, state.fault, scene.look.fault()) == (REVISION, "", "")
    assert state.size_bytes + state.wal_bytes > 0


def test_one_that_is_not_asked_any_more_counts_as_out_of_reach(scene):
    scene.look.database()
    scene.now_s += 41.0
    assert "no answer" in scene.look.fault()


def test_the_journal_is_read_once_a_round_whoever_asks(scene):
    scene.look.database()
    asked_s = scene.look.state.at_s
    scene.now_s += 4.0
    scene.look.vitals()
    assert scene.look.state.at_s == asked_s


def test_one_that_is_not_there_yet_is_not_broken(tmp_path):
    url = database_url(tmp_path / "none.db")
    look = JournalLook(tmp_path / "none.db", lambda: VitalsReader.open(url), fresh_s=5.0)
    assert look.fault() == "not asked yet"
    assert look.database().level is Level.UNKNOWN
    assert look.integrity().level is Level.UNKNOWN
    with pytest.raises(JournalError, match="none yet"):
        look.vitals()


def test_one_that_was_set_aside_as_damaged_is_critical_and_says_how_to_go_on(tmp_path):
    url = database_url(tmp_path / "none.db")
    look = JournalLook(
        tmp_path / "none.db",
        lambda: VitalsReader.open(url),
        fresh_s=5.0,
        set_aside=lambda: "damaged: python main.py db new",
    )
    found = look.database()
    assert (found.level, found.words) == (Level.CRITICAL, "damaged: python main.py db new")
    assert look.fault() == found.words


def test_one_that_was_there_and_is_gone_is_critical_until_it_is_back(tmp_path):
    scene = Scene(tmp_path)
    assert scene.look.database().level is Level.OK
    away = scene.path.with_name("away.db")
    scene.path.rename(away)
    for _ in range(2):  # the first round finds that it cannot be read, the next one why
        scene.now_s += 10.0
        assert scene.look.database().level is Level.CRITICAL
    assert "is gone" in scene.look.fault()
    away.rename(scene.path)
    scene.now_s += 10.0
    assert scene.look.database().level is Level.OK
    scene.journal.close()


def test_one_that_is_no_database_is_critical(tmp_path):
    path = tmp_path / "bad.db"
    path.write_bytes(b"no database at all" * 100)
    look = JournalLook(path, lambda: VitalsReader.open(database_url(path)), fresh_s=5.0)
    assert look.database().level is Level.CRITICAL
    assert look.fault() == look.state.fault != ""


def test_all_of_it_is_looked_through(scene):
    assert scene.look.integrity().level is Level.OK
    assert scene.look.integrity_state.result == "ok"
    assert scene.look.integrity_state.at_ms == NOW_MS


def test_losses_are_measured_from_midnight_and_from_the_peak(scene):
    assert scene.account.daily_loss().value == pytest.approx(10.0)
    assert scene.account.drawdown().value == pytest.approx(25.0)


def test_an_account_that_is_up_has_lost_nothing(scene):
    scene.tell(equity=1_300.0)
    assert (scene.account.daily_loss().value, scene.account.drawdown().value) == (0.0, 0.0)


def test_before_the_first_heartbeat_nothing_is_judged(tmp_path):
    fresh = Scene(tmp_path)
    account = fresh.account
    looks = (account.signal_rate, account.without_signal, account.telemetry, account.daily_loss)
    assert {look().level for look in (*looks, account.drawdown)} == {Level.UNKNOWN}


def test_silence_counts_from_the_last_signal_or_the_start_whichever_is_later(scene):
    assert scene.account.without_signal().value == pytest.approx(30.0)
    scene.tell(began_ms=NOW_MS - HOUR_MS)
    assert scene.account.without_signal().value == pytest.approx(1.0)


def test_telemetry_is_overdue_only_beyond_a_bar(scene):
    assert scene.account.telemetry().value == pytest.approx(30 * 60 - 15)
    scene.tell(began_ms=NOW_MS - 10 * MINUTE_MS)
    assert scene.account.telemetry().value == 0.0


def test_signals_and_measurements_are_found(tmp_path):
    fresh = Scene(tmp_path)
    fresh.journal.record_evaluation(decision(key()), signal=signal(key()))
    fresh.journal.add_readings([reading("rsi", 1)])
    vitals = fresh.look.vitals()
    assert vitals.newest_signal_ms is not None
    assert vitals.newest_measured_ms is not None
    at_ms = vitals.newest_signal_ms
    fresh.tell(market_time_ms=at_ms, began_ms=0)
    assert fresh.account.signal_rate().value == 1
    assert fresh.account.without_signal().value == 0.0
    fresh.tell(market_time_ms=at_ms + HOUR_MS + 1, began_ms=0)
    assert fresh.account.signal_rate().value == 0


def test_a_sharpe_ratio_of_few_days_is_not_known(tmp_path):
    fresh = Scene(tmp_path)
    look = SharpeLook(fresh.look.reader, days_least=30)
    assert look.sharpe().level is Level.UNKNOWN

    def point(day):
        return worth(day * DAY_MS, 1_000.0 + (day % 3) * 9 - 5 * day)

    fresh.journal.add_equity(map(point, range(30)))
    assert (look.sharpe().level, "younger" in look.sharpe().words) == (Level.UNKNOWN, True)
    fresh.journal.add_equity([point(30)])
    seen = look.sharpe()
    assert seen.level is None
    assert seen.value is not None
    assert seen.value < 0.0
