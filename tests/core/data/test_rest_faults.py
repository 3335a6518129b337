import pytest

from core.data.rest_faults import HttpFault

BANNED = (
    '{"code":-1003,"msg":"Way too much request weight used; IP banned until 1660090423228. '
    'Please use the websocket for live updates to avoid bans."}'
)


def test_a_refusal_names_status_code_and_message():
    text = str(HttpFault(400, '{"code":-1121,"msg":"Invalid symbol."}'))
    assert text == "HTTP 400 code -1121 Invalid symbol."


@pytest.mark.parametrize("body", ["<html>no</html>", "", "[1]", "null", '"x"', "[" * 100_000])
def test_any_body_can_be_told(body):
    assert str(HttpFault(502, body)).startswith("HTTP 502")
    assert len(str(HttpFault(502, body))) < 300


@pytest.mark.parametrize(
    ("status", "word"), [(451, "location"), (403, "firewall"), (418, "banned"), (429, "too many")]
)
def test_the_common_refusals_are_told_in_plain_words(status, word):
    assert word in str(HttpFault(status))


@pytest.mark.parametrize("status", [408, 418, 429, 500, 503, 599])
def test_what_may_pass_is_tried_again(status):
    assert HttpFault(status).passing


@pytest.mark.parametrize("status", [400, 401, 403, 404, 451])
def test_what_will_not_pass_is_not(status):
    assert not HttpFault(status).passing


def test_the_exchange_says_how_long_to_wait_by_header_or_by_text():
    assert HttpFault(429, headers={"Retry-After": "7"}).told_wait_s(0) == 7.0
    assert HttpFault(418, BANNED).told_wait_s(1660090423228 - 5000) == 5.0
    assert HttpFault(418, BANNED).told_wait_s(1660090423228 + 5000) == 0.0
    assert HttpFault(429, headers={"retry-after": "soon"}).told_wait_s(0) is None


def test_the_end_of_a_ban_is_compared_with_the_clock_of_who_told_it():
    headers = {"Date": "Wed, 10 Aug 2022 00:13:38 GMT"}  # 5.228 s before the end of the ban
    a_day_off_ms = 1660090423228 - 86_400_000
    assert HttpFault(418, BANNED, headers).told_wait_s(a_day_off_ms) == 5.228
    for nonsense in ("", "soon", "Wed, 99 Aug 2022 00:13:38 GMT"):
        told_s = HttpFault(418, BANNED, {"Date": nonsense}).told_wait_s(1660090423228 - 5000)
        assert told_s == 5.0
