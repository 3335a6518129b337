"""What was heard live when a bar was first decided on, for whoever decides on it again."""

import math
from collections.abc import Mapping

from core.model.features import FeatureSet
from core.signals.features import FEATURES

HEARD_LIVE = "heard live"
"""Source of features that no history can give back."""


def with_heard(features: FeatureSet, heard: Mapping[str, float] | None) -> FeatureSet:
    """Replace what is only heard live; missing is what ``heard`` does not know either."""
    known = heard or {}
    return FeatureSet.of(
        {
            name: (known if spec.source == HEARD_LIVE else features.values).get(name, math.nan)
            for name, spec in FEATURES.items()
        }
    )
