"""When in the day and in the week it is; nothing that tells a date."""

import math
from functools import partial

from core.model.features import FeatureGroup, FeatureSpec
from core.model.intervals import Interval
from core.signals.feature_input import FeatureFamily, FeatureInput

_DAY_MS = Interval.D1.duration_ms
_WEEK_MS = 7 * _DAY_MS
# The epoch began on a Thursday.
_MONDAY_MS = 4 * _DAY_MS


def _time_of_day(seen: FeatureInput) -> dict[str, float]:
    """As places on a circle, so that the last minute of a day is beside the first."""
    closed_ms = seen.view.known_ms + 1
    day = math.tau * (closed_ms % _DAY_MS) / _DAY_MS
    week = math.tau * ((closed_ms - _MONDAY_MS) % _WEEK_MS) / _WEEK_MS
    return {
        "day_sin": math.sin(day),
        "day_cos": math.cos(day),
        "week_sin": math.sin(week),
        "week_cos": math.cos(week),
    }


_spec = partial(FeatureSpec, FeatureGroup.TIME)

TIME_OF_DAY = FeatureFamily(
    FeatureGroup.TIME,
    (
        _spec("day_sin", "sine", -1, 1, "candles", "time of day (UTC) of the close: 1 at 06:00"),
        _spec(
            "day_cos", "cosine", -1, 1, "candles", "time of day (UTC) of the close: 1 at midnight"
        ),
        _spec(
            "week_sin",
            "sine",
            -1,
            1,
            "candles",
            "time of week (UTC) of the close: 1 at Tuesday 18:00",
        ),
        _spec(
            "week_cos",
            "cosine",
            -1,
            1,
            "candles",
            "time of week (UTC) of the close: 1 at Monday midnight",
        ),
    ),
    _time_of_day,
)
