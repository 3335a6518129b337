import asyncio
import json

import pytest

from core.model.verdict import AbstentionReason, View
from deepseek.prompt import prompt_for, prompt_sha256
from deepseek.recorded import RecordedBrain
from tests.deepseek.facts import facts
from tests.deepseek.server import GOOD


def judge(answer, about=None):
    about = about or facts()
    answers = {prompt_sha256(prompt_for(facts())): answer}
    return asyncio.run(RecordedBrain(answers).judge(about))


def test_a_recorded_answer_is_read_and_checked_again():
    consultation = judge(json.dumps(GOOD))
    assert isinstance(consultation.verdict, View)
    assert consultation.verdict.checks[0].holds
    (call,) = consultation.calls
    assert (call.cached, call.cost_usd, call.verdict) == (True, 0.0, "LONG 61")
    assert call.prompt == prompt_for(facts()).text


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("prose", AbstentionReason.NOT_JSON),
        (json.dumps(GOOD)[:-9], AbstentionReason.TRUNCATED),
        (
            json.dumps(GOOD | {"evidence": [{"feature": "hype", "value": 1}]}),
            AbstentionReason.EVIDENCE,
        ),
    ],
)
def test_a_bad_answer_is_as_bad_as_it_was(answer, reason):
    assert judge(answer).verdict.reason == reason


@pytest.mark.parametrize("about", [facts(close=101.0), facts(symbol="ETHUSDT")])
def test_a_question_that_was_not_asked_has_no_answer(about):
    consultation = judge(json.dumps(GOOD), about)
    assert consultation.verdict.reason == AbstentionReason.NOT_RECORDED
    assert consultation.calls == ()


def test_an_answer_that_never_came_is_not_recorded():
    assert judge("").verdict.reason == AbstentionReason.NOT_RECORDED
