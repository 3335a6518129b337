"""Computes the features of one view, group by group: measured, and none can stop the others."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType

from core.attempts import Attempts, Fault
from core.model.features import FeatureGroup, FeatureSet
from core.model.market_view import MarketView
from core.model.shapes import Shape
from core.signals.feature_input import FeatureFamily, FeatureInput
from core.signals.features import FAMILIES, feature_set
from core.telemetry import Telemetry

logger = logging.getLogger(__name__)


class FeatureRunner:
    """
    Compute features.

    Args:
        telemetry: Gets a reading of each group, as ``features.trend`` and so on.
        families: The groups.
    """

    def __init__(
        self,
        telemetry: Telemetry,
        families: Mapping[FeatureGroup, FeatureFamily] = FAMILIES,
    ) -> None:
        self._attempts = Attempts(telemetry, logger)
        self._families = families

    def run(self, view: MarketView, shapes: Mapping[str, Sequence[Shape]]) -> FeatureSet:
        """Return what `candle_features` does, but without the groups that raise."""
        if len(view.candles) == 0:
            return feature_set(())
        seen = FeatureInput(view, shapes)
        tried = [
            self._attempts.attempt(f"features.{group}", view.candles, partial(family.compute, seen))
            for group, family in self._families.items()
        ]
        nothing: Mapping[str, float] = MappingProxyType({})
        return feature_set(nothing if isinstance(found, Fault) else found for found in tried)
