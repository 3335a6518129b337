"""Whatever the server does, a person is told what came and how it ended."""

import asyncio
import json
import math
from contextlib import aclosing

import pytest

from core.journal.errors import JournalError
from core.model.chat import ChatRole
from core.model.verdict import AbstentionReason, Purpose, Spent
from deepseek.budget import COST_ESTIMATED
from deepseek.call_tally import CallTally
from deepseek.chat import STOPPED, ChatOutcome, ChatService
from tests.builders import settings
from tests.deepseek.facts import facts
from tests.deepseek.server import body, deepseek_playing, refuses
from tests.deepseek.streaming_server import chunk, says, streams

KEY = "sk-0123456789abcdef"
SUNDAY_MS = 3 * 86_400_000


class Memory:
    """Messages in a list; a fault makes it fail."""

    def __init__(self, spent=None):
        self.kept = []
        self.calls = []
        self.used = spent or Spent()
        self.fault = None

    def spent(self, since_ms):
        self.since_ms = since_ms
        return self.used

    def messages(self, limit):
        return tuple(self.kept[-limit:])

    def keep(self, message, call=None):
        if self.fault is not None and message.role is ChatRole.ASSISTANT:
            raise self.fault
        self.kept.append(message)
        self.calls += [call] if call else []


def service(url, memory, *, key=KEY, timeout_s=5.0, **chat):
    whole = settings(DEEPSEEK_BASE_URL=url, **({"DEEPSEEK_API_KEY": key} if key else {})).deepseek
    limits = whole.chat.model_copy(update={"timeout_s": timeout_s} | chat)
    changed = whole.model_copy(update={"chat": limits})
    return ChatService(changed, memory, utc_now_ms=lambda: SUNDAY_MS + 5)


async def heard(chat, question="Why long?"):
    """All pieces, and the outcome at the end."""
    told = [item async for item in chat.ask(question, facts())]
    assert isinstance(told[-1], ChatOutcome)
    return told[:-1], told[-1]


def asked(act, memory=None, **options):
    """Ask once a server that plays one act."""
    memory = memory or Memory()

    async def scenario():
        async with deepseek_playing(act) as script:
            chat = service(script.url, memory, **options)
            async with aclosing(chat):
                return *(await heard(chat)), script

    return asyncio.run(scenario())


def test_an_answer_comes_piece_by_piece_and_is_kept_with_its_price():
    memory = Memory()
    pieces, outcome, script = asked(says("The trend ", "is up."), memory)
    assert pieces == ["The trend ", "is up."]
    assert outcome.complete
    assert outcome.text == "The trend is up."
    assert [(m.role, m.text, m.complete) for m in memory.kept] == [
        (ChatRole.USER, "Why long?", True),
        (ChatRole.ASSISTANT, "The trend is up.", True),
    ]
    (call,) = memory.calls
    assert (call.purpose, call.verdict, call.completion_tokens) == (Purpose.CHAT, "answered", 200)
    assert call.cost_usd == pytest.approx((600 * 0.003 + 400 * 0.15 + 200 * 0.60) / 1e6)
    assert memory.kept[1].prompt_sha256 == call.prompt_sha256
    assert memory.since_ms == SUNDAY_MS
    (request,) = script.requests
    assert request["stream"] is True
    assert json.loads(request["messages"][-1]["content"])["market"]["symbol"] == "BTCUSDT"
    assert not {"tools", "functions"} & request.keys()


def test_what_was_said_before_is_sent_along_without_its_facts():
    memory = Memory()

    async def scenario():
        async with deepseek_playing(says("Yes."), says("No.")) as script:
            chat = service(script.url, memory)
            async with aclosing(chat):
                await heard(chat, "Is it up?")
                await heard(chat, "And now?")
            return script.requests[1]["messages"]

    messages = asyncio.run(scenario())
    assert [m["role"] for m in messages] == ["system", "user", "assistant", "user"]
    assert json.loads(messages[1]["content"]) == {"question": "Is it up?"}
    assert messages[2]["content"] == "Yes."


@pytest.mark.parametrize(
    ("act", "reason", "text"),
    [
        (streams(chunk("Half "), then="abort"), AbstentionReason.CUT_OFF, "Half "),
        (streams(chunk("Half ")), AbstentionReason.CUT_OFF, "Half "),
        (streams(chunk("Half ")[:-9]), AbstentionReason.NOT_A_COMPLETION, ""),
        (streams(), AbstentionReason.CUT_OFF, ""),
        (says("   ", " "), AbstentionReason.BLANK, "    "),
        (says("Half", finish_reason="length"), AbstentionReason.TRUNCATED, "Half"),
        (
            says("Half", finish_reason="insufficient_system_resource"),
            AbstentionReason.RESOURCE,
            "Half",
        ),
        (says("x" * 15_000, "y" * 15_000), AbstentionReason.TOO_LONG, None),
        (streams("data: " + "x" * 300_000), AbstentionReason.TOO_LONG, ""),
        (
            streams(chunk("Half "), 'data: {"error": {"message": "overheated"}}\n\n'),
            AbstentionReason.SERVER,
            "Half ",
        ),
        (streams('data: {"choices": 5}\n\n', "data: [7]\n\n"), "not_a_completion", ""),
        (body("<html>busy</html>", "text/html"), AbstentionReason.NOT_A_COMPLETION, ""),
        (refuses(401), AbstentionReason.AUTHENTICATION, ""),
        (refuses(402, "Insufficient Balance"), AbstentionReason.BALANCE, ""),
        (refuses(429), AbstentionReason.RATE_LIMIT, ""),
        (refuses(503), AbstentionReason.OVERLOADED, ""),
    ],
)
def test_each_way_of_failing_has_its_reason_and_keeps_what_came(act, reason, text):
    memory = Memory()
    pieces, outcome, _ = asked(act, memory)
    assert outcome.reason == reason
    assert "".join(pieces) == outcome.text
    if text is not None:
        assert outcome.text == text
    assert (memory.kept[-1].complete, memory.kept[-1].error) == (False, outcome.reason)
    (call,) = memory.calls
    assert call.verdict.removesuffix(COST_ESTIMATED) == outcome.reason
    refused = "HTTP" in outcome.detail
    assert (call.cost_usd == 0.0) == refused
    assert call.verdict.endswith(COST_ESTIMATED) == (not refused and call.completion_tokens != 200)


@pytest.mark.parametrize("then", ["keep-alive", "silence"])
def test_a_server_that_only_lets_wait_is_left_at_the_deadline(then):
    pieces, outcome, _ = asked(streams(chunk("So "), then=then), timeout_s=0.15)
    assert (pieces, outcome.reason, outcome.text) == (["So "], AbstentionReason.TIMEOUT, "So ")


def test_nobody_there_is_told_and_costs_nothing():
    memory = Memory()

    async def scenario():
        async with aclosing(service("http://127.0.0.1:1", memory)) as chat:
            return await heard(chat)

    assert asyncio.run(scenario())[1].reason == AbstentionReason.NETWORK
    assert (memory.calls[0].verdict, memory.calls[0].cost_usd) == ("network", 0.0)


def test_without_a_key_nothing_is_sent_or_kept():
    memory = Memory()
    pieces, outcome, script = asked(says("never"), memory, key="")
    assert (pieces, outcome.reason) == ([], AbstentionReason.NO_KEY)
    assert (script.requests, memory.kept) == ([], [])


@pytest.mark.parametrize("spent", [Spent(0.5, 3), Spent(0.01, 200)])
def test_a_spent_budget_refuses_in_words(spent):
    pieces, outcome, script = asked(says("never"), Memory(spent))
    assert (pieces, outcome.reason) == ([], AbstentionReason.BUDGET)
    assert "budget" in outcome.detail
    assert script.requests == []


@pytest.mark.parametrize("ends", ["closed", "cancelled"])
def test_an_answer_that_is_stopped_keeps_what_came(ends):
    memory = Memory()

    async def scenario():
        async with deepseek_playing(streams(chunk("Half "), then="silence")) as script:
            chat = service(script.url, memory)
            came = asyncio.Event()

            async def read():
                async with aclosing(chat.ask("Why?", facts())) as answer:
                    async for _ in answer:
                        came.set()
                        if ends == "closed":
                            return

            async with aclosing(chat):
                reading = asyncio.create_task(read())
                await came.wait()
                if ends == "cancelled":
                    reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    asyncio.run(scenario())
    assert (memory.kept[-1].text, memory.kept[-1].error) == ("Half ", STOPPED)
    (call,) = memory.calls
    assert call.verdict == STOPPED + COST_ESTIMATED
    assert (call.prompt_tokens, call.completion_tokens) == (math.ceil(len(call.prompt) / 2), 2000)
    assert call.cost_usd == pytest.approx((call.prompt_tokens * 0.15 + 2000 * 0.60) / 1e6)


def test_what_the_model_writes_is_text_without_control_characters_or_the_key():
    told = ("\x1b[2J<b>up</b>", f"\r\n\u202ekey {KEY[:9]}", f"{KEY[9:]}.", " sk-01")
    pieces, outcome, _ = asked(says(*told))
    assert outcome.text == "".join(pieces) == "[2J<b>up</b>\nkey ***. sk-01"


@pytest.mark.parametrize(
    "act",
    [
        refuses(401, f"your api key {KEY} is invalid"),
        streams(f'data: {{"error": {{"message": "{KEY}"}}}}\n\n'),
        streams(chunk("So ", finish_reason=KEY)),
    ],
)
def test_the_key_is_in_no_words_of_a_failure(act, caplog):
    memory = Memory()
    _, outcome, _ = asked(act, memory)
    assert not outcome.complete
    assert KEY not in repr((outcome, memory.calls, memory.kept)) + caplog.text


def test_a_journal_that_fails_is_told_and_the_answer_stays():
    memory = Memory()
    memory.fault = JournalError("disk full")
    _, outcome, _ = asked(says("Yes."), memory)
    assert (outcome.text, outcome.complete, outcome.unsaved) == ("Yes.", True, "disk full")


def test_each_call_is_counted_however_it_ends():
    tally = CallTally()

    async def scenario():
        async with deepseek_playing(says("Up."), refuses(500)) as script:
            settings_of = settings(DEEPSEEK_BASE_URL=script.url, DEEPSEEK_API_KEY=KEY).deepseek
            chat = ChatService(settings_of, Memory(), tally=tally)
            async with aclosing(chat):
                await heard(chat)
                await heard(chat)

    asyncio.run(scenario())
    sums = tally.of(Purpose.CHAT)
    assert (sums.sent, sums.failures) == (2, {"server_error": 1})
    assert sums.usd > 0.0
