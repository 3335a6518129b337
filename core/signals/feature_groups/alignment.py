"""Which way the timeframes go, and whether they agree."""

import math
from functools import partial

from core.model.features import FeatureGroup, FeatureSpec
from core.model.intervals import Interval
from core.model.shapes import Ribbon
from core.signals.feature_input import FeatureFamily, FeatureInput

_OF = "timeframe_alignment"
_SIDES = {"down": -1.0, "mixed": 0.0, "up": 1.0}


def _alignment(seen: FeatureInput) -> dict[str, float]:
    every = all(seen.shape(_OF, Ribbon, interval.value) for interval in Interval)
    return {
        # The overlay's score is one of the intervals that a view has: of fewer it is another.
        "alignment_score": seen.value(_OF, "Alignment") if every else math.nan,
        **{f"alignment_{interval.value}": _vote(seen, interval) for interval in Interval},
    }


def _vote(seen: FeatureInput, interval: Interval) -> float:
    ribbon = seen.shape(_OF, Ribbon, interval.value)
    if ribbon is None or ribbon.strength is None or ribbon.code[-1] < 0:
        return math.nan
    return _SIDES[ribbon.states[int(ribbon.code[-1])].key] * float(ribbon.strength[-1])


_spec = partial(FeatureSpec, FeatureGroup.ALIGNMENT)

ALIGNMENT = FeatureFamily(
    FeatureGroup.ALIGNMENT,
    (
        _spec("alignment_score", "share", -1, 1, _OF, "mean of the six timeframes"),
        *(
            _spec(
                f"alignment_{interval.value}",
                "share",
                -1,
                1,
                _OF,
                f"direction of {interval.value} times its strength, 0 where mixed",
            )
            for interval in Interval
        ),
    ),
    _alignment,
)
