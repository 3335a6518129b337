"""From votes to a decision, and the signal it may become."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.model.condition import Condition
from core.model.intervals import Interval
from core.model.source import Source


class Direction(StrEnum):
    """Which way."""

    LONG = "LONG"
    SHORT = "SHORT"
    FLAT = "FLAT"

    @property
    def sign(self) -> int:
        """+1, -1 or 0."""
        return {"LONG": 1, "SHORT": -1, "FLAT": 0}[self.value]


class Strength(StrEnum):
    """How clearly the score speaks."""

    STRONG_BUY = "STRONG_BUY"
    BUY = "BUY"
    WEAK_BUY = "WEAK_BUY"
    HOLD = "HOLD"
    WEAK_SELL = "WEAK_SELL"
    SELL = "SELL"
    STRONG_SELL = "STRONG_SELL"


class Layer(StrEnum):
    """What votes speak of; the layers are told in this order."""

    TREND = "trend"
    MOMENTUM = "momentum"
    FLOW = "flow"
    ALIGNMENT = "alignment"
    FILTERS = "filters"


@dataclass(frozen=True, slots=True)
class Vote:
    """
    One rule's opinion.

    Attributes:
        value: In [-1, 1]; positive is long.
        weight: Share of the score; weights of one rule set sum to 1.
        reason: Why, in words and numbers.
    """

    name: str
    value: float
    weight: float
    reason: str
    layer: Layer = Layer.TREND

    def __post_init__(self) -> None:
        if not -1.0 <= self.value <= 1.0 or not 0.0 <= self.weight <= 1.0:
            raise ValueError(f"vote {self.name}: value {self.value}, weight {self.weight}")

    @property
    def contribution(self) -> float:
        """What this vote adds to the score."""
        return self.value * self.weight


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """
    What the rules alone say.

    Attributes:
        score: Sum of the votes' contributions in their order, in [-1, 1].
        confidence: 0 to 100.
        stop, target: Price levels; None when the direction is FLAT.
        reward_risk: Of the levels, before costs; None when the direction is FLAT.
        invalidation: Any of them would prove the direction wrong.
    """

    direction: Direction
    strength: Strength
    score: float
    confidence: float
    votes: tuple[Vote, ...]
    stop: float | None
    target: float | None
    reward_risk: float | None = None
    invalidation: tuple[Condition, ...] = ()


class Outcome(StrEnum):
    """How an evaluation ended."""

    SIGNAL = "signal"
    HOLD = "hold"
    VETOED = "vetoed"
    REFUSED = "refused"
    NOT_READY = "not_ready"
    STALE = "stale"
    ENGINE_DOWN = "engine_down"
    LATE = "late"
    """Decided only after the next bar had closed: recorded, not traded."""


@dataclass(frozen=True, slots=True)
class SignalKey:
    """Identity of an evaluation: at most one row of each kind per key."""

    symbol: str
    interval: Interval
    open_time_ms: int
    strategy: str


@dataclass(frozen=True, slots=True)
class Signal:
    """
    A decision somebody could act on.

    Attributes:
        key: Which bar it comes from.
        reference_price: Close of that bar; the fill comes later.
        quantity: Base units, already rounded down to the lot step.
        decided_ms: Feed time of the close plus the measured latency.
        reasons: One line each.
        source: Whose account it is for; only those of the policy are told to people.
        invalidation: Any of them ends the trade.
        expires_ms: A trade that is still open then is closed; None for never.
    """

    key: SignalKey
    direction: Direction
    strength: Strength
    score: float
    confidence: float
    reference_price: float
    stop: float
    target: float
    quantity: float
    decided_ms: int
    reasons: tuple[str, ...]
    source: Source = Source.POLICY
    invalidation: tuple[Condition, ...] = ()
    expires_ms: int | None = None

    def __post_init__(self) -> None:
        sign = self.direction.sign
        if sign == 0:
            raise ValueError("a signal needs a direction")
        if not (
            sign * self.stop < sign * self.reference_price < sign * self.target
            and min(self.stop, self.target) > 0.0
        ):
            raise ValueError(
                f"levels on the wrong side: {self.direction} from {self.reference_price}, "
                f"stop {self.stop}, target {self.target}"
            )
        if self.quantity <= 0.0:
            raise ValueError(f"quantity must be positive, was {self.quantity}")


@dataclass(frozen=True, slots=True)
class Decision:
    """
    One evaluation, also when it ended in nothing.

    Attributes:
        closed_ms: Feed time of the report that the bar closed.
        decided_ms: ``closed_ms`` plus the measured latency.
        features: Known feature values; ``missing`` names the others.
        rules: What the rules alone said; None when they could not run.
        analyst: The verdict in words (``LONG 70``, or an abstention's reason code).
        reason: One line: why it ended this way.
        analyst_detail: Why the analyst was not asked, or gave no view; one line.
        confidence: 0 to 100, of rules and analyst together; None where it was not decided.
        shadows: What the shadow accounts did with the same bar, one line each.
    """

    key: SignalKey
    outcome: Outcome
    reason: str
    closed_ms: int
    decided_ms: int
    close: float | None = None
    features: Mapping[str, float] | None = None
    missing: tuple[str, ...] = ()
    rules: RuleVerdict | None = None
    analyst: str = ""
    analyst_detail: str = ""
    confidence: float | None = None
    shadows: Mapping[Source, str] = field(default_factory=dict)
