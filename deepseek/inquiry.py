"""One question with the attempts that were made at it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeAlias

from core.config import DeepSeekSettings
from core.model.intervals import Interval
from core.model.verdict import Abstention, AbstentionReason, Check, Facts, LlmCall, Verdict
from deepseek.answer_cache import KnownAnswer
from deepseek.budget import COST_ESTIMATED, Usage, cost_usd, most_usage
from deepseek.claims import in_words, weighed
from deepseek.completion import Completion, Failure, verdict_of
from deepseek.prompt import Prompt, prompt_for, prompt_sha256
from deepseek.reply import parse_reply

_Judged: TypeAlias = tuple[Verdict, tuple[Check, ...]]
_NOTHING_OWED: Final = Completion("", "", "", Usage())
_NOTHING_TOLD: Final = Completion("", "", "", None)
_CANCELLED: Final = "cancelled"


class Asks(Protocol):
    """One attempt at one question; raises for nothing but cancellation."""

    async def ask(self, prompt: Prompt) -> Completion | Failure:
        """Send the question and wait for what comes of it."""


@dataclass(frozen=True, slots=True)
class CutInquiry:
    """
    Attempts at a question that was cancelled: nobody waits for its answer any more.

    Attributes:
        symbol, interval: The market that it was about.
        calls: Never empty; the last may have been under way.
    """

    symbol: str
    interval: Interval
    calls: tuple[LlmCall, ...]


class Inquiry:
    """
    Makes attempts and accounts for each of them.

    It outlives the deadline and the cancellation that may cut an attempt, so that also this one
    is on record. What it cost is not known: it is booked with the most that it can have cost, as
    is every attempt whose tokens the server does not tell, unless the server refused it.
    """

    def __init__(
        self,
        facts: Facts,
        settings: DeepSeekSettings,
        *,
        monotonic: Callable[[], float],
        utc_now_ms: Callable[[], int],
    ) -> None:
        self._facts = facts
        self._settings = settings
        self._monotonic = monotonic
        self._utc_now_ms = utc_now_ms
        self._prompt = prompt_for(facts)
        self.sha256 = prompt_sha256(self._prompt)
        self.calls: list[LlmCall] = []
        # What the latest attempt that ended by itself ended in.
        self.failed: Abstention | None = None

    @property
    def cut(self) -> CutInquiry | None:
        """What is on record, for whom nobody waits; None when nothing is."""
        if not self.calls:
            return None
        return CutInquiry(self._facts.symbol, self._facts.interval, tuple(self.calls))

    def recall(self, known: KnownAnswer) -> Verdict:
        """Judge an answer that is known already as if it had just come, for nothing."""
        verdict, checks = self._weighed(parse_reply(known.content, self._facts.close))
        answered = Completion(known.content, "", known.model, Usage())
        self._record(answered, in_words(verdict), checks, self._utc_now_ms(), self._monotonic())
        self.calls[-1] = replace(self.calls[-1], cached=True, latency_ms=0)
        return verdict

    async def attempt(self, asks: Asks, deadline: asyncio.Timeout) -> tuple[Verdict, float]:
        """
        Ask once; return the verdict and the seconds the server asks us to wait.

        An attempt that is cut is on record as such, by ``deadline`` or by somebody else.
        """
        asked_ms, started_s = self._utc_now_ms(), self._monotonic()
        try:
            outcome = await asks.ask(self._prompt)
        except asyncio.CancelledError:
            cut = AbstentionReason.TIMEOUT.value if deadline.expired() else _CANCELLED
            self._record(_NOTHING_TOLD, cut, (), asked_ms, started_s)
            raise
        if isinstance(outcome, Failure):
            judged: _Judged = (outcome.abstention, ())
            answered = _NOTHING_OWED if outcome.free else _NOTHING_TOLD
        else:
            judged = self._weighed(verdict_of(outcome, self._facts.close))
            answered = outcome
        self._record(answered, in_words(judged[0]), judged[1], asked_ms, started_s)
        verdict = judged[0]
        self.failed = verdict if isinstance(verdict, Abstention) else None
        wait_s = outcome.retry_after_s if isinstance(outcome, Failure) else None
        return verdict, wait_s or 0.0

    def _weighed(self, verdict: Verdict) -> _Judged:
        return weighed(verdict, self._facts, self._settings.wrong_claims_refused)

    def _record(
        self,
        answered: Completion,
        words: str,
        checks: tuple[Check, ...],
        asked_ms: int,
        started_s: float,
    ) -> None:
        usage = answered.usage
        if usage is None:
            usage = most_usage(self._prompt.text, self._settings.max_tokens)
            words += COST_ESTIMATED
        self.calls.append(
            LlmCall(
                prompt=self._prompt.text,
                prompt_sha256=self.sha256,
                answer=answered.content,
                model=answered.model or self._settings.model,
                prompt_tokens=usage.prompt_tokens,
                cache_hit_tokens=usage.cache_hit_tokens,
                completion_tokens=usage.completion_tokens,
                cost_usd=cost_usd(usage, answered.model, self._settings, asked_ms=asked_ms),
                latency_ms=round(1000 * (self._monotonic() - started_s)),
                asked_ms=asked_ms,
                verdict=words,
                checks=checks,
                attempt=len(self.calls) + 1,
            )
        )
