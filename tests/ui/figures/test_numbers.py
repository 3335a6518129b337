import pytest

from tests.builders import instrument
from ui.figures.numbers import decimals_of, number, typeset

THIN = "\u2009"


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "text"),
    [
        (64120.5, 1, False, f"64{THIN}120.5"),
        (-3.456, 2, False, "\u22123.46"),
        (3.456, 2, True, "+3.46"),
        (-0.0001, 2, True, "0.00"),
        (0.0, 0, True, "0"),
        (None, 2, False, "\u2013"),
    ],
)
def test_numbers_are_written_for_people(value, decimals, signed, text):
    assert number(value, decimals, signed=signed) == text


@pytest.mark.parametrize(
    ("tick", "decimals"), [("0.10", 1), ("0.0001", 4), ("5", 0), ("10", 0), ("1e-7", 7)]
)
def test_decimals_come_from_the_tick(tick, decimals):
    assert decimals_of(instrument(tick=tick), 100.0) == decimals


@pytest.mark.parametrize(
    ("price", "decimals"), [(64_000.0, 1), (150.0, 2), (2.5, 4), (0.002, 6), (None, 1)]
)
def test_without_an_instrument_the_price_tells_how_many_decimals_make_sense(price, decimals):
    assert decimals_of(None, price) == decimals


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("alignment -0.30: 1 up", "alignment \u22120.30: 1 up"),
        ("(-3) 2026-11-21 15-20 sk-12 a1,234", f"(\u22123) 2026-11-21 15-20 sk-12 a1{THIN}234"),
        ("15,321,000.5 frames, 3,12", f"15{THIN}321{THIN}000.5 frames, 3,12"),
    ],
)
def test_numbers_in_words_are_written_for_people(said, text):
    assert typeset(said) == text
