"""What questions to the model have come to since the start of the process."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.model.verdict import AbstentionReason, Action, LlmCall, Purpose
from core.tally import Distribution, Spread, Tally
from deepseek.budget import COST_ESTIMATED

# From an answer without thinking to the longest deadline that can be configured.
_LATENCIES_S: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0, 120.0)
ANSWERED: Final = "answered"
_GIVEN_UP: Final = frozenset({"cancelled", "stopped"})
_FAILURES: Final = frozenset(reason.value for reason in AbstentionReason) | _GIVEN_UP
_VIEWS: Final = frozenset(action.value for action in Action)
_UNNAMED: Final = "other"


@dataclass(frozen=True, slots=True)
class CallSums:
    """
    Of one purpose.

    Attributes:
        sent: Attempts that went to the server.
        remembered: Questions whose answer was known already.
        failures: Attempts without a usable answer, by code.
        tokens: By ``prompt``, ``prompt_cached`` and ``completion``; no token is in two of them.
        seconds: How long attempts took.
    """

    sent: int
    remembered: int
    failures: Mapping[str, int]
    tokens: Mapping[str, int]
    usd: float
    seconds: Spread


class CallTally:
    """Counts attempts as they end; any thread may add and ask."""

    def __init__(self) -> None:
        self._counts: Tally[tuple[Purpose, str, str]] = Tally()
        self._seconds = {purpose: Distribution(_LATENCIES_S) for purpose in Purpose}

    def add(self, call: LlmCall) -> None:
        """Count an attempt that has ended, however it did."""
        if call.cached:
            self._counts.add((call.purpose, "remembered", ""))
            return
        outcome = _outcome(call.verdict)
        self._counts.add((call.purpose, "sent", ""))
        if outcome != ANSWERED:
            self._counts.add((call.purpose, "failure", outcome))
        for kind, tokens in _tokens(call).items():
            self._counts.add((call.purpose, "token", kind), tokens)
        self._counts.add((call.purpose, "usd", ""), call.cost_usd)
        self._seconds[call.purpose].add(call.latency_ms / 1000.0)

    def of(self, purpose: Purpose) -> CallSums:
        """Return what was counted for one purpose."""
        found = {key[1:]: n for key, n in self._counts.sums().items() if key[0] is purpose}
        return CallSums(
            sent=int(found.get(("sent", ""), 0)),
            remembered=int(found.get(("remembered", ""), 0)),
            failures={name: int(n) for (what, name), n in found.items() if what == "failure"},
            tokens={name: int(n) for (what, name), n in found.items() if what == "token"},
            usd=float(found.get(("usd", ""), 0.0)),
            seconds=self._seconds[purpose].spread(),
        )


def _tokens(call: LlmCall) -> Mapping[str, int]:
    return {
        "prompt": call.prompt_tokens - call.cache_hit_tokens,
        "prompt_cached": call.cache_hit_tokens,
        "completion": call.completion_tokens,
    }


def _outcome(verdict: str) -> str:
    """Return what a verdict in words comes to, as one of few codes."""
    words = verdict.removesuffix(COST_ESTIMATED)
    if words == ANSWERED or words.partition(" ")[0] in _VIEWS:
        return ANSWERED
    return words if words in _FAILURES else _UNNAMED
