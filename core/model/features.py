"""Named numbers that a decision is made from."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


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
