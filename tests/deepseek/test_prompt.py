import json
import math

from hypothesis import given
from hypothesis import strategies as st

from core.model.features import FeatureSet
from core.model.verdict import Action, View
from deepseek.prompt import prompt_for, prompt_sha256
from deepseek.reply import parse_reply
from tests.deepseek.facts import facts

CONTRACT = (
    '{"action":"LONG|SHORT|HOLD|CLOSE","confidence":0-100,"entry_price":number|null,'
    '"stop_loss":number|null,"take_profit":number|null,"reasoning":"…","invalidation":["…"],'
    '"evidence":[{"feature":"rsi_14","value":61.2}]}'
)
GOLDEN_USER = (
    '{"close":64346.7,"features":{"adx_14":27.4,"rsi_14":61.2},"interval":"15m",'
    '"missing_features":["atr_14"],"open_position":{"entry":64000.5,"side":"LONG"},'
    '"rule_verdict":{"direction":"LONG","score":0.68,"stop":97.0,"strength":"BUY","target":107.5,'
    '"votes":[{"contribution":0.48,"name":"trend","reason":"price above its average"},'
    '{"contribution":0.2,"name":"momentum","reason":"rsi 61"}]},"symbol":"BTCUSDT"}'
)
# Changes when the system part or the facts above change: then recorded answers are for other
# questions, and the provider's cache starts anew. Regenerate only on purpose.
GOLDEN_SHA256 = "99a504261a96d50d5d9bd4cb1bc13dfaef1e80afc9993f88cbd16fbbedb5d1f2"


def golden_facts():
    features = {"rsi_14": 61.2, "adx_14": 27.4, "atr_14": math.nan}
    return facts(features, close=64346.7, position={"side": "LONG", "entry": 64000.5})


def test_the_user_message_is_these_bytes():
    assert prompt_for(golden_facts()).user == GOLDEN_USER


def test_the_question_has_this_hash():
    assert prompt_sha256(prompt_for(golden_facts())) == GOLDEN_SHA256


def test_the_order_of_features_does_not_change_the_bytes():
    features = {f"f{i}": i / 7 for i in range(50)}
    backwards = dict(reversed(features.items()))
    assert prompt_for(facts(features)) == prompt_for(facts(backwards))


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
