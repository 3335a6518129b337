"""What an analyst was asked, and what it answered: a view, or an abstention with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    BUDGET = "budget_spent"
    CIRCUIT_OPEN = "circuit_open"
    BUSY = "still_waiting"
    NOT_RECORDED = "not_recorded"
    TIMEOUT = "timeout"
    NETWORK = "network"
    CUT_OFF = "cut_off"
    NO_BODY = "no_body"
    BAD_REQUEST = "bad_request"
    AUTHENTICATION = "authentication"
    BALANCE = "insufficient_balance"
    UNKNOWN_MODEL = "unknown_model"
    PARAMETERS = "invalid_parameters"
    RATE_LIMIT = "rate_limit"
    SERVER = "server_error"
    OVERLOADED = "overloaded"
    RESOURCE = "insufficient_system_resource"
    REQUEST = "request_refused"
    NOT_A_COMPLETION = "not_a_completion"
    BLANK = "blank_answer"
    TRUNCATED = "truncated_answer"
    NOT_JSON = "not_json"
    SEVERAL = "several_objects"
    NOT_A_NUMBER = "not_a_number"
    NUMBER_AS_TEXT = "number_as_text"
    WRONG_SIDE = "level_on_wrong_side"
    TOO_FAR = "level_too_far"
    CONTRACT = "contract_violated"
    TOO_LONG = "answer_too_long"
    EVIDENCE = "evidence_refuted"

    @property
    def leaves_rules_alone(self) -> bool:
        """Whether nobody can be asked at all, rather than that an answer failed."""
        return self in {AbstentionReason.NO_KEY, AbstentionReason.BUDGET}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A feature value the analyst claims to have relied on."""

    feature: str
    value: float


@dataclass(frozen=True, slots=True)
class Check:
    """
    One claim beside the fact.

    Attributes:
        actual: None where there is no such fact.
    """

    feature: str
    claimed: float
    actual: float | None
    holds: bool


@dataclass(frozen=True, slots=True)
class View:
    """
    An opinion that kept the output contract.

    Attributes:
        confidence: 0 to 100; as the analyst claims it, less what its wrong claims cost.
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
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Abstention:
    """No opinion, and why."""

    reason: AbstentionReason
    detail: str = ""


Verdict: TypeAlias = View | Abstention


@dataclass(frozen=True, slots=True)
class ZoneFact:
    """
    A price zone near the close.

    Attributes:
        kind: In words, such as ``Buy-side liquidity``.
        distance_atr: From the close to its nearer edge, positive above.
    """

    kind: str
    low: float
    high: float
    distance_atr: float


@dataclass(frozen=True, slots=True)
class Facts:
    """
    Everything the analyst is shown; holds no wall-clock date, so equal facts are equal bytes.

    Attributes:
        close: Close of the evaluated candle.
        open_position: Words and numbers of the open position, None when flat.
        regime: In words; empty where it is not known.
        alignment: Direction by timeframe, -1 to 1; only known ones.
        zones: The nearest first.
    """

    symbol: str
    interval: Interval
    close: float
    features: FeatureSet
    rules: RuleVerdict
    open_position: Mapping[str, float | str] | None = None
    regime: str = ""
    alignment: Mapping[str, float] = field(default_factory=dict)
    zones: tuple[ZoneFact, ...] = ()


class Purpose(StrEnum):
    """What a question to the model was for; each has its own budget."""

    DECISION = "decision"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class LlmCall:
    """
    Accounting of one attempt at a question, kept whole.

    Attributes:
        prompt: The messages sent, as JSON text.
        answer: The content received; empty when none came.
        model: The model that answered (or was asked, when none did).
        latency_ms: Wall time of the attempt, measured monotonically.
        cost_usd: By the configured price table; for tokens estimated high where none were told.
        asked_ms: UTC epoch time on this machine's clock: the day that it is billed on.
        verdict: What came of it in words: ``LONG 70``, or an abstention's reason code, or
            ``cancelled``; then whether the tokens are an estimate.
        checks: The evidence beside the facts.
        attempt: Counted from 1.
        cached: Whether the answer was known already: nothing was sent, nothing is owed.
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
    asked_ms: int = 0
    verdict: str = ""
    checks: tuple[Check, ...] = ()
    attempt: int = 1
    cached: bool = False
    purpose: Purpose = Purpose.DECISION


@dataclass(frozen=True, slots=True)
class Spent:
    """
    What was used of a budget on one UTC day of this machine's clock.

    Attributes:
        calls: Attempts that were sent.
    """

    usd: float = 0.0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Consultation:
    """A verdict with the attempts behind it; ``calls`` is empty when nobody was asked."""

    verdict: Verdict
    calls: tuple[LlmCall, ...] = ()


class Analyst(Protocol):
    """Somebody who may have an opinion on the facts. Never raises for a bad answer."""

    async def judge(self, facts: Facts) -> Consultation:
        """Answer within a deadline, or abstain."""
