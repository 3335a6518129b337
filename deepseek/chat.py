"""
Answers to people's questions about the market on screen, piece by piece as they are written.

What the model writes is text to be read. It is given no tool, and nothing here, or of what
uses it, looks for an order in it.
"""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from core.config import DeepSeekSettings
from core.journal.errors import JournalError
from core.model.chat import ChatMessage, ChatRole
from core.model.verdict import Abstention, AbstentionReason, Facts, LlmCall, Purpose, Spent
from deepseek.budget import COST_ESTIMATED, DAY_MS, cost_usd, most_usage
from deepseek.call_tally import CallTally
from deepseek.chat_answer import STOPPED, Answer, ChatOutcome
from deepseek.chat_prompt import HISTORY_MESSAGES, MAX_QUESTION_CHARACTERS, chat_prompt
from deepseek.chat_text import plain
from deepseek.client import utc_now_ms
from deepseek.completion import Failure
from deepseek.spending import Spending

if TYPE_CHECKING:
    from deepseek.stream_transport import StreamTransport

__all__ = ["STOPPED", "ChatMemory", "ChatOutcome", "ChatService"]

logger = logging.getLogger(__name__)

_EMPTY: Final = Abstention(AbstentionReason.BAD_REQUEST, "the question is empty")


class ChatMemory(Protocol):
    """Where messages and money spent are kept. Blocking; raises `JournalError` or OSError."""

    def spent(self, since_ms: int) -> Spent:
        """Return what chat has cost since a time of this machine's clock, in all processes."""

    def messages(self, limit: int) -> Sequence[ChatMessage]:
        """Return the newest messages, oldest first."""

    def keep(self, message: ChatMessage, call: LlmCall | None = None) -> None:
        """Keep a message, and the call behind it."""


class ChatService:
    """
    Ask DeepSeek what a person wants to know.

    Without a key, or with the day's budget spent, it says so at once and sends nothing.

    Args:
        settings: Where and whom to ask; ``settings.chat`` has the limits.
        memory: What was said and spent before, and where the rest goes.
        tally: Counts each call.
        monotonic: Measures latency.
        utc_now_ms: The wall clock, for billing and for the record.

    Raises:
        ConfigError: If ``base_url`` is no address.
    """

    def __init__(
        self,
        settings: DeepSeekSettings,
        memory: ChatMemory,
        *,
        tally: CallTally | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        utc_now_ms: Callable[[], int] = utc_now_ms,
    ) -> None:
        limits = {"timeout_s": settings.chat.timeout_s, "max_tokens": settings.chat.max_tokens}
        self._settings = settings.model_copy(update=limits)
        self._memory = memory
        self._tally = tally or CallTally()
        self._monotonic = monotonic
        self._utc_now_ms = utc_now_ms
        self._key = settings.api_key.get_secret_value().strip() if settings.api_key else ""
        self._transport = _transport(self._settings, self._key) if self._key else None
        self._under_way = 0

    async def ask(self, question: str, facts: Facts) -> AsyncGenerator[str | ChatOutcome, None]:
        """
        Yield an answer in pieces, then how it ended.

        Whoever no longer wants it closes the generator or cancels the task: what came by then
        is kept, marked as incomplete. Nothing else leaves it as an exception.
        """
        asked = plain(question).strip()[:MAX_QUESTION_CHARACTERS]
        spending: Spending | None = None
        history: Sequence[ChatMessage] = ()
        try:
            refusal, spending = await self._refused(asked)
            if refusal is None:
                history = await asyncio.to_thread(self._memory.messages, HISTORY_MESSAGES)
                told = self._message(ChatRole.USER, asked, facts)
                await asyncio.to_thread(self._memory.keep, told)
        except (JournalError, OSError) as error:
            refusal = Abstention(AbstentionReason.NOT_RECORDED, f"nothing can be kept: {error}")
        if refusal is not None or self._transport is None or spending is None:
            refusal = refusal or Abstention(AbstentionReason.NO_KEY)
            yield ChatOutcome("", refusal.reason.value, refusal.detail)
            return
        answer = Answer(chat_prompt(asked, facts, history), self._key)
        async with aclosing(self._answered(answer, self._transport, facts, spending)) as pieces:
            async for piece in pieces:
                yield piece

    async def _answered(
        self,
        answer: Answer,
        transport: "StreamTransport",
        facts: Facts,
        spending: Spending,
    ) -> AsyncGenerator[str | ChatOutcome, None]:
        """Yield the answer and keep what came of it, however it ends."""
        asked_ms, started_s = self._utc_now_ms(), self._monotonic()
        self._under_way += 1
        told: ChatOutcome | None = None
        try:
            async with aclosing(self._pieces(answer, transport)) as pieces:
                async for piece in pieces:
                    yield piece
            if rest := answer.rest():
                yield rest
            told = answer.outcome()
        finally:
            self._under_way -= 1
            latency_ms = round(1000 * (self._monotonic() - started_s))
            told = told or answer.stopped()
            call = self._call(answer, told, asked_ms, latency_ms)
            spending.reserve()
            spending.settle(asked_ms, call.cost_usd)
            self._tally.add(call)
            told = await asyncio.shield(self._kept(replace(told, call=call), facts))
        yield told

    async def aclose(self) -> None:
        """Close the connections; idempotent."""
        if self._transport is not None:
            await self._transport.aclose()

    async def _refused(self, asked: str) -> tuple[Abstention | None, Spending]:
        """Return why nothing is sent, None when it may be, and the budget."""
        chat = self._settings.chat
        today_ms = self._utc_now_ms() // DAY_MS * DAY_MS
        spending = Spending(
            daily_usd=chat.daily_usd,
            daily_calls=chat.daily_calls,
            utc_now_ms=self._utc_now_ms,
            spent=await asyncio.to_thread(self._memory.spent, today_ms) if self._key else None,
            purpose=Purpose.CHAT.value,
        )
        for _ in range(self._under_way):
            spending.reserve()
        if not self._key:
            return Abstention(AbstentionReason.NO_KEY, "there is no key for DeepSeek"), spending
        if not asked:
            return _EMPTY, spending
        if why := spending.refusal() or spending.crowding():
            return Abstention(
                AbstentionReason.BUDGET, f"{why} (chat); it opens at 00:00 UTC"
            ), spending
        return None, spending

    async def _pieces(
        self, answer: Answer, transport: "StreamTransport"
    ) -> AsyncGenerator[str, None]:
        """Yield text until the answer ends, by itself or by the deadline."""
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + self._settings.timeout_s
        async with aclosing(transport.stream(answer.prompt)) as events:
            while answer.goes_on:
                try:
                    # Around each wait: a deadline around a `yield` would strike the reader.
                    async with asyncio.timeout_at(ends_s):
                        event = await anext(events, None)
                except TimeoutError:
                    detail = f"no end within {self._settings.timeout_s:g} s"
                    event = Failure(Abstention(AbstentionReason.TIMEOUT, detail))
                if text := answer.take(event):
                    yield text

    def _call(self, answer: Answer, told: ChatOutcome, asked_ms: int, latency_ms: int) -> LlmCall:
        words = told.reason or "answered"
        usage = answer.usage
        if usage is None:
            usage = most_usage(answer.prompt.text, self._settings.max_tokens)
            words += COST_ESTIMATED
        return LlmCall(
            prompt=answer.prompt.text,
            prompt_sha256=answer.prompt.sha256,
            answer=told.text,
            model=answer.model or self._settings.model,
            prompt_tokens=usage.prompt_tokens,
            cache_hit_tokens=usage.cache_hit_tokens,
            completion_tokens=usage.completion_tokens,
            cost_usd=cost_usd(usage, answer.model, self._settings, asked_ms=asked_ms),
            latency_ms=latency_ms,
            asked_ms=asked_ms,
            verdict=words,
            purpose=Purpose.CHAT,
        )

    async def _kept(self, told: ChatOutcome, facts: Facts) -> ChatOutcome:
        sha256 = told.call.prompt_sha256 if told.call else ""
        message = replace(
            self._message(ChatRole.ASSISTANT, told.text, facts),
            complete=told.complete,
            error=told.reason,
            prompt_sha256=sha256,
        )
        try:
            await asyncio.to_thread(self._memory.keep, message, told.call)
        except (JournalError, OSError) as error:
            logger.warning("chat not kept: reason=%s", error)
            return replace(told, unsaved=str(error))
        return told

    def _message(self, role: ChatRole, text: str, facts: Facts) -> ChatMessage:
        return ChatMessage(role, text, self._utc_now_ms(), facts.symbol, facts.interval)


def _transport(settings: DeepSeekSettings, key: str) -> "StreamTransport":
    from deepseek.stream_transport import StreamTransport  # noqa: PLC0415 - half a second, 50 MB

    return StreamTransport(settings, key)
