"""When a setup is said to form."""

import pytest

from core.signals.setup import setup_forming


@pytest.mark.parametrize(
    ("score", "forms"),
    [(0.33, False), (0.34, True), (0.399, True), (0.4, False), (-0.35, True), (-0.4, False)],
)
def test_a_setup_forms_close_below_the_threshold_on_either_side(score, forms):
    assert setup_forming(score, 0.4) is forms
