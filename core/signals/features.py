"""
From closed candles and overlay shapes to the named numbers a decision is made from.

The same code serves the engine, a replay and the tests. A feature is a function of the
candles of the generator's window, of what other intervals had closed and of what was
heard by then; in any longer window it is the same. What cannot be computed is missing
by name.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from core.model.features import FeatureGroup, FeatureSet, FeatureSpec
from core.model.market_view import MarketView
from core.model.shapes import Shape
from core.signals.feature_groups.alignment import ALIGNMENT
from core.signals.feature_groups.flow import FLOW
from core.signals.feature_groups.liquidity import LIQUIDITY
from core.signals.feature_groups.momentum import MOMENTUM
from core.signals.feature_groups.regime import REGIME
from core.signals.feature_groups.structure import STRUCTURE
from core.signals.feature_groups.time_of_day import TIME_OF_DAY
from core.signals.feature_groups.trend import TREND
from core.signals.feature_groups.volatility import VOLATILITY
from core.signals.feature_input import FeatureFamily, FeatureInput

FAMILIES: Mapping[FeatureGroup, FeatureFamily] = MappingProxyType(
    {
        family.group: family
        for family in (
            TREND,
            MOMENTUM,
            VOLATILITY,
            STRUCTURE,
            FLOW,
            LIQUIDITY,
            ALIGNMENT,
            REGIME,
            TIME_OF_DAY,
        )
    }
)

FEATURES: Mapping[str, FeatureSpec] = MappingProxyType(
    {spec.name: spec for family in FAMILIES.values() for spec in family.specs}
)
"""What every feature is, by name; a `FeatureSet` has these names in this order."""


def candle_features(view: MarketView, shapes: Mapping[str, Sequence[Shape]]) -> FeatureSet:
    """
    Features of the newest candle of a view.

    Args:
        view: Of closed candles without gaps.
        shapes: By overlay key, computed on the same view; what is read from an overlay that
            is absent is missing.
    """
    if len(view.candles) == 0:
        return feature_set(())
    seen = FeatureInput(view, shapes)
    return feature_set(family.compute(seen) for family in FAMILIES.values())


def feature_set(computed: Iterable[Mapping[str, float]]) -> FeatureSet:
    """Join what groups computed; every feature that none of them has is missing."""
    raw = {name: value for numbers in computed for name, value in numbers.items()}
    return FeatureSet.of({name: raw.get(name, math.nan) for name in FEATURES})
