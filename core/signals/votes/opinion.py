"""What a vote is before it has a weight, and the arithmetic that all votes share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from core.model.signal import Layer

Values: TypeAlias = Mapping[str, float]


class Opinion(NamedTuple):
    """
    Attributes:
        value: In [-1, 1], positive is long; of a filter a penalty in [0, 1].
        reason: Why, in words and numbers.
    """

    value: float
    reason: str


@dataclass(frozen=True, slots=True)
class VoteRule:
    """
    A vote that speaks for a direction.

    Attributes:
        name: Key of its weight in the configuration.
        subject: What it speaks of, to say that this is unknown.
        opine: Pure; None where a feature that it needs is missing.
    """

    layer: Layer
    name: str
    subject: str
    opine: Callable[[Values], Opinion | None]

    def judge(self, values: Values) -> Opinion:
        """Return the opinion; none at all where it is not known."""
        return self.opine(values) or Opinion(0.0, f"{self.subject} unknown")


@dataclass(frozen=True, slots=True)
class FilterRule:
    """
    A vote against what the others lean to.

    Attributes:
        opine: Pure; from the features and the side that the others lean to (+1 or -1) to a
            penalty; None where a feature that it needs is missing.
    """

    name: str
    subject: str
    opine: Callable[[Values, int], Opinion | None]
    layer: Layer = Layer.FILTERS

    def judge(self, values: Values, side: int) -> Opinion:
        """Return the penalty; none at all where it is not known."""
        return self.opine(values, side) or Opinion(0.0, f"{self.subject} unknown")


def known(values: Values, *names: str) -> tuple[float, ...] | None:
    """Return features in the order of their names; None where one of them is missing."""
    found = tuple(values[name] for name in names if name in values)
    return found if len(found) == len(names) else None


def within(value: float, full: float = 1.0) -> float:
    """Return the share of ``full`` that a number is, between -1 and 1."""
    return min(max(value / full, -1.0), 1.0)


def penalty(value: float, from_: float, full: float) -> float:
    """Return 0 up to ``from_``, 1 at ``full`` and beyond; ``full`` may be the smaller one."""
    return min(max((value - from_) / (full - from_), 0.0), 1.0)


def freshness(age_candles: float, half_life_candles: float) -> float:
    """Return 1 for an event of this very candle, half of it after each half-life."""
    return float(0.5 ** max(age_candles / half_life_candles, 0.0))


def fading(age_candles: float, half_life_candles: float, lasting: float) -> float:
    """Return how loud a state speaks: 1 when it is new, ``lasting`` when it is old."""
    return lasting + (1.0 - lasting) * freshness(age_candles, half_life_candles)


def side_word(side: float) -> str:
    """Return ``up``, ``down`` or ``neither way``."""
    return "up" if side > 0.0 else "down" if side < 0.0 else "neither way"


def ago(age_candles: float) -> str:
    """Return ``on this candle``, or how many candles ago."""
    if age_candles <= 0.0:
        return "on this candle"
    return f"{age_candles:.0f} candle{'' if age_candles == 1.0 else 's'} ago"
