import os
from dataclasses import replace

import pytest

from core.model.engine_report import EngineReport
from core.model.health import Level
from core.model.intervals import MINUTE_MS
from ops.health.engine_look import AnalystLook, EngineLook, RegimeLook
from ops.processes import ProcessIdentity, Role, registered

REPORT = EngineReport(1, "LIVE", 0.1, 0, "nobody", 10_000.0, 1, was_live=True)
FRESH_MS = 10**15  # told after any process has begun


class Scene:
    def __init__(self, run):
        self.now_s, self.report = 50.0, replace(REPORT, told_ms=FRESH_MS)
        self.look = EngineLook(run, lambda: self.report, monotonic=lambda: self.now_s)

    def later(self, seconds):
        self.now_s += seconds
        return self.look.heartbeat()


@pytest.fixture
def scene(tmp_path):
    with registered(tmp_path, Role.ENGINE):
        yield Scene(tmp_path)


def test_a_heartbeat_ages_until_it_changes(scene):
    assert scene.later(0.0).value == 0.0
    assert scene.later(7.0).value == 7.0
    scene.report = replace(scene.report, beats=2)
    assert scene.later(3.0).value == 0.0


def test_an_engine_that_does_not_run_is_critical_and_says_how_to_start_it(tmp_path):
    seen = Scene(tmp_path).look.heartbeat()
    assert (seen.level, "make start" in seen.words) == (Level.CRITICAL, True)
    look = Scene(tmp_path).look
    told = (look.feed, look.entries, look.saving, look.writes, look.budget)
    assert {one().level for one in told} == {Level.UNKNOWN}


def test_what_an_engine_said_before_it_fell_silent_tells_nothing_of_now(scene):
    look = scene.look
    told = (look.feed, look.entries, look.saving)
    scene.later(0.0)
    assert {one().level for one in told} == {Level.OK}
    scene.later(40.0)
    assert {one().level for one in told} == {Level.UNKNOWN}
    assert "not reported of late" in look.entries().words
    scene.report = replace(scene.report, beats=2)
    scene.later(1.0)
    assert {one().level for one in told} == {Level.OK}


def test_what_an_earlier_engine_left_is_no_heartbeat_of_this_one(scene):
    started_ms = ProcessIdentity.of(os.getpid()).started_s * 1000.0
    scene.report = replace(REPORT, told_ms=int(started_ms) - 5_000)
    assert scene.later(0.0).level is Level.UNKNOWN
    seen = scene.later(61.0)
    assert (seen.level, seen.value) == (None, 61.0)
    scene.report = replace(scene.report, beats=9)
    assert "paper equity" in scene.later(1.0).words


def test_each_trouble_of_the_engine_is_a_component_of_its_own(scene):
    scene.report = replace(
        scene.report,
        feed_state="SILENT",
        feed_detail="nothing for 9 s",
        halts=("daily loss 3 %",),
        alarm="disk full",
        journal_write_ms=1_500.0,
        llm_usd_today=0.9,
        llm_usd_limit=1.0,
    )
    look = scene.look
    assert look.feed().level is Level.WARNING
    assert look.entries().words == "daily loss 3 %"
    assert look.saving().level is Level.CRITICAL
    assert look.writes().value == 1_500.0
    assert look.budget().value == pytest.approx(90.0)


def test_the_engine_itself_tells_what_its_journal_cannot(tmp_path):
    own = replace(REPORT, alarm="journal not written for 20 s", journal_write_ms=5_000.0)
    look = EngineLook(tmp_path, lambda: REPORT, lambda: own)
    assert look.saving().level is Level.CRITICAL
    assert look.writes().value == 5_000.0


def test_without_writes_or_questions_there_is_nothing_to_judge(scene):
    assert scene.look.writes().level is Level.UNKNOWN
    assert scene.look.budget().level is Level.UNKNOWN
    assert scene.look.entries().level is Level.OK
    assert scene.look.saving().level is Level.OK
    assert scene.look.feed().level is Level.OK


@pytest.mark.parametrize(
    ("model", "words", "level"),
    [
        ("deepseek-flash", "DeepSeek deepseek-flash, $0.01 of $1.00 today", Level.OK),
        ("deepseek-flash", "DeepSeek is left in peace", Level.WARNING),
        ("deepseek-flash", "rules only: the day's budget is spent", Level.WARNING),
        ("", "no key: rules only", Level.UNKNOWN),
    ],
)
def test_whether_deepseek_takes_part_is_told_in_the_engines_words(model, words, level):
    seen = AnalystLook(lambda: replace(REPORT, analyst=words), model=model).analyst()
    assert (seen.level, words in seen.words) == (level, True)


def test_an_unknown_regime_is_counted_in_market_time_beyond_the_first_bar():
    told = [replace(REPORT, market_time_ms=0, regimes={"BTCUSDT": "range"})]
    look = RegimeLook(lambda: told[0], ("BTCUSDT", "ETHUSDT"), due_ms=15 * MINUTE_MS)
    assert look.regime().value == 0.0
    told[0] = replace(told[0], market_time_ms=75 * MINUTE_MS)
    seen = look.regime()
    assert (seen.value, "ETHUSDT" in seen.words) == (60.0, True)
    known = {"BTCUSDT": "range", "ETHUSDT": "quiet"}
    told[0] = replace(told[0], market_time_ms=80 * MINUTE_MS, regimes=known)
    assert look.regime().value == 0.0
    told[0] = replace(told[0], regimes=known | {"ETHUSDT": "unknown"})
    assert look.regime().value == 0.0, "it counts anew"


def test_of_more_symbols_than_a_heartbeat_holds_none_is_said_to_lack_its_regime():
    many = tuple(f"S{n}USDT" for n in range(101))
    report = replace(REPORT, market_time_ms=10**12, regimes=dict.fromkeys(many[:100], "range"))
    look = RegimeLook(lambda: report, many, due_ms=0)
    assert look.regime().words == "known of 100 symbols"
