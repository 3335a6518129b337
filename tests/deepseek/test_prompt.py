import hashlib
import json
import math

from hypothesis import given
from hypothesis import strategies as st

from core.config import REPOSITORY
from core.model.condition import Condition, Side
from core.model.features import FeatureSet
from core.model.intervals import Interval
from core.model.signal import Direction, Layer, RuleVerdict, Strength, Vote
from core.model.verdict import Action, Facts, View, ZoneFact
from deepseek.prompt import prompt_for, prompt_sha256
from deepseek.reply import parse_reply
from tests.deepseek.facts import facts

CONTRACT = (
    '{"action":"LONG|SHORT|HOLD|CLOSE","confidence":0-100,"entry_price":number|null,'
    '"stop_loss":number|null,"take_profit":number|null,"reasoning":"…","invalidation":["…"],'
    '"evidence":[{"feature":"rsi_14","value":61.2}]}'
)
# The whole question as it is hashed, with its system part. When it changes, recorded answers are
# for other questions, and the provider's cache starts anew. Regenerate only on purpose:
#   python -c "from tests.deepseek.test_prompt import regenerate; regenerate()"
GOLDEN = REPOSITORY / "tests" / "goldens" / "deepseek_question.json"


def golden_facts():
    features = {"rsi_14": 61.2, "adx_14": 27.4, "atr_14": math.nan}
    rules = RuleVerdict(
        Direction.LONG,
        Strength.BUY,
        0.68,
        68.0,
        (
            Vote("supertrend", 0.8, 0.6, "up since 12 candles", Layer.TREND),
            Vote("rsi", 0.5, 0.4, "rsi 61", Layer.MOMENTUM),
        ),
        63410.0,
        66688.45,
        2.5,
        (Condition(Side.BELOW, 63410.0, Interval.M15),),
    )
    return Facts(
        "BTCUSDT",
        Interval.M15,
        64346.7,
        FeatureSet.of(features),
        rules,
        {"side": "LONG", "entry": 64000.5},
        "trending up",
        {"1h": 1.0, "4h": -0.25},
        (ZoneFact("Buy-side liquidity", 64800.0, 64912.5, 1.2345678),),
    )


def regenerate():
    """Write the golden question anew."""
    GOLDEN.write_bytes(prompt_for(golden_facts()).text.encode())


def test_the_question_is_these_bytes():
    assert prompt_for(golden_facts()).text.encode() == GOLDEN.read_bytes()


def test_the_hash_is_of_the_whole_question():
    expected = hashlib.sha256(GOLDEN.read_bytes()).hexdigest()
    assert prompt_sha256(prompt_for(golden_facts())) == expected


def test_the_document_shows_what_the_rules_saw_and_said():
    document = json.loads(prompt_for(golden_facts()).user)
    assert set(document) == {
        "symbol", "interval", "close", "features", "missing_features", "regime", "alignment",
        "zones", "open_position", "rule_verdict",
    }  # fmt: skip
    assert document["regime"] == "trending up"
    assert document["alignment"] == {"1h": 1.0, "4h": -0.25}
    zone = {"kind": "Buy-side liquidity", "low": 64800.0, "high": 64912.5, "distance_atr": 1.2346}
    assert document["zones"] == [zone]
    verdict = document["rule_verdict"]
    assert verdict["reward_risk"] == 2.5
    assert verdict["invalidation"] == ["close below 63,410 on 15m"]
    assert [vote["layer"] for vote in verdict["votes"]] == ["trend", "momentum"]


def test_what_is_not_known_is_null_or_empty():
    document = json.loads(prompt_for(facts()).user)
    assert (document["regime"], document["open_position"]) == (None, None)
    assert (document["alignment"], document["zones"]) == ({}, [])


def test_the_order_of_features_does_not_change_the_bytes():
    features = {f"f{i}": i / 7 for i in range(50)}
    backwards = dict(reversed(features.items()))
    assert prompt_for(facts(features)) == prompt_for(facts(backwards))


@given(
    st.dictionaries(st.text(max_size=5), st.floats(allow_nan=False), max_size=5),
    st.dictionaries(st.sampled_from(["1m", "1h", "4h"]), st.floats(-1, 1)),
    st.randoms(use_true_random=False),
)
def test_the_same_facts_are_the_same_bytes(features, alignment, random):
    def shuffled(values):
        items = list(values.items())
        random.shuffle(items)
        return dict(items)

    asked = facts(features, alignment=alignment)
    again = facts(shuffled(features), alignment=shuffled(alignment))
    assert prompt_for(asked).text.encode() == prompt_for(again).text.encode()


def test_what_never_changes_comes_first():
    one = prompt_for(facts())
    other = prompt_for(facts({"x": 1.0}, symbol="ETHUSDT", close=5.0))
    assert one.system == other.system
    assert json.loads(one.text)[0] == {"role": "system", "content": one.system}


def test_the_system_part_states_the_contract_and_the_word_the_provider_demands():
    system = prompt_for(facts()).system
    assert CONTRACT in system
    assert "json" in system


def test_the_example_in_the_system_part_keeps_the_contract():
    example = prompt_for(facts()).system.splitlines()[-1]
    view = parse_reply(example, close=64120.5)
    assert isinstance(view, View)
    assert view.action == Action.LONG


def test_noise_in_the_last_digits_does_not_change_the_bytes():
    assert prompt_for(facts({"a": 0.1 + 0.2})) == prompt_for(facts({"a": 0.3}))
    assert prompt_for(facts({"a": -0.0})) == prompt_for(facts({"a": 0.0}))


def test_features_have_five_digits_and_prices_eight():
    document = json.loads(prompt_for(facts({"a": 1.2345678, "b": 98765.4}, close=64346.789)).user)
    assert document["features"] == {"a": 1.2346, "b": 98765.0}
    assert document["close"] == 64346.789


def test_a_number_too_large_to_round_is_missing():
    document = json.loads(prompt_for(facts({"a": 1.7976931e308})).user)
    assert document["missing_features"] == ["a"]


@given(st.dictionaries(st.text(max_size=5), st.floats()), st.text(), st.floats())
def test_any_facts_make_a_json_document(features, symbol, close):
    about = facts(symbol=symbol, close=close, position={"note": symbol, "pnl": close})
    unchecked = FeatureSet(features)  # not `of`: holds what is not finite, too
    about = type(about)(about.symbol, about.interval, close, unchecked, about.rules)
    prompt = prompt_for(about)
    document = json.loads(prompt.user, parse_constant=lambda name: 1 / 0)
    assert prompt.user.isascii()
    assert set(document["features"]).union(document["missing_features"]) == set(features)
    assert len(prompt_sha256(prompt)) == 64
