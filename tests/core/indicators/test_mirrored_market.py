import numpy as np

from core.indicators.mirrored_market import PriceRows, mirrored

BAR = np.array([7, 8, 9])
HIGH, LOW, CLOSE = np.array([3.0, 5.0, 4.0]), np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 3.0])


def test_the_second_half_is_the_market_upside_down():
    rows = mirrored(PriceRows(BAR, HIGH, LOW, CLOSE, np.ones(3)))
    assert rows.price.tolist() == [3.0, 5.0, 4.0, -1.0, -2.0, -3.0]
    assert rows.own_rows(np.arange(6)).tolist() == [0, 1, 2, 0, 1, 2]
    assert rows.closes(np.arange(6)).tolist() == [2.0, 4.0, 3.0, -2.0, -4.0, -3.0]


def test_the_halves_meet_at_a_hole_in_time():
    rows = mirrored(PriceRows(BAR, HIGH, LOW, CLOSE, np.ones(3)))
    assert rows.hole_rows().tolist() == [3]
    parted = mirrored(PriceRows(np.array([7, 9, 10]), HIGH, LOW, CLOSE, np.ones(3)))
    assert parted.hole_rows().tolist() == [1, 3, 4]


def test_an_empty_market_has_empty_halves():
    nothing = np.empty(0)
    rows = mirrored(PriceRows(BAR[:0], nothing, nothing, nothing, nothing))
    assert rows.price.size == 0
