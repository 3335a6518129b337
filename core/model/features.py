"""Named numbers that a decision is made from, and what each of them is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class FeatureGroup(StrEnum):
    """What features speak of; those of one group are computed together."""

    TREND = "trend"
    MOMENTUM = "momentum"
    VOLATILITY = "volatility"
    STRUCTURE = "structure"
    FLOW = "flow"
    LIQUIDITY = "liquidity"
    ALIGNMENT = "alignment"
    REGIME = "regime"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class FeatureSpec:
    """
    What a feature is.

    Attributes:
        unit: Such as ``ATR`` or ``candles``.
        low, high: Bounds that no value leaves, both allowed; None where there is none.
        source: The overlay or the columns it is read from.
        meaning: One phrase.

    Raises:
        ValueError: If the name is no identifier in lower case or the bounds are crossed.
    """

    group: FeatureGroup
    name: str
    unit: str
    low: float | None
    high: float | None
    source: str
    meaning: str

    def __post_init__(self) -> None:
        if not (self.name.isidentifier() and self.name.islower()):
            raise ValueError(f"a feature cannot be named {self.name!r}")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise ValueError(f"{self.name}: no value lies between {self.low} and {self.high}")

    def allows(self, value: float) -> bool:
        """Whether a value lies within the bounds."""
        above = self.low is None or value >= self.low
        return above and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class FeatureSet:
    """
    Features of one closed candle.

    Attributes:
        values: Feature name to value; only finite numbers.
        missing: Names that could not be computed (warm-up, absent input), so
            that "unknown" is never mistaken for zero.
    """

    values: Mapping[str, float]
    missing: tuple[str, ...] = ()

    @classmethod
    def of(cls, raw: Mapping[str, float]) -> "FeatureSet":
        """Split raw numbers into known and missing (NaN, infinite) ones."""
        known = {name: float(value) for name, value in raw.items() if math.isfinite(value)}
        return cls(MappingProxyType(known), tuple(name for name in raw if name not in known))
