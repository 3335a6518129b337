"""
DeepSeek as an analyst: facts in, a consultation out, within a deadline.

This is the thin edge. What is asked (`prompt`), what an answer means
(`completion`, `reply`, `claims`) and what it costs (`budget`) are pure and live
beside it; `spending` and `circuit` say whether to ask at all.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from core.config import DeepSeekSettings
from core.model.verdict import (
    Abstention,
    AbstentionReason,
    Consultation,
    Facts,
    LlmCall,
    Spent,
    Verdict,
    View,
)
from deepseek.answer_cache import AnswerCache, KnownAnswer
from deepseek.call_tally import CallTally
from deepseek.circuit import Circuit
from deepseek.claims import in_words
from deepseek.completion import is_retryable
from deepseek.inquiry import Asks, CutInquiry, Inquiry
from deepseek.spending import Spending

if TYPE_CHECKING:
    from deepseek.transport import Transport

logger = logging.getLogger(__name__)

# Said once where it begins (budget, circuit), not for every candle.
_QUIET: Final = frozenset({AbstentionReason.BUDGET, AbstentionReason.CIRCUIT_OPEN})


def utc_now_ms() -> int:
    """Return the local clock's UTC epoch time."""
    return time.time_ns() // 1_000_000


class DeepSeekBrain:
    """
    An `Analyst` that asks a DeepSeek-compatible server.

    Without a key it abstains at once, and the SDK is not even imported. With
    one, every failure the server and the network are capable of is an
    `Abstention` with its reason; only cancellation leaves `judge` as an exception,
    and `take_cut` tells what it cost.

    Attributes:
        tally: What was asked since the start.
    """

    def __init__(
        self,
        settings: DeepSeekSettings,
        *,
        spent: Spent | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        utc_now_ms: Callable[[], int] = utc_now_ms,
        first_retry_s: float = 0.5,
    ) -> None:
        """
        Args:
            settings: Where, whom, how long and how often to ask.
            spent: What decisions have cost already on this UTC day; None for nothing.
            monotonic: Measures latency, and how long the server is left in peace.
            utc_now_ms: The wall clock, for billing only: price and budget depend on
                the provider's time of day. It reaches neither the question nor
                the view.
            first_retry_s: Wait before the second attempt, doubled before each further
                one, all of them inside the deadline; a longer wait asked for by the
                server wins.

        Raises:
            ConfigError: If ``base_url`` is no address.
        """
        self.tally = CallTally()
        self._settings = settings
        self._monotonic = monotonic
        self._utc_now_ms = utc_now_ms
        self._first_retry_s = first_retry_s
        self._turns = asyncio.Semaphore(settings.max_concurrent)
        self._known = AnswerCache()
        self._circuit = Circuit(
            failures_to_open=settings.failures_to_open,
            open_for_s=settings.open_for_s,
            monotonic=monotonic,
        )
        self._spending = Spending(
            daily_usd=settings.daily_usd,
            daily_calls=settings.daily_calls,
            utc_now_ms=utc_now_ms,
            spent=spent,
        )
        key = settings.api_key.get_secret_value().strip() if settings.api_key else ""
        self._cut: list[CutInquiry] = []
        self._unasked = _unusable(key)
        self._transport = None if self._unasked else _transport(settings, key)

    async def judge(self, facts: Facts) -> Consultation:
        """Ask about one closed candle; abstain when no valid answer came in time."""
        if self._transport is None:
            return Consultation(self._unasked or Abstention(AbstentionReason.NO_KEY))
        inquiry = Inquiry(
            facts, self._settings, monotonic=self._monotonic, utc_now_ms=self._utc_now_ms
        )
        known = self._known.find(inquiry.sha256)
        if known is not None:
            verdict = inquiry.recall(known)
            self.tally.add(inquiry.calls[-1])
        else:
            try:
                verdict = await self._in_time(inquiry, self._transport)
            except asyncio.CancelledError:
                self._cut += [inquiry.cut] if inquiry.cut else []
                raise
        _log(facts.symbol, verdict, inquiry.calls)
        return Consultation(verdict, tuple(inquiry.calls))

    @property
    def spent(self) -> Spent:
        """What decisions have cost today."""
        return self._spending.spent

    @property
    def is_left_in_peace(self) -> bool:
        """Whether the server failed so often that it is not asked for now."""
        return not self._circuit.is_closed

    def take_cut(self) -> tuple[CutInquiry, ...]:
        """Hand over, once, the questions that were cancelled: no consultation tells of them."""
        cut, self._cut = tuple(self._cut), []
        return cut

    def standing(self) -> str:
        """Say in one line, for people, whether and how DeepSeek takes part."""
        if self._unasked is not None:
            usable = self._unasked.reason is not AbstentionReason.NO_KEY
            return f"rules only: {self._unasked.detail if usable else 'no key for DeepSeek'}"
        if refusal := self._spending.refusal():
            return f"rules only: {refusal}"
        if refusal := self._circuit.refusal():
            return f"DeepSeek is {refusal}"
        return f"DeepSeek {self._settings.model}, {self._spending.in_words()}"

    async def aclose(self) -> None:
        """Close the connections; idempotent."""
        if self._transport is not None:
            await self._transport.aclose()

    async def _in_time(self, inquiry: Inquiry, asks: Asks) -> Verdict:
        try:
            async with asyncio.timeout(self._settings.timeout_s) as deadline:
                return await self._persist(inquiry, asks, deadline)
        except TimeoutError:
            return self._timed_out(inquiry)

    async def _persist(self, inquiry: Inquiry, asks: Asks, deadline: asyncio.Timeout) -> Verdict:
        """Try until there is a verdict that a further attempt would not better."""
        delay_s = self._first_retry_s
        for further in range(self._settings.retries, -1, -1):
            async with self._turns:
                refusal = self._refusal()
                if refusal is not None:
                    return inquiry.failed or refusal
                verdict, asked_wait_s = await self._attempt(inquiry, asks, deadline)
            wait_s = max(delay_s, asked_wait_s)
            if not is_retryable(verdict) or not further or wait_s >= _remaining_s(deadline):
                break
            await asyncio.sleep(wait_s)
            delay_s *= 2.0
        return verdict

    def _refusal(self) -> Abstention | None:
        if why := self._spending.refusal():
            return Abstention(AbstentionReason.BUDGET, why)
        if why := self._spending.crowding():
            # Not spent yet: nobody who may still be asked is done without.
            return Abstention(AbstentionReason.BUSY, why)
        if why := self._circuit.refusal():
            return Abstention(AbstentionReason.CIRCUIT_OPEN, why)
        return None

    async def _attempt(
        self, inquiry: Inquiry, asks: Asks, deadline: asyncio.Timeout
    ) -> tuple[Verdict, float]:
        """Make one attempt that budget and circuit know of, however it ends."""
        self._spending.reserve()
        permit = self._circuit.begin()
        before, asked_ms = len(inquiry.calls), self._utc_now_ms()
        verdict: Verdict | None = None
        try:
            verdict, asked_wait_s = await inquiry.attempt(asks, deadline)
        finally:
            made = inquiry.calls[before:]
            self._spending.settle(asked_ms, sum(call.cost_usd for call in made))
            for call in made:
                self.tally.add(call)
            if verdict is None and deadline.expired():
                verdict = Abstention(AbstentionReason.TIMEOUT)
            if verdict is not None:
                self._circuit.record(permit, verdict)
            else:
                self._circuit.abandon(permit)
        if isinstance(verdict, View):
            self._known.remember(inquiry.sha256, KnownAnswer(made[0].answer, made[0].model))
        return verdict, asked_wait_s

    def _timed_out(self, inquiry: Inquiry) -> Abstention:
        if not inquiry.calls:
            detail = f"{self._settings.max_concurrent} other questions took all the time"
            return Abstention(AbstentionReason.BUSY, detail)
        detail = f"no answer within {self._settings.timeout_s:g} s"
        if inquiry.failed is not None:
            detail += f"; the attempt before ended in {inquiry.failed.reason}"
        return Abstention(AbstentionReason.TIMEOUT, detail)


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


def _log(symbol: str, verdict: Verdict, calls: Sequence[LlmCall]) -> None:
    latency_ms = sum(call.latency_ms for call in calls)
    if isinstance(verdict, View):
        logger.info(
            "analyst answered symbol=%s verdict=%s attempts=%d latency_ms=%d cost_usd=%.6f",
            symbol, in_words(verdict), len(calls), latency_ms, sum(c.cost_usd for c in calls),
        )  # fmt: skip
    elif verdict.reason in _QUIET:
        logger.info("analyst not asked symbol=%s reason=%s", symbol, verdict.reason)
    else:
        logger.warning(
            "analyst abstained symbol=%s reason=%s attempts=%d latency_ms=%d detail=%s",
            symbol, verdict.reason, len(calls), latency_ms, verdict.detail,
        )  # fmt: skip
