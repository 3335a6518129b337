import asyncio
import json
import logging
import re
import socket
import subprocess
import sys
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr

from core.config import REPOSITORY, ConfigError
from core.model.verdict import Abstention, AbstentionReason, Action, View
from deepseek.client import DeepSeekBrain
from deepseek.prompt import prompt_for, prompt_sha256
from tests.builders import settings
from tests.deepseek.facts import facts
from tests.deepseek.server import (
    GOOD,
    body,
    completion,
    deepseek_playing,
    drops_before_the_answer,
    drops_in_the_body,
    keeps_alive,
    keeps_alive_for_ever,
    never_answers,
    refuses,
    says,
)

# A server is started for each.
pytestmark = pytest.mark.simulator

KEY = "sk-0123456789abcdef"
SUNDAY_MS = 1_750_000_000_000 - 1_750_000_000_000 % 86_400_000  # 2025-06-15, off-peak all day
MONDAY_AT_2_MS = SUNDAY_MS + 26 * 3_600_000
OPENAI_ENVIRONMENT = {"OPENAI_ORG_ID": "org-other", "OPENAI_PROJECT_ID": "p", "HTTP_PROXY": "x"}


def deepseek_settings(url, timeout_s=2.0, key=KEY):
    secret = None if key is None else SecretStr(key)
    changes = {"base_url": url, "timeout_s": timeout_s, "api_key": secret}
    return settings().deepseek.model_copy(update=changes)


@asynccontextmanager
async def brain_at(url, *, timeout_s=2.0, key=KEY, retries=0, now_ms=SUNDAY_MS):
    brain = DeepSeekBrain(
        deepseek_settings(url, timeout_s, key),
        utc_now_ms=lambda: now_ms,
        retry_delays_s=(0.001,) * retries,
    )
    try:
        yield brain
    finally:
        await brain.aclose()


def consult(*acts, about=None, **brain):
    """Ask a brain whose server plays ``acts``; return the consultation and the script."""

    async def ask():
        async with deepseek_playing(*acts) as script, brain_at(script.url, **brain) as asked:
            return await asked.judge(about or facts()), script

    return asyncio.run(ask())


def test_a_good_answer_is_a_view():
    consultation, _ = consult(says())
    view = consultation.verdict
    assert isinstance(view, View)
    assert (view.action, view.confidence) == (Action.LONG, 61.0)
    assert (view.entry_price, view.stop_loss, view.take_profit) == (100.0, 98.0, 104.0)


def test_the_question_is_asked_as_the_provider_wants_it():
    _, script = consult(says())
    (request,) = script.requests
    assert request["model"] == "deepseek-flash"
    assert request["thinking"] == {"type": "disabled"}
    assert request["response_format"] == {"type": "json_object"}
    assert request["temperature"] == 0
    assert request["max_tokens"] == 1200
    assert request.get("stream", False) is False
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert json.loads(request["messages"][1]["content"])["symbol"] == "BTCUSDT"
    assert script.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_the_call_is_accounted_for():
    call = consult(says())[0].call
    assert call.model == "DeepSeek-V4.1-Flash"
    assert json.loads(call.answer) == GOOD
    assert (call.prompt_tokens, call.cache_hit_tokens, call.completion_tokens) == (1000, 600, 200)
    assert call.cost_usd == pytest.approx((600 * 0.003 + 400 * 0.15 + 200 * 0.60) / 1e6)
    assert call.prompt_sha256 == prompt_sha256(prompt_for(facts()))
    assert [message["role"] for message in json.loads(call.prompt)] == ["system", "user"]


def test_a_call_at_peak_hours_costs_twice_as_much():
    off_peak = consult(says())[0].call
    peak = consult(says(), now_ms=MONDAY_AT_2_MS)[0].call
    assert peak.cost_usd == pytest.approx(2 * off_peak.cost_usd)


def test_latency_is_measured_by_the_monotonic_clock():
    ticks = iter([10.0, 10.25])

    async def ask():
        async with deepseek_playing(says()) as script:
            brain = DeepSeekBrain(deepseek_settings(script.url), monotonic=lambda: next(ticks))
            consultation = await brain.judge(facts())
            await brain.aclose()
            return consultation

    assert asyncio.run(ask()).call.latency_ms == 250


FAILURES = {
    "400": (refuses(400), AbstentionReason.REQUEST),
    "401": (refuses(401), AbstentionReason.AUTHENTICATION),
    "402": (refuses(402, "Insufficient Balance"), AbstentionReason.BALANCE),
    "403": (refuses(403), AbstentionReason.AUTHENTICATION),
    "404": (refuses(404), AbstentionReason.REQUEST),
    "408": (refuses(408), AbstentionReason.SERVER),
    "422": (refuses(422), AbstentionReason.REQUEST),
    "429": (refuses(429), AbstentionReason.RATE_LIMIT),
    "500": (refuses(500), AbstentionReason.SERVER),
    "503": (refuses(503), AbstentionReason.SERVER),
    "503 as html": (body("<html>busy</html>", "text/html", 503), AbstentionReason.SERVER),
    "moved": (body("", status=302, headers={"Location": "/x"}), AbstentionReason.REQUEST),
    "html with 200": (body("<html>hello</html>", "text/html"), AbstentionReason.SERVER),
    "cut json with 200": (body('{"choices": ['), AbstentionReason.SERVER),
    "an array with 200": (body("[]"), AbstentionReason.SERVER),
    "an error with 200": (body('{"error":{"message":"m"}}'), AbstentionReason.SERVER),
    "nested body": (body("[" * 100_000), AbstentionReason.SERVER),
    "2 MB body": (body("x" * 2_000_000), AbstentionReason.TOO_LONG),
    "empty body": (body(""), AbstentionReason.SERVER),
    "end after blank lines": (keeps_alive(3), AbstentionReason.SERVER),
    "blank lines for ever": (keeps_alive_for_ever, AbstentionReason.TIMEOUT),
    "silence": (never_answers, AbstentionReason.TIMEOUT),
    "dropped in the body": (drops_in_the_body, AbstentionReason.NETWORK),
    "dropped before": (drops_before_the_answer, AbstentionReason.NETWORK),
    "no resources": (
        says(finish_reason="insufficient_system_resource"),
        AbstentionReason.SERVER,
    ),
    "cut at max_tokens": (says('{"action":', "length"), AbstentionReason.TRUNCATED),
    "content filter": (says("", "content_filter"), AbstentionReason.REQUEST),
    "tool calls": (says("", "tool_calls"), AbstentionReason.CONTRACT),
    "only spaces": (says("     "), AbstentionReason.BLANK),
    "no content": (
        body(json.dumps(completion() | {"choices": [{"message": {"content": None}}]})),
        AbstentionReason.BLANK,
    ),
    "no choices": (says(choices=[]), AbstentionReason.BLANK),
    "choices of a wrong type": (says(choices="none"), AbstentionReason.BLANK),
    "prose": (says("I think it goes up."), AbstentionReason.NOT_JSON),
    "200 kB of text": (says("x" * 200_000), AbstentionReason.TOO_LONG),
    "a number as text": (
        says(json.dumps(GOOD | {"confidence": "61"})),
        AbstentionReason.CONTRACT,
    ),
    "stop on the wrong side": (
        says(json.dumps(GOOD | {"stop_loss": 101.0})),
        AbstentionReason.CONTRACT,
    ),
}


@pytest.mark.parametrize(("act", "reason"), FAILURES.values(), ids=FAILURES)
def test_every_failure_is_an_abstention_with_its_reason(act, reason):
    waits = act in (never_answers, keeps_alive_for_ever)
    consultation, _ = consult(act, timeout_s=0.05 if waits else 5.0)
    assert isinstance(consultation.verdict, Abstention)
    assert consultation.verdict.reason == reason
    assert consultation.call is not None


def test_no_server_at_all_is_a_network_failure():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))

        async def ask():
            url = f"http://127.0.0.1:{unused.getsockname()[1]}"
            async with brain_at(url, retries=1) as brain:
                return await brain.judge(facts())

        consultation = asyncio.run(ask())
    assert consultation.verdict.reason == AbstentionReason.NETWORK
    assert consultation.call.model == "deepseek-flash"
    assert consultation.call.cost_usd == 0.0


def test_blank_lines_before_the_answer_are_waited_out():
    act = keeps_alive(5, json.dumps(completion()).encode(), pause_s=0.002)
    assert isinstance(consult(act)[0].verdict, View)


@pytest.mark.parametrize(
    "act",
    [refuses(429), refuses(503), drops_in_the_body, keeps_alive(1), says(" ")],
    ids=["429", "503", "drop", "end after a blank line", "blank"],
)
def test_a_passing_failure_is_asked_again(act):
    consultation, script = consult(act, says(), retries=2)
    assert isinstance(consultation.verdict, View)
    assert len(script.requests) == 2


@pytest.mark.parametrize("act", [refuses(400), refuses(401), refuses(402), says("prose")])
def test_a_lasting_failure_is_not_asked_again(act):
    consultation, script = consult(act, says(), retries=2)
    assert isinstance(consultation.verdict, Abstention)
    assert len(script.requests) == 1


def test_attempts_are_bounded():
    consultation, script = consult(refuses(500), retries=2)
    assert consultation.verdict.reason == AbstentionReason.SERVER
    assert len(script.requests) == 3


def test_a_wait_beyond_the_deadline_is_not_begun():
    consultation, script = consult(refuses(429, headers={"Retry-After": "60"}), retries=2)
    assert consultation.verdict.reason == AbstentionReason.RATE_LIMIT
    assert len(script.requests) == 1


@pytest.mark.parametrize("header", ["-5", "nan", "inf", "Wed, 21 Oct 2026 07:28:00 GMT", "0"])
def test_a_senseless_wait_is_ignored(header):
    consultation, _ = consult(refuses(503, headers={"Retry-After": header}), says(), retries=1)
    assert isinstance(consultation.verdict, View)


def test_the_deadline_covers_all_attempts_and_names_what_failed_before():
    consultation, _ = consult(refuses(503), never_answers, retries=1, timeout_s=0.1)
    assert consultation.verdict.reason == AbstentionReason.TIMEOUT
    assert AbstentionReason.SERVER in consultation.verdict.detail


def test_tokens_of_every_attempt_are_paid_for():
    call = consult(says(" "), says(), retries=1)[0].call
    assert (call.prompt_tokens, call.completion_tokens) == (2000, 400)


@pytest.mark.parametrize(
    "usage",
    [None, "many", {}, {"prompt_tokens": -1}, {"prompt_tokens": "9"}, {"prompt_tokens": 10**30}],
)
def test_senseless_token_counts_count_as_none(usage):
    consultation, _ = consult(says(usage=usage))
    assert isinstance(consultation.verdict, View)
    assert (consultation.call.prompt_tokens, consultation.call.cost_usd) == (0, 0.0)


def test_text_that_no_database_takes_is_replaced():
    call = consult(says("\ud800 and \0", model="\udfff"))[0].call
    assert (call.answer + call.model).encode().decode().count("\0") == 0


def test_cancellation_passes_through():
    async def ask():
        async with deepseek_playing(never_answers) as script, brain_at(script.url) as brain:
            task = asyncio.create_task(brain.judge(facts()))
            while not script.requests:
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(ask())


def test_questions_are_asked_side_by_side():
    async def ask():
        symbols = ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
        async with deepseek_playing(says()) as script, brain_at(script.url) as brain:
            asked = [brain.judge(facts(symbol=symbol)) for symbol in symbols]
            return await asyncio.gather(*asked)

    assert all(isinstance(c.verdict, View) for c in asyncio.run(ask()))


@pytest.mark.parametrize("act", [refuses(401, f"your api key {KEY} is invalid"), says(KEY)])
def test_the_key_never_appears_anywhere(act, caplog):
    caplog.set_level(logging.DEBUG)

    async def ask():
        async with deepseek_playing(act) as script, brain_at(script.url) as brain:
            return repr(brain), await brain.judge(facts())

    shown, consultation = asyncio.run(ask())
    assert KEY not in shown + repr(consultation) + caplog.text


@pytest.mark.parametrize("key", [None, "", "  "])
def test_without_a_key_nobody_is_asked(key):
    consultation, script = consult(says(), key=key)
    assert consultation.verdict == Abstention(AbstentionReason.NO_KEY)
    assert consultation.call is None
    assert script.requests == []


@pytest.mark.parametrize("key", ["sk-\nX-Evil: 1", "ключ-ключ"])
def test_a_key_that_no_header_can_carry_is_never_sent(key):
    consultation, script = consult(says(), key=key)
    assert consultation.verdict.reason == AbstentionReason.AUTHENTICATION
    assert key not in repr(consultation)
    assert script.requests == []


def test_an_impossible_address_is_a_configuration_fault():
    with pytest.raises(ConfigError, match=r"deepseek\.base_url"):
        DeepSeekBrain(deepseek_settings("http://[::1"))


def test_variables_of_another_provider_and_proxies_are_not_used(monkeypatch):
    for name, value in OPENAI_ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    consultation, script = consult(says())
    assert isinstance(consultation.verdict, View)
    assert not [name for name in script.headers[0] if re.match("openai-", name.lower())]


@pytest.mark.simulator
def test_the_sdk_is_not_imported_without_a_key():
    program = (
        "import sys; from deepseek.client import DeepSeekBrain; from tests.builders import settings"
        "; DeepSeekBrain(settings().deepseek); sys.exit('openai' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, check=True, timeout=60)
