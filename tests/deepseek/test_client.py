import asyncio
import gzip
import json
import logging
import math
import re
import socket
import subprocess
import sys
import time
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from pydantic import SecretStr

from core.config import REPOSITORY, ConfigError
from core.model.verdict import Abstention, AbstentionReason, Action, Purpose, Spent, View
from deepseek.budget import COST_ESTIMATED
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
TIMEOUT_S = 60.0  # where nothing is to be late
SUNDAY_MS = 1_750_000_000_000 - 1_750_000_000_000 % 86_400_000  # 2025-06-15, off-peak all day
MONDAY_AT_2_MS = SUNDAY_MS + 26 * 3_600_000
OPENAI_ENVIRONMENT = {"OPENAI_ORG_ID": "org-other", "OPENAI_PROJECT_ID": "p", "HTTP_PROXY": "x"}


def deepseek_settings(url, key=KEY, **changes):
    secret = None if key is None else SecretStr(key)
    changes = (
        {"timeout_s": TIMEOUT_S, "retries": 0} | changes | {"base_url": url, "api_key": secret}
    )
    return settings().deepseek.model_copy(update=changes)


@asynccontextmanager
async def brain_at(url, *, now_ms=SUNDAY_MS, spent=None, monotonic=time.monotonic, **changes):
    brain = DeepSeekBrain(
        deepseek_settings(url, **changes),
        spent=spent,
        monotonic=monotonic,
        utc_now_ms=lambda: now_ms,
        first_retry_s=0.001,
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

    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        return runner.run(ask())


class LeapingLoop(asyncio.SelectorEventLoop):
    """A loop whose time can leap ahead: a deadline passes when it is to, and not before."""

    ahead_s = 0.0

    def time(self):
        return super().time() + self.ahead_s


async def lets_the_time_pass(request):
    """Stay silent until everybody's patience is over."""
    asyncio.get_running_loop().ahead_s += TIMEOUT_S
    await never_answers(request)


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
    call = consult(says())[0].calls[0]
    assert call.model == "DeepSeek-V4.1-Flash"
    assert json.loads(call.answer) == GOOD
    assert (call.prompt_tokens, call.cache_hit_tokens, call.completion_tokens) == (1000, 600, 200)
    assert call.cost_usd == pytest.approx((600 * 0.003 + 400 * 0.15 + 200 * 0.60) / 1e6)
    assert call.prompt_sha256 == prompt_sha256(prompt_for(facts()))
    assert [message["role"] for message in json.loads(call.prompt)] == ["system", "user"]


def test_a_call_at_peak_hours_costs_twice_as_much():
    off_peak = consult(says())[0].calls[0]
    peak = consult(says(), now_ms=MONDAY_AT_2_MS)[0].calls[0]
    assert peak.cost_usd == pytest.approx(2 * off_peak.cost_usd)


def test_latency_is_measured_by_the_monotonic_clock():
    ticks = iter([10.0, 10.25])

    async def ask():
        async with deepseek_playing(says()) as script:
            brain = DeepSeekBrain(deepseek_settings(script.url), monotonic=lambda: next(ticks))
            consultation = await brain.judge(facts())
            await brain.aclose()
            return consultation

    assert asyncio.run(ask()).calls[0].latency_ms == 250


RETRIES = 2
PASSES = RETRIES + 1  # attempts at what may pass
LASTS = 1


def answers(**changes):
    return says(json.dumps(GOOD | changes))


def says_text(text):
    return says(json.dumps(GOOD | {"confidence": "@"}).replace('"@"', text))


INVENTED = [{"feature": "rsi_14", "value": 12.0}, {"feature": "hype", "value": 9.0}]
# What comes: the reason, and how often it is asked.
FAILURES = {
    "400": (refuses(400), AbstentionReason.BAD_REQUEST, LASTS),
    "400 retired model": (
        refuses(400, "The model `deepseek-flash` was removed"),
        AbstentionReason.UNKNOWN_MODEL,
        LASTS,
    ),
    "400 no such model": (refuses(400, "Model Not Exist"), AbstentionReason.UNKNOWN_MODEL, LASTS),
    "401": (refuses(401), AbstentionReason.AUTHENTICATION, LASTS),
    "402": (refuses(402, "Insufficient Balance"), AbstentionReason.BALANCE, LASTS),
    "403": (refuses(403), AbstentionReason.AUTHENTICATION, LASTS),
    "404": (refuses(404), AbstentionReason.UNKNOWN_MODEL, LASTS),
    "408": (refuses(408), AbstentionReason.SERVER, PASSES),
    "413": (refuses(413), AbstentionReason.REQUEST, LASTS),
    "422": (refuses(422), AbstentionReason.PARAMETERS, LASTS),
    "429": (refuses(429), AbstentionReason.RATE_LIMIT, PASSES),
    "500": (refuses(500), AbstentionReason.SERVER, PASSES),
    "503": (refuses(503), AbstentionReason.OVERLOADED, PASSES),
    "503 as html": (
        body("<html>busy</html>", "text/html", 503),
        AbstentionReason.OVERLOADED,
        PASSES,
    ),
    "moved": (body("", status=302, headers={"Location": "/x"}), AbstentionReason.REQUEST, LASTS),
    "html with 200": (
        body("<html>hello</html>", "text/html"),
        AbstentionReason.NOT_A_COMPLETION,
        LASTS,
    ),
    "an array with 200": (body("[]"), AbstentionReason.NOT_A_COMPLETION, LASTS),
    "an error with 200": (
        body('{"error":{"message":"m"}}'),
        AbstentionReason.NOT_A_COMPLETION,
        LASTS,
    ),
    "choices of a wrong type": (says(choices="none"), AbstentionReason.NOT_A_COMPLETION, LASTS),
    "nested body": (body("[" * 100_000), AbstentionReason.NOT_A_COMPLETION, LASTS),
    "bytes that are no text": (keeps_alive(0, b"\xff"), AbstentionReason.NOT_A_COMPLETION, LASTS),
    "2 MB body": (body("x" * 2_000_000), AbstentionReason.TOO_LONG, LASTS),
    "empty body": (body(""), AbstentionReason.NO_BODY, PASSES),
    "end after blank lines": (keeps_alive(3), AbstentionReason.NO_BODY, PASSES),
    "cut json with 200": (body('{"choices": ['), AbstentionReason.CUT_OFF, PASSES),
    "dropped in the body": (drops_in_the_body, AbstentionReason.CUT_OFF, PASSES),
    "dropped before": (drops_before_the_answer, AbstentionReason.NETWORK, PASSES),
    "blank lines for ever": (keeps_alive_for_ever, AbstentionReason.TIMEOUT, LASTS),
    "silence": (never_answers, AbstentionReason.TIMEOUT, LASTS),
    "no resources": (
        says(finish_reason="insufficient_system_resource"),
        AbstentionReason.RESOURCE,
        PASSES,
    ),
    "only spaces": (says("     "), AbstentionReason.BLANK, PASSES),
    "no content": (
        body(json.dumps(completion() | {"choices": [{"message": {"content": None}}]})),
        AbstentionReason.BLANK,
        PASSES,
    ),
    "no choices": (says(choices=[]), AbstentionReason.BLANK, PASSES),
    "cut at max_tokens": (says('{"action":', "length"), AbstentionReason.TRUNCATED, LASTS),
    "cut without saying so": (says(json.dumps(GOOD)[:-9]), AbstentionReason.TRUNCATED, LASTS),
    "content filter": (says("", "content_filter"), AbstentionReason.REQUEST, LASTS),
    "tool calls": (says("", "tool_calls"), AbstentionReason.CONTRACT, LASTS),
    "prose": (says("I think it goes up."), AbstentionReason.NOT_JSON, LASTS),
    "two objects": (says(json.dumps(GOOD) * 2), AbstentionReason.SEVERAL, LASTS),
    "NaN": (says_text("NaN"), AbstentionReason.NOT_A_NUMBER, LASTS),
    "Infinity": (says_text("Infinity"), AbstentionReason.NOT_A_NUMBER, LASTS),
    "a number as text": (says_text('"61"'), AbstentionReason.NUMBER_AS_TEXT, LASTS),
    "200 kB of text": (says("x" * 200_000), AbstentionReason.TOO_LONG, LASTS),
    "stop on the wrong side": (answers(stop_loss=101.0), AbstentionReason.WRONG_SIDE, LASTS),
    "stop far away": (answers(stop_loss=50.0), AbstentionReason.TOO_FAR, LASTS),
    "a key too few": (says("{}"), AbstentionReason.CONTRACT, LASTS),
    "invented evidence": (answers(evidence=INVENTED), AbstentionReason.EVIDENCE, LASTS),
}


# Sent, not refused, and nobody said for how many tokens: it may have to be paid for.
ESTIMATED = {
    "html with 200",
    "an array with 200",
    "an error with 200",
    "choices of a wrong type",
    "nested body",
    "bytes that are no text",
    "2 MB body",
    "empty body",
    "end after blank lines",
    "cut json with 200",
    "dropped in the body",
    "dropped before",
    "blank lines for ever",
    "silence",
}


@pytest.mark.parametrize("name", FAILURES)
def test_every_failure_is_an_abstention_with_its_reason_and_price(name):
    act, reason, attempts = FAILURES[name]
    waits = act in (never_answers, keeps_alive_for_ever)
    consultation, script = consult(act, timeout_s=0.05 if waits else TIMEOUT_S, retries=RETRIES)
    assert isinstance(consultation.verdict, Abstention)
    assert consultation.verdict.reason == reason
    assert len(script.requests) == attempts or waits  # so short a wait may end before it is sent
    rows = [(call.attempt, call.verdict) for call in consultation.calls]
    mark = COST_ESTIMATED if name in ESTIMATED else ""
    assert rows == [(number + 1, reason + mark) for number in range(attempts)]
    told = not mark and len(script.requests) and "HTTP" not in consultation.verdict.detail
    assert all((call.cost_usd > 0) == bool(mark or told) for call in consultation.calls)
    assert all(call.asked_ms == SUNDAY_MS for call in consultation.calls)


def test_no_server_at_all_is_a_network_failure():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))

        async def ask():
            url = f"http://127.0.0.1:{unused.getsockname()[1]}"
            async with brain_at(url, retries=1) as brain:
                return await brain.judge(facts())

        consultation = asyncio.run(ask())
    assert consultation.verdict.reason == AbstentionReason.NETWORK
    assert consultation.calls[0].model == "deepseek-flash"
    assert consultation.calls[0].cost_usd == 0.0


def test_blank_lines_before_the_answer_are_waited_out():
    act = keeps_alive(5, json.dumps(completion()).encode(), pause_s=0.002)
    assert isinstance(consult(act)[0].verdict, View)


@pytest.mark.parametrize(
    "act",
    [refuses(429), says(" ")],
    ids=["429", "blank"],
)
def test_a_passing_failure_is_asked_again(act):
    consultation, script = consult(act, says(), retries=2)
    assert isinstance(consultation.verdict, View)
    assert len(script.requests) == 2


def test_a_wait_beyond_the_deadline_is_not_begun():
    consultation, script = consult(refuses(429, headers={"Retry-After": "600"}), retries=2)
    assert consultation.verdict.reason == AbstentionReason.RATE_LIMIT
    assert len(script.requests) == 1


@pytest.mark.parametrize("header", ["-5", "nan", "inf", "Wed, 21 Oct 2026 07:28:00 GMT", "0"])
def test_a_senseless_wait_is_ignored(header):
    consultation, _ = consult(refuses(503, headers={"Retry-After": header}), says(), retries=1)
    assert isinstance(consultation.verdict, View)


def test_the_deadline_covers_all_attempts_and_names_what_failed_before():
    consultation, _ = consult(refuses(503), lets_the_time_pass, retries=1)
    assert consultation.verdict.reason == AbstentionReason.TIMEOUT
    assert AbstentionReason.OVERLOADED in consultation.verdict.detail
    rows = [(call.verdict, call.completion_tokens) for call in consultation.calls]
    assert rows == [("overloaded", 0), ("timeout" + COST_ESTIMATED, 1200)]


def test_every_attempt_is_a_row_with_its_own_tokens():
    blank, good = consult(says(" "), says(), retries=1)[0].calls
    assert (blank.attempt, blank.verdict, blank.prompt_tokens) == (1, "blank_answer", 1000)
    assert (good.attempt, good.verdict, good.prompt_tokens) == (2, "LONG 61", 1000)
    assert blank.prompt_sha256 == good.prompt_sha256


@pytest.mark.parametrize(
    "usage",
    [None, "many", {}, {"prompt_tokens": -1}, {"prompt_tokens": "9"}, {"prompt_tokens": 10**30}],
)
def test_senseless_token_counts_are_replaced_by_an_estimate(usage):
    consultation, _ = consult(says(usage=usage))
    assert isinstance(consultation.verdict, View)
    (call,) = consultation.calls
    assert call.verdict == "LONG 61" + COST_ESTIMATED
    assert (call.prompt_tokens, call.completion_tokens) == (math.ceil(len(call.prompt) / 2), 1200)
    assert call.cost_usd == pytest.approx((call.prompt_tokens * 0.15 + 1200 * 0.60) / 1e6)


def test_calls_cut_by_the_deadline_use_the_budget_up():
    asked, _, brain = ask_in_turn(
        never_answers, about=about(100.0, 100.1, 100.2), daily_usd=0.0015, timeout_s=0.05
    )
    assert [c.verdict.reason for c in asked] == ["timeout", "timeout", "budget_spent"]
    usd = sum(call.cost_usd for consultation in asked for call in consultation.calls)
    assert brain.spent == Spent(pytest.approx(usd), 2)


@pytest.mark.parametrize("ends", ["cut off", "endless", "packed"])
def test_of_a_refusal_no_more_is_read_than_of_an_answer(ends):
    sent = []
    packs = ends == "packed"
    piece = gzip.compress(bytes(9_000_000)) if packs else bytes(100_000)

    async def refuses_at_length(request):
        headers = {"Content-Encoding": "gzip"} if packs else {}
        response = web.StreamResponse(status=402, headers=headers)
        await response.prepare(request)
        while True:
            await response.write(piece)
            await asyncio.sleep(0)
            sent.append(1)
            if ends == "cut off":
                request.transport.abort()
                return response

    consultation, _ = consult(refuses_at_length)
    assert consultation.verdict.reason == AbstentionReason.BALANCE
    assert consultation.verdict.detail == "HTTP 402"
    assert consultation.calls[0].cost_usd == 0.0
    assert len(sent) < 500  # what lies in buffers between us


def test_text_that_no_database_takes_is_replaced():
    call = consult(says("\ud800 and \0", model="\udfff"))[0].calls[0]
    assert (call.answer + call.model).encode().decode().count("\0") == 0


def cancelled(*acts, **brain):
    """Cancel a question when the last act begins; return the brain."""

    async def ask():
        async with deepseek_playing(*acts) as script, brain_at(script.url, **brain) as asked:
            task = asyncio.create_task(asked.judge(facts()))
            while len(script.requests) < len(acts):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return asked

    return asyncio.run(ask())


def test_a_question_that_is_cancelled_leaves_its_calls_and_their_price():
    brain = cancelled(says(" "), never_answers, retries=1)
    (cut,) = brain.take_cut()
    assert (cut.symbol, cut.interval) == (facts().symbol, facts().interval)
    assert [(c.attempt, c.verdict) for c in cut.calls] == [
        (1, "blank_answer"),
        (2, "cancelled" + COST_ESTIMATED),
    ]
    assert brain.spent == Spent(pytest.approx(sum(c.cost_usd for c in cut.calls)), 2)
    assert cut.calls[1].cost_usd > cut.calls[0].cost_usd > 0
    assert brain.take_cut() == ()


def test_a_question_that_is_cancelled_says_nothing_of_the_server():
    assert not cancelled(never_answers, failures_to_open=1).standing().startswith("DeepSeek is")


def test_a_question_that_was_never_sent_costs_nothing_when_it_is_cancelled():
    async def ask():
        async with deepseek_playing(never_answers) as script, brain_at(script.url) as brain:
            task = asyncio.create_task(brain.judge(facts()))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return brain

    brain = asyncio.run(ask())
    assert (brain.take_cut(), brain.spent) == ((), Spent())


def test_a_probe_is_not_decided_by_an_earlier_question_that_fails_late():
    """Two questions before the circuit opens: one opens it, the other ends while it is probed."""

    async def ask():
        clock, late, probed = Clock(), asyncio.Event(), asyncio.Event()

        async def fails_late(request):
            await late.wait()
            return await refuses(500)(request)

        async def answers_late(request):
            await probed.wait()
            return await says()(request)

        async with (
            deepseek_playing(fails_late, refuses(500), answers_late) as script,
            brain_at(script.url, monotonic=clock, failures_to_open=1) as brain,
        ):
            slow = asyncio.create_task(brain.judge(facts(close=100.0)))
            while not script.requests:
                await asyncio.sleep(0)
            await brain.judge(facts(close=100.1))
            clock.now_s += 61.0
            probe = asyncio.create_task(brain.judge(facts(close=100.2)))
            while len(script.requests) < 3:
                await asyncio.sleep(0)
            late.set()
            await slow
            standings = [brain.standing()]
            probed.set()
            assert isinstance((await probe).verdict, View)
            return [*standings, brain.standing()]

    during, after = asyncio.run(ask())
    assert during == "DeepSeek is another question is probing whether it answers again"
    assert after.startswith("DeepSeek deepseek-flash")


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


def test_no_fragment_of_the_key_survives_a_cut_either():
    consultation, _ = consult(refuses(401, "x" * 170 + KEY))
    assert KEY[:6] not in repr(consultation.verdict)


@pytest.mark.parametrize("charset", ["hex", "rot13", "utf-16", "undefined", "punycode"])
@pytest.mark.parametrize("status", [200, 502])
def test_a_codec_that_is_none_for_text_is_an_abstention(charset, status):
    page = body("<html>bad gateway", f"text/html; charset={charset}", status)
    consultation, _ = consult(page)
    assert isinstance(consultation.verdict, Abstention)


@pytest.mark.parametrize("key", [None, "", "  "])
def test_without_a_key_nobody_is_asked(key):
    consultation, script = consult(says(), key=key)
    assert consultation.verdict == Abstention(AbstentionReason.NO_KEY)
    assert consultation.calls == ()
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
    subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, check=True, timeout=300)


@pytest.mark.parametrize("effort", ["low", "high", "max"])
def test_thinking_is_asked_for_as_the_provider_wants_it(effort):
    _, script = consult(says(), thinking=effort)
    (request,) = script.requests
    assert request["thinking"] == {"type": "enabled"}
    assert request["reasoning_effort"] == effort
    assert "temperature" not in request


def test_wrong_claims_are_on_record_and_cost_confidence():
    claims = [{"feature": "rsi_14", "value": 61.2}, {"feature": "adx_14", "value": 99.0}]
    consultation, _ = consult(answers(evidence=claims), wrong_claims_refused=0.9)
    assert consultation.verdict.confidence == pytest.approx(61 / 2)
    assert [check.holds for check in consultation.calls[0].checks] == [True, False]
    refused = consult(answers(evidence=claims))[0]
    assert refused.verdict.detail == "1 of 2 claims are wrong: adx_14 said 99, is 27.4"
    assert [check.holds for check in refused.calls[0].checks] == [True, False]


def ask_in_turn(*acts, about, **brain):
    """Ask one brain several questions, one after the other; return consultations and brain."""

    async def ask():
        async with deepseek_playing(*acts) as script, brain_at(script.url, **brain) as asked:
            return [await asked.judge(facts) for facts in about], script, asked

    return asyncio.run(ask())


def test_the_same_question_is_answered_from_memory():
    (first, again), script, brain = ask_in_turn(says(), about=[facts(), facts()])
    assert first.verdict == again.verdict
    assert len(script.requests) == 1
    (call,) = again.calls
    assert (call.cached, call.cost_usd, call.prompt_tokens, call.latency_ms) == (True, 0.0, 0, 0)
    assert (call.answer, call.model) == (first.calls[0].answer, "DeepSeek-V4.1-Flash")
    assert brain.spent.calls == 1


def test_an_answer_that_broke_the_contract_is_not_remembered():
    (_, again), script, _ = ask_in_turn(says("prose"), says(), about=[facts(), facts()])
    assert isinstance(again.verdict, View)
    assert len(script.requests) == 2


def about(*closes):
    return [facts(close=close) for close in closes]


def test_beyond_the_calls_of_a_day_nobody_is_asked():
    asked, script, brain = ask_in_turn(
        says(), about=about(100.0, 100.1, 100.2), daily_calls=10, spent=Spent(0.0, 8)
    )
    assert [type(c.verdict) for c in asked] == [View, View, Abstention]
    assert asked[2].verdict.reason == AbstentionReason.BUDGET
    assert asked[2].verdict.detail == "today's budget of 10 calls is spent"
    assert asked[2].calls == ()
    assert len(script.requests) == 2
    assert brain.standing() == "rules only: today's budget of 10 calls is spent"


def test_beyond_the_dollars_of_a_day_nobody_is_asked(caplog):
    asked, script, brain = ask_in_turn(
        says(), about=about(100.0, 100.1), daily_usd=0.5, spent=Spent(0.49999, 8)
    )
    assert [type(c.verdict) for c in asked] == [View, Abstention]
    assert len(script.requests) == 1
    assert brain.standing() == "rules only: today's budget of $0.50 is spent"
    assert caplog.text.count("budget used purpose=decisions") == 1


def test_the_standing_tells_what_is_used():
    brain = DeepSeekBrain(deepseek_settings("http://x"), spent=Spent(0.042, 3))
    assert brain.standing() == "DeepSeek deepseek-flash, $0.04 of $1.00 today"
    brain = DeepSeekBrain(deepseek_settings("http://x"), spent=Spent(0.82, 3))
    assert brain.standing() == "DeepSeek deepseek-flash, 82 % of today's budget used"
    assert brain.spent == Spent(0.82, 3)
    assert DeepSeekBrain(settings().deepseek).standing() == "rules only: no key for DeepSeek"


class Clock:
    """A monotonic clock that is set by hand."""

    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


def test_a_server_that_fails_is_left_in_peace_until_a_probe_succeeds():
    async def ask():
        clock = Clock()
        acts = [refuses(500)] * 4 + [says()]
        async with (
            deepseek_playing(*acts) as script,
            brain_at(
                script.url, monotonic=clock, retries=2, failures_to_open=3, open_for_s=60.0
            ) as brain,
        ):
            reasons, standings, left = [], [], []
            for now_s, close in enumerate((100.0, 100.1, 100.2, 100.3, 100.4)):
                clock.now_s = 1000.0 + 61.0 * max(0, now_s - 1)
                if now_s == 3:
                    clock.now_s -= 42.0
                verdict = (await brain.judge(facts(close=close))).verdict
                reasons.append(getattr(verdict, "reason", "view"))
                standings.append(brain.standing())
                left.append(brain.is_left_in_peace)
            assert left == [True, True, True, True, False]
            sums = brain.tally.of(Purpose.DECISION)
            assert (sums.sent, sums.failures) == (5, {"server_error": 4})
            return reasons, standings, len(script.requests)

    reasons, standings, requests = asyncio.run(ask())
    # Three attempts open it; it is left alone; a probe fails; left alone; a probe succeeds.
    assert reasons == ["server_error", "circuit_open", "server_error", "circuit_open", "view"]
    assert requests == 3 + 0 + 1 + 0 + 1
    assert standings[0] == "DeepSeek is left in peace for 60 s after 3 failures"
    assert standings[3] == "DeepSeek is left in peace for 41 s after 4 failures"
    assert standings[4].startswith("DeepSeek deepseek-flash")


def test_wrong_answers_do_not_open_the_circuit():
    asked, script, _ = ask_in_turn(says("prose"), about=about(*range(100, 105)), failures_to_open=1)
    assert len(script.requests) == len(asked)


def test_so_many_questions_at_a_time_and_no_more():
    async def ask():
        arrived, go_on, at_once, most = [], asyncio.Event(), 0, 0

        async def held(request):
            nonlocal at_once, most
            arrived.append(1)
            at_once += 1
            most = max(most, at_once)
            await go_on.wait()
            at_once -= 1
            return await says()(request)

        async with (
            deepseek_playing(held) as script,
            brain_at(script.url, max_concurrent=2) as brain,
        ):
            asked = [asyncio.create_task(brain.judge(about)) for about in about(*range(100, 105))]
            while len(arrived) < 2:
                await asyncio.sleep(0)
            go_on.set()
            return await asyncio.gather(*asked), most

    consultations, most = asyncio.run(ask())
    assert most == 2
    assert len(consultations) == 5
    assert all(len(c.calls) == 1 for c in consultations)


def test_who_gets_no_turn_in_time_was_not_asked():
    async def ask():
        async with (
            deepseek_playing(lets_the_time_pass) as script,
            brain_at(script.url, max_concurrent=1) as brain,
        ):
            asked = [asyncio.create_task(brain.judge(facts)) for facts in about(100.0, 101.0)]
            return await asyncio.gather(*asked)

    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        first, second = runner.run(ask())
    assert first.verdict.reason == AbstentionReason.TIMEOUT
    assert second.verdict.reason == AbstentionReason.BUSY
    assert second.calls == ()
