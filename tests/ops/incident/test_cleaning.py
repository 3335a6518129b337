"""What is shared shows no secret: neither one that is known, nor what stands under such a name."""

import pytest

from ops.incident.cleaning import cleaning

SECRET = "correct horse battery"  # noqa: S105 - of nobody


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        (f"said {SECRET} aloud", "said *** aloud"),
        ('{"api_key": "abc def", "x": 1}', '{"api_key": "***", "x": 1}'),
        ("GET /?token=abc123&x=1", "GET /?token=***&x=1"),
        ("DASHBOARD_PASSWORD_HASH='$scrypt$a b'", "DASHBOARD_PASSWORD_HASH='***'"),
        ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer ***"),
        ("http://user:pw@host/", "http://user:***@host/"),
        ("the key sk-0123456789 of old", "the key *** of old"),
        ("ALARM_URLS=tgram://a/b mailto://c", "ALARM_URLS=***"),
        ("  urls: 'tgram://a/b c'", "  urls: '***'"),
        ("HEARTBEAT_URL: https://x/y", "HEARTBEAT_URL: ***"),
        ('"token": 12345, "x": 2', '"token": ***, "x": 2'),
    ],
)
def test_secrets_are_hidden(text, cleaned):
    assert cleaning([SECRET])(f"before\n{text}\nafter\n") == f"before\n{cleaned}\nafter\n"


@pytest.mark.parametrize(
    "text",
    [
        "prompt_tokens=100 max_tokens: 5",
        'deepseek_tokens_total{kind="prompt"} 5.0',
        "password: null",
        '"api_key": "", "passphrase": null}',
        "a bearer of news; the passphrase is set",
        "symbol=BTCUSDT score=+0.12 reason=no key: rules only",
    ],
)
def test_what_is_none_stays(text):
    assert cleaning([])(text) == text
