from dataclasses import replace

import pytest

from core.config.health import Ceiling, Floor
from core.model.health import Level
from ops.health.rule import Observation, Rule, not_known

RULE = Rule("disk", "Disk", Ceiling(warning=80.0, critical=90.0), "%", hold_s=30.0, clear_pct=5.0)
STATED = Rule("feed", "Feed", hold_s=30.0)


def judged(rule, *seen):
    """Judge observations made at instants, in seconds; returns what each led to."""
    standing, told = None, []
    for now_s, one in seen:
        observation = one if isinstance(one, Observation) else Observation(f"{one} %", one)
        standing = rule.judge(standing, observation, now_s=now_s, now_ms=int(now_s * 1000))
        told.append(standing.finding)
    return told


def levels(rule, *seen):
    return [finding.level.value for finding in judged(rule, *seen)]


def test_a_limit_counts_only_after_it_was_passed_for_a_while():
    assert levels(RULE, (0, 85.0), (29, 85.0), (30, 85.0)) == ["ok", "ok", "warning"]


def test_a_peak_between_is_no_alarm():
    assert levels(RULE, (0, 85.0), (10, 70.0), (20, 85.0), (40, 85.0), (50, 85.0)) == [
        "ok", "ok", "ok", "ok", "warning",
    ]  # fmt: skip


def test_each_level_waits_for_itself():
    seen = ((0, 85.0), (20, 95.0), (30, 95.0), (49, 95.0), (50, 95.0))
    assert levels(RULE, *seen) == ["ok", "ok", "warning", "warning", "critical"]


def test_a_limit_must_be_left_by_some_way_before_it_clears():
    rule = replace(RULE, hold_s=0.0)
    seen = ((0, 95.0), (1, 89.0), (2, 86.0), (3, 85.0), (4, 77.0), (5, 75.0))
    assert levels(rule, *seen) == ["critical"] * 3 + ["warning", "warning", "ok"]


def test_of_what_should_stay_above_the_limits_are_reached_from_above():
    rule = Rule("hits", "Hits", Floor(warning=30.0, critical=10.0), "%", clear_pct=10.0)
    seen = ((0, 31.0), (1, 30.0), (2, 32.0), (3, 9.0), (4, 34.0))
    assert levels(rule, *seen) == ["ok", "warning", "warning", "critical", "ok"]


def test_a_limit_below_zero_is_left_upwards():
    rule = Rule("sharpe", "Sharpe", Floor(warning=-1.0), clear_pct=10.0)
    assert levels(rule, (0, -1.5), (1, -0.95), (2, -0.85)) == ["warning", "warning", "ok"]


def test_what_is_not_known_is_never_bad_and_forgets_nothing():
    rule = replace(RULE, hold_s=0.0)
    small = Observation("3 reads", 99.0, Level.UNKNOWN)
    assert levels(rule, (0, small)) == ["unknown"]
    assert levels(rule, (0, 95.0), (1, not_known("no disk")), (2, 89.0)) == [
        "critical", "unknown", "critical",
    ]  # fmt: skip


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_not_known_and_no_value(value):
    rule = replace(RULE, hold_s=0.0)
    _, found = judged(rule, (0, 95.0), (1, value))
    assert (found.level, found.value) == (Level.UNKNOWN, None)


def test_what_says_itself_that_it_is_bad_is_not_called_sound_meanwhile():
    bad, good = Observation("silent", level=Level.CRITICAL), Observation("live", level=Level.OK)
    assert levels(STATED, (0, bad), (29, bad), (30, bad), (31, good)) == [
        "unknown", "unknown", "critical", "ok",
    ]  # fmt: skip


def test_a_value_and_a_word_are_judged_by_the_worse():
    rule = replace(RULE, hold_s=0.0)
    assert levels(rule, (0, Observation("x", 10.0, Level.WARNING))) == ["warning"]
    assert levels(rule, (0, Observation("x", 95.0, Level.OK))) == ["critical"]


def test_a_finding_tells_since_when_and_names_value_and_limit():
    first, second, third = judged(RULE, (0, 85.0), (30, 85.0), (40, 86.0))
    assert (first.since_ms, second.since_ms, third.since_ms) == (0, 30_000, 30_000)
    assert third.value == 86.0
    assert third.reason == "86.0 %; warning from 80 %"
    assert "in 30 s" in first.reason


@pytest.mark.parametrize("value", [0.0, 79.9])
def test_below_every_limit_all_is_well(value):
    (found,) = judged(RULE, (0, value))
    assert (found.level, found.unit, found.reason) == (Level.OK, "%", f"{value} %")
