"""
DeepSeek as an analyst: facts in, a consultation out, within a deadline.

This is the thin edge. What is asked (`prompt`), what an answer means
(`completion`, `reply`) and what it costs (`budget`) are pure and live beside it.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from core.config import DeepSeekSettings
from core.model.verdict import (
    Abstention,
    AbstentionReason,
    Consultation,
    Facts,
    LlmCall,
    Verdict,
    View,
)
from deepseek.budget import Usage, cost_usd
from deepseek.completion import Completion, is_retryable, verdict_of
from deepseek.prompt import Prompt, prompt_for, prompt_sha256

if TYPE_CHECKING:
    from deepseek.transport import Transport

logger = logging.getLogger(__name__)


def utc_now_ms() -> int:
    """Return the local clock's UTC epoch time."""
    return time.time_ns() // 1_000_000


class DeepSeekBrain:
    """
    An `Analyst` that asks a DeepSeek-compatible server.

    Without a key it abstains at once, and the SDK is not even imported. With
    one, every failure the server and the network are capable of is an
    `Abstention` with its reason; only cancellation leaves `judge` as an exception.
    """

    def __init__(
        self,
        settings: DeepSeekSettings,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        utc_now_ms: Callable[[], int] = utc_now_ms,
        retry_delays_s: Sequence[float] = (0.5, 1.5),
    ) -> None:
        """
        Args:
            settings: Where, whom and how long to ask.
            monotonic: Measures latency.
            utc_now_ms: The wall clock, for billing only: the price depends on
                the provider's time of day. It reaches neither the question nor
                the verdict.
            retry_delays_s: Waits before each further attempt, all of them
                inside the deadline; a longer wait asked for by the server wins.

        Raises:
            ConfigError: If ``base_url`` is no address.
        """
        self._settings = settings
        self._monotonic = monotonic
        self._utc_now_ms = utc_now_ms
        self._retry_delays_s = tuple(retry_delays_s)
        key = settings.api_key.get_secret_value().strip() if settings.api_key else ""
        self._unasked = _unusable(key)
        self._transport = None if self._unasked else _transport(settings, key)

    async def judge(self, facts: Facts) -> Consultation:
        """Ask about one closed candle; abstain when no valid answer came in time."""
        if self._transport is None:
            return Consultation(self._unasked or Abstention(AbstentionReason.NO_KEY))
        question = _Question(self._transport, prompt_for(facts), facts.close)
        asked_ms, started_s = self._utc_now_ms(), self._monotonic()
        try:
            async with asyncio.timeout(self._settings.timeout_s) as deadline:
                verdict = await question.ask(self._retry_delays_s, deadline)
        except TimeoutError:
            verdict = self._timed_out(question)
        latency_ms = round(1000 * (self._monotonic() - started_s))
        call = LlmCall(
            prompt=question.prompt.text,
            prompt_sha256=prompt_sha256(question.prompt),
            answer=question.answer,
            model=question.model or self._settings.model,
            prompt_tokens=question.usage.prompt_tokens,
            cache_hit_tokens=question.usage.cache_hit_tokens,
            completion_tokens=question.usage.completion_tokens,
            cost_usd=cost_usd(question.usage, self._settings.usd_per_million, asked_ms=asked_ms),
            latency_ms=latency_ms,
        )
        _log(facts.symbol, verdict, call)
        return Consultation(verdict, call)

    async def aclose(self) -> None:
        """Close the connections; idempotent."""
        if self._transport is not None:
            await self._transport.aclose()

    def _timed_out(self, question: "_Question") -> Abstention:
        detail = f"no answer within {self._settings.timeout_s:g} s"
        if question.failed is not None:
            detail += f"; the attempt before ended in {question.failed.reason}"
        return Abstention(AbstentionReason.TIMEOUT, detail)


class _Question:
    """
    One question with what its attempts have brought so far.

    Kept outside the deadline's reach, so that what an answer has cost is known
    also when a later attempt ran out of time.
    """

    def __init__(self, transport: "Transport", prompt: Prompt, close: float) -> None:
        self._transport = transport
        self._close = close
        self.prompt = prompt
        self.answer = ""
        self.model = ""
        self.usage = Usage()
        self.failed: Abstention | None = None

    async def ask(self, retry_delays_s: Sequence[float], deadline: asyncio.Timeout) -> Verdict:
        """Try until there is a verdict that a further attempt would not better."""
        for delay_s in retry_delays_s:
            verdict, asked_wait_s = await self._attempt()
            wait_s = max(delay_s, asked_wait_s)
            if not is_retryable(verdict) or wait_s >= _remaining_s(deadline):
                return verdict
            self.failed = verdict if isinstance(verdict, Abstention) else None
            await asyncio.sleep(wait_s)
        return (await self._attempt())[0]

    async def _attempt(self) -> tuple[Verdict, float]:
        """Return the verdict and the seconds the server asks us to wait."""
        outcome = await self._transport.ask(self.prompt)
        if not isinstance(outcome, Completion):
            return outcome.abstention, outcome.retry_after_s or 0.0
        self.answer = outcome.content
        self.model = outcome.model
        self.usage = self.usage + outcome.usage
        return verdict_of(outcome, self._close), 0.0


def _unusable(key: str) -> Abstention | None:
    if not key:
        return Abstention(AbstentionReason.NO_KEY)
    if not (key.isascii() and key.isprintable()):
        return Abstention(
            AbstentionReason.AUTHENTICATION, "the key has characters that no key can have"
        )
    return None


def _transport(settings: DeepSeekSettings, key: str) -> "Transport":
    from deepseek.transport import Transport  # noqa: PLC0415 - half a second and 50 MB

    return Transport(settings, key)


def _remaining_s(deadline: asyncio.Timeout) -> float:
    ends_s = deadline.when()
    return float("inf") if ends_s is None else ends_s - asyncio.get_running_loop().time()


def _log(symbol: str, verdict: Verdict, call: LlmCall) -> None:
    if isinstance(verdict, View):
        logger.info(
            "analyst answered symbol=%s action=%s confidence=%.0f latency_ms=%d cost_usd=%.6f",
            symbol, verdict.action, verdict.confidence, call.latency_ms, call.cost_usd,
        )  # fmt: skip
    else:
        logger.warning(
            "analyst abstained symbol=%s reason=%s latency_ms=%d detail=%s",
            symbol, verdict.reason, call.latency_ms, verdict.detail,
        )  # fmt: skip
