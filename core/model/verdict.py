"""What an analyst was asked, and what it answered: a view, or an abstention with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

from core.model.features import FeatureSet
from core.model.intervals import Interval
from core.model.signal import RuleVerdict


class Action(StrEnum):
    """What the analyst would do now."""

    LONG = "LONG"
    SHORT = "SHORT"
    HOLD = "HOLD"
    CLOSE = "CLOSE"


class AbstentionReason(StrEnum):
    """Why there is no view. Each is a row's reason code, never a neutral opinion."""

    NO_KEY = "no_key"
    NOT_ASKED = "not_asked"
    TIMEOUT = "timeout"
    NETWORK = "network"
    AUTHENTICATION = "authentication"
    BALANCE = "insufficient_balance"
    RATE_LIMIT = "rate_limit"
    SERVER = "server_error"
    REQUEST = "request_refused"
    BLANK = "blank_answer"
    TRUNCATED = "truncated_answer"
    NOT_JSON = "not_json"
    CONTRACT = "contract_violated"
    TOO_LONG = "answer_too_long"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A feature value the analyst claims to have relied on."""

    feature: str
    value: float


@dataclass(frozen=True, slots=True)
class View:
    """
    An opinion that kept the output contract.

    Attributes:
        confidence: 0 to 100, as the analyst claims it.
        entry_price, stop_loss, take_profit: In quote currency; None where not given.
    """

    action: Action
    confidence: float
    entry_price: float | None
    stop_loss: float | None
    take_profit: float | None
    reasoning: str
    invalidation: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Abstention:
    """No opinion, and why."""

    reason: AbstentionReason
    detail: str = ""


Verdict: TypeAlias = View | Abstention


@dataclass(frozen=True, slots=True)
class Facts:
    """
    Everything the analyst is shown; holds no wall-clock date, so equal facts are equal bytes.

    Attributes:
        close: Close of the evaluated candle.
        open_position: Words and numbers of the open position, None when flat.
    """

    symbol: str
    interval: Interval
    close: float
    features: FeatureSet
    rules: RuleVerdict
    open_position: Mapping[str, float | str] | None = None


@dataclass(frozen=True, slots=True)
class LlmCall:
    """
    Accounting of one question, kept whole.

    Attributes:
        prompt: The messages sent, as JSON text.
        answer: The content received; empty when none came.
        model: The model that answered (or was asked, when none did).
        latency_ms: Wall time of the call, measured monotonically.
        cost_usd: By the configured price table; 0.0 when no usage was reported.
    """

    prompt: str
    prompt_sha256: str
    answer: str
    model: str
    prompt_tokens: int
    cache_hit_tokens: int
    completion_tokens: int
    cost_usd: float
    latency_ms: int


@dataclass(frozen=True, slots=True)
class Consultation:
    """A verdict with the call behind it; ``call`` is None when nobody was asked."""

    verdict: Verdict
    call: LlmCall | None = None


class Analyst(Protocol):
    """Somebody who may have an opinion on the facts. Never raises for a bad answer."""

    async def judge(self, facts: Facts) -> Consultation:
        """Answer within a deadline, or abstain."""
