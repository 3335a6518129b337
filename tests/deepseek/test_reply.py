import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.model.verdict import Abstention, AbstentionReason, Action, Evidence, View
from deepseek.prompt import prompt_for
from deepseek.reply import MAX_LEVEL_DISTANCE, parse_reply, storable
from tests.deepseek.facts import facts
from tests.deepseek.server import GOOD

SHORT = GOOD | {"action": "SHORT", "stop_loss": 102.0, "take_profit": 96.0}
NO_LEVELS = {"entry_price": None, "stop_loss": None, "take_profit": None}


def reply(**changes):
    return json.dumps(GOOD | changes)


def without(key):
    return json.dumps({k: v for k, v in GOOD.items() if k != key})


def reason(text, close=100.0):
    verdict = parse_reply(text, close)
    assert isinstance(verdict, Abstention), verdict
    assert verdict.detail
    return verdict.reason


def test_every_part_of_an_answer_is_read():
    assert parse_reply(reply(), 100.0) == View(
        Action.LONG,
        61.0,
        100.0,
        98.0,
        104.0,
        "The trend agrees.",
        ("close below 98",),
        (Evidence("rsi_14", 61.2),),
    )


@pytest.mark.parametrize("document", [SHORT, GOOD | NO_LEVELS, SHORT | NO_LEVELS])
def test_levels_on_the_right_side_or_not_given_are_accepted(document):
    assert isinstance(parse_reply(json.dumps(document), 100.0), View)


@pytest.mark.parametrize(
    "fence", ["```json\n{}\n```", "```\n{}\n```", "``` JSON\n{}```", "\n {} \n"]
)
def test_one_object_in_a_fence_is_accepted(fence):
    assert isinstance(parse_reply(fence.replace("{}", reply()), 100.0), View)


def test_unknown_keys_are_ignored():
    assert parse_reply(reply(mood="good", deep={"a": [1]}), 100.0) == parse_reply(reply(), 100.0)


@pytest.mark.parametrize("action", ["HOLD", "CLOSE"])
def test_levels_without_a_direction_are_dropped(action):
    view = parse_reply(reply(action=action, stop_loss=0, take_profit=9e9), 100.0)
    assert (view.entry_price, view.stop_loss, view.take_profit) == (None, None, None)


@pytest.mark.parametrize("blank", ["", "   ", "\n\n\t", " " * 200_000])
def test_nothing_but_space_is_blank(blank):
    assert reason(blank) == AbstentionReason.BLANK


@pytest.mark.parametrize(
    "text",
    [
        "I would buy here.",
        "Sure: " + reply(),
        reply() + "\nGood luck!",
        "```json\n" + reply(),
        "```python\n" + reply() + "\n```",
        "``````",
        "```",
        "'" + reply() + "'",
        "\ufeff" + reply(),
    ],
)
def test_what_is_not_one_json_text_is_not_json(text):
    assert reason(text) == AbstentionReason.NOT_JSON


@pytest.mark.parametrize("kept", [1, 5, 20, 60, 150])
def test_an_object_without_its_end_is_truncated(kept):
    assert reason(reply()[:-kept]) == AbstentionReason.TRUNCATED


@pytest.mark.parametrize(
    "text",
    [
        reply() + reply(),
        reply() + "\n" + reply(),
        f"[{reply()}, {reply()}]",
        reply() + "\nor else\n" + reply(),
        f"```json\n{reply()}\n```\n```json\n{reply()}\n```",
    ],
)
def test_two_objects_are_several(text):
    assert reason(text) == AbstentionReason.SEVERAL


@pytest.mark.parametrize("text", ["[]", f"[{reply()}]", "1", "null", '"LONG"', "true"])
def test_json_that_is_no_object_breaks_the_contract(text):
    assert reason(text) == AbstentionReason.CONTRACT


@pytest.mark.parametrize("key", GOOD)
def test_a_missing_key_breaks_the_contract(key):
    assert reason(without(key)) == AbstentionReason.CONTRACT


@pytest.mark.parametrize("key", GOOD)
def test_a_doubled_key_breaks_the_contract(key):
    doubled = reply()[:-1] + f', "{key}": {json.dumps(GOOD[key])}}}'
    assert reason(doubled) == AbstentionReason.CONTRACT


@pytest.mark.parametrize("key", ["confidence", "entry_price", "stop_loss", "take_profit"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"61"', AbstentionReason.NUMBER_AS_TEXT),
        ('"about 61"', AbstentionReason.NUMBER_AS_TEXT),
        ("NaN", AbstentionReason.NOT_A_NUMBER),
        ("Infinity", AbstentionReason.NOT_A_NUMBER),
        ("-Infinity", AbstentionReason.NOT_A_NUMBER),
        ("1e999", AbstentionReason.NOT_A_NUMBER),
        ("true", AbstentionReason.CONTRACT),
        ("[1]", AbstentionReason.CONTRACT),
    ],
)
def test_a_number_that_is_none_is_refused_as_what_it_is(key, value, expected):
    text = reply(**{key: "@"}).replace('"@"', value)
    assert reason(text) == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "long"},
        {"action": "MOON"},
        {"action": None},
        {"action": ["LONG"]},
        {"confidence": -1},
        {"confidence": 100.5},
        {"confidence": None},
        {"reasoning": None},
        {"reasoning": ["a"]},
        {"invalidation": "close below 98"},
        {"invalidation": [98]},
        {"invalidation": ["x"] * 51},
        {"invalidation": ["x" * 501]},
        {"evidence": {}},
        {"evidence": None},
        {"evidence": ["rsi_14"]},
        {"evidence": [{"feature": "rsi_14"}]},
        {"evidence": [{"feature": 14, "value": 61.2}]},
        {"evidence": [{"feature": "rsi_14", "value": True}]},
    ],
)
def test_a_value_out_of_bounds_breaks_the_contract(changes):
    assert reason(reply(**changes)) == AbstentionReason.CONTRACT


def test_a_value_of_evidence_must_be_a_number_too():
    claim = {"feature": "rsi_14", "value": "61.2"}
    assert reason(reply(evidence=[claim])) == AbstentionReason.NUMBER_AS_TEXT


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "SHORT"},
        {"stop_loss": 100.0},
        {"stop_loss": 101.0},
        {"take_profit": 100.0},
        {"take_profit": 99.0},
        {"entry_price": 97.0},
        {"entry_price": 105.0},
    ],
)
def test_a_level_on_the_wrong_side_is_refused(changes):
    assert reason(reply(**changes)) == AbstentionReason.WRONG_SIDE


@pytest.mark.parametrize(
    "changes",
    [
        {"stop_loss": -98.0},
        {"stop_loss": 0},
        {"stop_loss": 79.9},
        {"take_profit": 120.5},
        {"entry_price": 1.0},
    ],
)
def test_a_level_out_of_reach_is_too_far(changes):
    assert reason(reply(**changes)) == AbstentionReason.TOO_FAR


def test_levels_are_asked_for_within_15_percent_and_accepted_within_20():
    assert "No level is further than 15 % from close" in prompt_for(facts()).system
    assert MAX_LEVEL_DISTANCE == 0.20
    assert isinstance(parse_reply(reply(stop_loss=80.0, take_profit=120.0), 100.0), View)


@pytest.mark.parametrize("close", [float("nan"), float("inf"), 0.0, -1.0])
def test_levels_beside_a_senseless_close_are_refused(close):
    assert reason(reply(), close) in {AbstentionReason.TOO_FAR, AbstentionReason.WRONG_SIDE}


@pytest.mark.parametrize("text", ["x" * 200_000, reply(reasoning="x" * 5_000)])
def test_too_much_text_is_too_long(text):
    assert reason(text) == AbstentionReason.TOO_LONG


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"confidence":[', '{"action":"LONG","x":['])
@pytest.mark.parametrize("depth", [300, 990, 3_000, 19_000])
def test_deep_nesting_does_not_blow_the_stack(opening, depth):
    reason((opening * depth)[:20_000])


def test_a_deeply_nested_value_is_not_spelled_out():
    assert reason(reply(confidence="@").replace('"@"', "[" * 400 + "]" * 400))


@pytest.mark.parametrize("digits", ["9" * 5_000, "1." + "0" * 5_000, "-" + "1" * 19_000])
def test_numbers_of_many_digits_are_only_numbers(digits):
    parse_reply(reply(confidence="@").replace('"@"', digits), 100.0)


def test_text_with_lone_surrogates_can_be_stored():
    view = parse_reply(reply(reasoning="a\ud800b\0c", invalidation=["\udfff"]), 100.0)
    assert "\0" not in view.reasoning
    (view.reasoning + view.invalidation[0]).encode()


@given(st.text())
def test_storable_text_stays_as_it_is(text):
    text = text.replace("\0", "")
    assert storable(text) == text


# `st.text()` has no surrogates; these do.
any_text = st.text(st.characters(exclude_categories=()))
any_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | any_text,
    lambda inner: st.lists(inner) | st.dictionaries(any_text, inner),
    max_leaves=8,
)
altered = st.dictionaries(
    st.sampled_from(sorted(GOOD)), any_json | st.floats(90, 110), max_size=3
).map(lambda changes: json.dumps(GOOD | changes))


@given(any_text | any_json.map(json.dumps) | altered, st.floats())
@example("{" * 10, 100.0)
def test_any_text_gives_a_view_or_an_abstention_that_can_be_stored(text, close):
    verdict = parse_reply(text, close)
    assert isinstance(verdict, View | Abstention)
    repr(verdict).encode()
    if isinstance(verdict, Abstention):
        assert len(verdict.detail.encode()) < 400


@given(altered)
def test_levels_of_a_view_are_always_on_the_right_side(text):
    verdict = parse_reply(text, 100.0)
    if isinstance(verdict, View) and verdict.action == Action.LONG:
        assert verdict.stop_loss is None or 80.0 <= verdict.stop_loss < 100.0
        assert verdict.take_profit is None or 100.0 < verdict.take_profit <= 120.0
