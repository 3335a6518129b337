import math

import pytest

from core.model.intervals import Interval
from core.signals.feature_groups.alignment import ALIGNMENT
from tests.core.signals.shapes import line, ribbon, seen

STATES = ("down", "mixed", "up")


def alignment(codes):
    """Of a market whose timeframes end in these codes."""
    rows = [ribbon(i.value, STATES, [code] * 300, 0.5) for i, code in codes.items()]
    return ALIGNMENT.compute(seen({"timeframe_alignment": (*rows, line("Alignment", 0.3))}))


@pytest.mark.parametrize(("code", "vote"), [(0, -0.5), (1, 0.0), (2, 0.5), (-1, math.nan)])
def test_a_timeframe_votes_with_its_strength(code, vote):
    found = alignment(dict.fromkeys(Interval, code))
    assert found["alignment_4h"] == pytest.approx(vote, nan_ok=True)
    assert found["alignment_score"] == 0.3


def test_a_score_of_fewer_timeframes_is_no_score():
    found = alignment(dict.fromkeys(list(Interval)[:5], 2))
    assert math.isnan(found["alignment_score"])
    assert math.isnan(found["alignment_1d"])
    assert found["alignment_1m"] == 0.5
