import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.verdict import Abstention, AbstentionReason, Action, Check, Evidence, View
from deepseek.claims import checks_of, in_words, weighed
from tests.deepseek.facts import facts

ALL = 1.0  # only an answer whose claims are all wrong is refused


def view(*claims, action=Action.LONG, confidence=60.0):
    evidence = tuple(Evidence(name, value) for name, value in claims)
    return View(action, confidence, None, None, None, "", (), evidence)


def test_a_claim_as_it_was_printed_holds():
    about = facts({"rsi_14": 61.23456, "flow": -0.000123456})
    checks = checks_of(view(("rsi_14", 61.235), ("flow", -0.00012346)).evidence, about)
    assert [check.holds for check in checks] == [True, True]
    assert checks[0] == Check("rsi_14", 61.235, 61.23456, holds=True)


@pytest.mark.parametrize(
    ("claimed", "holds"), [(61.2, True), (61.0, True), (60.8, False), (-61.2, False), (0.0, False)]
)
def test_a_claim_may_be_rounded_and_no_more(claimed, holds):
    (check,) = checks_of([Evidence("rsi_14", claimed)], facts({"rsi_14": 61.23}))
    assert check.holds is holds


def test_nothing_but_zero_is_zero():
    checks = checks_of([Evidence("side", 0.0), Evidence("side", 1e-9)], facts({"side": 0.0}))
    assert [check.holds for check in checks] == [True, False]


def test_a_feature_nobody_gave_is_wrong_and_the_close_is_known():
    checks = checks_of([Evidence("hype", 1.0), Evidence("close", 100.0)], facts())
    assert checks[0] == Check("hype", 1.0, None, holds=False)
    assert checks[1] == Check("close", 100.0, 100.0, holds=True)


def test_a_missing_feature_is_no_fact():
    about = facts({"rsi_14": float("nan")})
    assert checks_of([Evidence("rsi_14", 50.0)], about)[0].actual is None


def test_wrong_claims_lower_confidence_by_their_share():
    claims = [("rsi_14", 61.2), ("adx_14", 27.4), ("adx_14", 27.4), ("hype", 3.0)]
    verdict, checks = weighed(view(*claims), facts(), 0.34)
    assert verdict.confidence == pytest.approx(60.0 * 2 / 3)  # a doubled claim counts once
    assert verdict.checks == checks
    assert len(checks) == 4


def test_from_the_limit_on_the_answer_is_refused():
    claims = view(("rsi_14", 44.1), ("hype", 3.0), ("adx_14", 27.4))
    verdict, checks = weighed(claims, facts(), 2 / 3)
    assert verdict.reason == AbstentionReason.EVIDENCE
    assert verdict.detail == (
        "2 of 3 claims are wrong: rsi_14 said 44.1, is 61.2, hype said 3, is not known"
    )
    assert len(checks) == 3
    assert isinstance(weighed(claims, facts(), 0.7)[0], View)


def test_a_right_claim_repeated_does_not_drown_a_wrong_one():
    claims = view(*[("rsi_14", 61.2)] * 40, ("adx_14", 99.0), ("adx_14", 27.4))
    assert weighed(claims, facts(), 0.5)[0].reason == AbstentionReason.EVIDENCE


@pytest.mark.parametrize(
    ("action", "confidence"),
    [(Action.LONG, 30.0), (Action.SHORT, 30.0), (Action.CLOSE, 30.0), (Action.HOLD, 60.0)],
)
def test_to_act_without_evidence_is_worth_half(action, confidence):
    verdict, checks = weighed(view(action=action), facts(), 0.34)
    assert (verdict.confidence, checks) == (confidence, ())


def test_an_abstention_stays_what_it_is():
    abstention = Abstention(AbstentionReason.NOT_JSON, "x")
    assert weighed(abstention, facts(), 0.34) == (abstention, ())
    assert in_words(abstention) == "not_json"
    assert in_words(view()) == "LONG 60"


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["rsi_14", "adx_14", "hype"]), st.sampled_from([61.2, 27.4, 1e300])
        ),
        max_size=5,
    ),
    st.floats(0.01, 1.0),
)
def test_checking_never_raises_confidence(claims, limit):
    verdict, checks = weighed(view(*claims), facts(), limit)
    assert len(checks) == len(claims)
    if isinstance(verdict, View):
        assert 0.0 <= verdict.confidence <= 60.0
