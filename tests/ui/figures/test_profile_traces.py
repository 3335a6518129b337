import numpy as np
import pytest

from core.model.shapes import Profile
from tests.builders import random_walk
from tests.ui.figures.shapes_by_hand import profile
from ui.figures.profile_traces import profile_axis, profile_levels, profile_traces
from ui.theme import DARK

CANDLES = random_walk(40)


def test_what_was_bought_and_sold_adds_up_to_the_volume_of_a_bucket():
    made = profile(CANDLES, bought=0.25)
    bought, sold = profile_traces(made, DARK)
    assert sold["base"] == bought["x"]
    total = np.array(bought["x"]) + np.array(sold["x"])
    assert total == pytest.approx(made.volume)
    assert bought["y"] == pytest.approx(made.price + made.width / 2)


def test_where_takers_are_not_known_the_volume_is_drawn_in_one_colour():
    (whole,) = profile_traces(profile(CANDLES, bought=np.nan), DARK)
    assert whole["x"] == pytest.approx(profile(CANDLES).volume)


def test_buckets_outside_of_the_value_area_are_fainter():
    colours = profile_traces(profile(CANDLES), DARK)[0]["marker"]["color"]
    assert colours[0] != colours[4]
    assert colours[3] == colours[4]


def test_bars_grow_from_the_right_edge_and_leave_the_candles_room():
    axis = profile_axis(profile(CANDLES))
    assert axis["range"][1] == 0.0
    assert axis["range"][0] >= 4 * profile(CANDLES).volume.max()


def test_the_point_of_control_and_the_value_area_are_lines():
    made = profile(CANDLES)
    assert [line["y0"] for line in profile_levels(made, DARK)] == [
        made.point_of_control,
        made.value_low,
        made.value_high,
    ]


def test_a_profile_of_nothing_draws_nothing():
    nan, none = float("nan"), np.empty(0)
    empty = Profile("Profile", 0, 0, nan, none, none.copy(), none.copy(), nan, nan, nan)
    assert profile_traces(empty, DARK) == []
    assert profile_levels(empty, DARK) == []
