import numpy as np

from core.indicators.first_passage import first_above

VALUES = np.array([3.0, 4.0, 2.0, 5.0, 1.0, 6.0])


def rows(*values):
    return np.array(values, dtype=np.intp)


def test_a_level_is_passed_only_beyond_it():
    assert first_above(VALUES, rows(0, 0), np.array([3.0, 4.0]), 6).tolist() == [1, 3]


def test_the_horizon_ends_before_its_last_row():
    assert first_above(VALUES, rows(0, 0), np.array([4.0, 4.5]), 4).tolist() == [3, 3]
    assert first_above(VALUES, rows(0), np.array([4.0]), 3).tolist() == [-1]


def test_what_lies_beyond_the_end_has_not_happened():
    assert first_above(VALUES, rows(5, 6, 99), np.array([6.0, 0.0, 0.0]), 50).tolist() == [-1] * 3


def test_no_levels_and_no_values_give_no_rows():
    nothing = np.empty(0)
    assert first_above(VALUES, rows(), nothing, 3).size == 0
    assert first_above(nothing, rows(0), np.array([1.0]), 3).tolist() == [-1]
