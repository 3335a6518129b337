import json

from core.signals.features import FEATURES
from tests.ui.decision.scene import traded, unready
from ui.decision.whole import facts_told, whole_told


def test_the_whole_evaluation_holds_question_answer_and_outcome():
    told = whole_told(traded(), 0.5, 1)
    (call,) = told["calls"]
    assert call["answer"] == '{"action": "LONG"}'
    assert call["prompt"] == '[{"role": "system", "content": "…"}]'
    (trade,) = told["trades"]
    assert (trade["account"], trade["exit_reason"], trade["r"]) == ("as traded", "target", 1.9)
    assert [shadow["account"] for shadow in told["shadows"]] == ["rules alone", "random entries"]
    json.dumps(told)
    json.dumps(whole_told(unready(), 0.5, 1))


def test_facts_come_by_group_with_their_unit_and_a_reason_where_they_are_missing():
    groups = facts_told({"rsi_14": 61.2, "of_old": 1.0}, ("spread_bps", "alignment_1h"))
    by_name = {group["group"]: group for group in groups}
    assert list(by_name) == ["momentum", "flow", "alignment", "other"]
    (rsi,) = by_name["momentum"]["known"]
    assert (rsi["value"], rsi["meaning"]) == (61.2, FEATURES["rsi_14"].meaning)
    assert by_name["flow"]["missing"][0]["why"] == "nothing was heard live of this bar"
    assert by_name["alignment"]["missing"][0]["why"] == (
        "timeframe alignment had no value at this bar"
    )
