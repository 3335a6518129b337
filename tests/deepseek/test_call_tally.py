from dataclasses import replace

import pytest

from core.model.verdict import AbstentionReason, LlmCall, Purpose
from deepseek.budget import COST_ESTIMATED
from deepseek.call_tally import CallTally

CALL = LlmCall("p", "0" * 64, "a", "m", 1_000, 400, 50, 0.002, 1_500, verdict="LONG 70")


def test_an_answer_counts_with_its_tokens_cost_and_time():
    tally = CallTally()
    tally.add(CALL)
    tally.add(CALL)
    sums = tally.of(Purpose.DECISION)
    assert (sums.sent, sums.remembered, sums.failures) == (2, 0, {})
    assert sums.tokens == {"prompt": 1_200, "prompt_cached": 800, "completion": 100}
    assert sums.usd == pytest.approx(0.004)
    assert (sums.seconds.counts[-1], sums.seconds.total) == (2, 3.0)


def test_purposes_are_counted_apart():
    tally = CallTally()
    tally.add(replace(CALL, purpose=Purpose.CHAT, verdict="answered"))
    assert tally.of(Purpose.DECISION).sent == 0
    assert tally.of(Purpose.CHAT).sent == 1
    assert tally.of(Purpose.CHAT).failures == {}


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [
        (AbstentionReason.TIMEOUT.value, "timeout"),
        (AbstentionReason.TIMEOUT.value + COST_ESTIMATED, "timeout"),
        ("cancelled" + COST_ESTIMATED, "cancelled"),
        ("stopped", "stopped"),
        ('anything "else"\n', "other"),
        ("", "other"),
    ],
)
def test_a_failure_is_counted_under_a_code(verdict, kind):
    tally = CallTally()
    tally.add(replace(CALL, verdict=verdict))
    assert tally.of(Purpose.DECISION).failures == {kind: 1}


def test_an_answer_whose_cost_is_estimated_is_an_answer():
    tally = CallTally()
    tally.add(replace(CALL, verdict="HOLD 50" + COST_ESTIMATED))
    assert tally.of(Purpose.DECISION).failures == {}


def test_an_answer_that_was_known_costs_nothing_and_was_not_sent():
    tally = CallTally()
    tally.add(replace(CALL, cached=True))
    sums = tally.of(Purpose.DECISION)
    assert (sums.sent, sums.remembered, sums.usd, sums.tokens) == (0, 1, 0.0, {})
