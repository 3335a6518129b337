from datetime import UTC, datetime

import pytest

from core.model.intervals import MINUTE_MS
from core.signals.feature_groups.time_of_day import TIME_OF_DAY
from tests.builders import candles
from tests.core.signals.shapes import seen

FIELDS = ("day_sin", "day_cos", "week_sin", "week_cos")


def time_of(closed):
    start_ms = int(closed.timestamp() * 1000) - MINUTE_MS
    found = TIME_OF_DAY.compute(seen({}, candles([1.0], start_ms=start_ms)))
    return [found[name] for name in FIELDS]


@pytest.mark.parametrize(
    ("closed", "sine_and_cosine"),
    [
        (datetime(2024, 1, 1, tzinfo=UTC), (0.0, 1.0, 0.0, 1.0)),  # a Monday
        (datetime(2024, 1, 2, 18, tzinfo=UTC), (-1.0, 0.0, 1.0, 0.0)),
        (datetime(2024, 1, 4, 12, tzinfo=UTC), (0.0, -1.0, 0.0, -1.0)),
    ],
)
def test_day_and_week_are_circles(closed, sine_and_cosine):
    assert time_of(closed) == pytest.approx(sine_and_cosine, abs=1e-12)


def test_nothing_tells_one_week_from_another():
    weeks = [time_of(datetime(2024, 3, day, 9, 41, tzinfo=UTC)) for day in (5, 12)]
    assert weeks[0] == weeks[1]
