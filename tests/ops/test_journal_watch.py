from dataclasses import replace

import pytest

from core.journal.database import database_url
from core.journal.journal import Journal
from core.model.engine_report import EngineReport
from core.model.engine_state import EngineActivity
from core.model.intervals import Interval
from core.model.regime import Regime, RegimeChange
from core.model.telemetry import FeatureCost
from ops.journal_watch import BEGUN_WITHIN_S, EngineWatch, JournalWatch
from ops.processes import Role, registered, running
from tests.core.journal.empty_journal import ready

COST = FeatureCost("supertrend", 40, 1, 0.2, 0.2, 0.4, 80.0, 0.3, (0.2, 0.4), "ValueError: no")
CHANGE = RegimeChange("BTCUSDT", Interval.M15, Regime.QUIET, 0, 899_999)
REPORT = EngineReport(7, "LIVE", 0.2, 1_000, "no key: rules only", 10_000.0, 1, telemetry=(COST,))


@pytest.fixture
def url(tmp_path):
    return database_url(tmp_path / "journal.db")


@pytest.fixture
def journal(url):
    opened = Journal.open(ready(url), clock=lambda: 1_800_000_000.0)
    yield opened
    opened.close()


def test_before_the_engine_ever_ran_nothing_is_known(url):
    watch = JournalWatch(url)
    assert (watch.recent_signals(5), watch.regimes(), watch.report()) == ((), {}, None)


def test_the_last_known_regimes_are_read_also_while_no_engine_runs(url, journal):
    journal.add_regime(CHANGE)
    assert JournalWatch(url).regimes() == {("BTCUSDT", Interval.M15): CHANGE}


def test_a_journal_that_appears_later_is_found(url, tmp_path):
    watch = JournalWatch(url)
    assert watch.regimes() == {}
    opened = Journal.open(ready(url), clock=lambda: 1_800_000_000.0)
    opened.add_regime(CHANGE)
    opened.close()
    assert watch.regimes() != {}


def test_a_running_engine_is_told_with_what_it_measured(url, journal, tmp_path):
    journal.set_control("engine", REPORT.to_json(), 1_000)
    with registered(tmp_path, Role.ENGINE):
        state = EngineWatch(tmp_path, JournalWatch(url)).state()
    assert state.activity is EngineActivity.RUNNING
    assert state.costs == (COST,)


def test_costs_survive_an_engine_that_went_silent_and_not_one_that_stopped(url, journal, tmp_path):
    now_s = [0.0]
    journal.set_control("engine", REPORT.to_json(), 1_000)
    watch = EngineWatch(tmp_path, JournalWatch(url), monotonic=lambda: now_s[0])
    with registered(tmp_path, Role.ENGINE):
        watch.state()
        now_s[0] = 60.0
        silent = watch.state()
    assert (silent.activity, silent.costs) == (EngineActivity.STALE, (COST,))
    stopped = watch.state()
    assert (stopped.activity, stopped.costs) == (EngineActivity.STOPPED, ())


def test_what_the_last_run_left_is_not_told_of_an_engine_that_has_just_started(
    url, journal, tmp_path
):
    now_s = [0.0]
    watch = EngineWatch(tmp_path, JournalWatch(url), monotonic=lambda: now_s[0])
    with registered(tmp_path, Role.ENGINE):
        started_ms = round(running(tmp_path, Role.ENGINE).started_s * 1000)
        left = replace(REPORT, beats=500, told_ms=started_ms - 60_000)
        journal.set_control("engine", left.to_json(), 1_000)
        for _ in range(2):
            state = watch.state()
            assert (state.activity, state.costs) == (EngineActivity.UNKNOWN, ())
        first = replace(REPORT, beats=1, told_ms=started_ms + 10)
        journal.set_control("engine", first.to_json(), 2_000)
        assert watch.state().activity is EngineActivity.RUNNING


def test_a_clock_that_was_set_back_hides_no_engine_that_reports(url, journal, tmp_path):
    watch = EngineWatch(tmp_path, JournalWatch(url))
    with registered(tmp_path, Role.ENGINE):
        for beats in (3, 4):
            told = replace(REPORT, beats=beats, told_ms=1)
            journal.set_control("engine", told.to_json(), 1_000)
            state = watch.state()
    assert state.activity is EngineActivity.RUNNING


def test_an_engine_that_never_reports_is_stale_some_day(url, tmp_path):
    now_s = [0.0]
    watch = EngineWatch(tmp_path, JournalWatch(url), monotonic=lambda: now_s[0])
    with registered(tmp_path, Role.ENGINE):
        assert watch.state().activity is EngineActivity.UNKNOWN
        now_s[0] = BEGUN_WITHIN_S + 1
        assert watch.state().activity is EngineActivity.STALE
