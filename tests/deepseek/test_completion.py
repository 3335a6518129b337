import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.verdict import Abstention, AbstentionReason, View
from deepseek.budget import Usage
from deepseek.completion import Completion, Failure, is_retryable, parse_completion, verdict_of
from tests.deepseek.server import GOOD, completion

NO_COMPLETION = {
    AbstentionReason.NO_BODY,
    AbstentionReason.CUT_OFF,
    AbstentionReason.NOT_A_COMPLETION,
}
MAY_PASS = {
    AbstentionReason.TIMEOUT,
    AbstentionReason.NETWORK,
    AbstentionReason.CUT_OFF,
    AbstentionReason.NO_BODY,
    AbstentionReason.RATE_LIMIT,
    AbstentionReason.SERVER,
    AbstentionReason.OVERLOADED,
    AbstentionReason.RESOURCE,
    AbstentionReason.BLANK,
}
any_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
altered = st.dictionaries(st.sampled_from(["choices", "model", "usage", "error"]), any_json).map(
    lambda changes: json.dumps(completion() | changes).encode()
)


def test_a_completion_is_read():
    read = parse_completion(json.dumps(completion("hello")).encode())
    assert read == Completion("hello", "stop", "DeepSeek-V4.1-Flash", Usage(1000, 600, 200))


def test_more_cache_hits_than_tokens_are_capped():
    usage = {"prompt_tokens": 10, "prompt_cache_hit_tokens": 20, "completion_tokens": 1}
    read = parse_completion(json.dumps(completion(usage=usage)).encode())
    assert read.usage == Usage(10, 10, 1)


@given(st.binary() | altered | any_json.map(lambda value: json.dumps(value).encode()))
def test_any_body_gives_a_completion_or_a_failure(body):
    read = parse_completion(body)
    if isinstance(read, Completion):
        verdict = verdict_of(read, 100.0)
        assert isinstance(verdict, View | Abstention)
    else:
        assert isinstance(read, Failure)
        assert read.abstention.reason in NO_COMPLETION


@pytest.mark.parametrize("reason", AbstentionReason)
def test_only_what_may_pass_is_asked_again(reason):
    assert is_retryable(Abstention(reason)) is (reason in MAY_PASS)


def test_a_view_is_not_asked_again():
    assert not is_retryable(verdict_of(Completion(json.dumps(GOOD), "stop", "", Usage()), 100.0))
