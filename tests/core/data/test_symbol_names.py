import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.symbol_names import nearest_symbols

LISTED = (
    "BTCUSDT",
    "ETHUSDT",
    "LTCUSDT",
    "BTCUSDC",
    "SOLUSDT",
    "DOGEUSDT",
    "OGUSDT",
    "PEOPLEUSDT",
    "1000PEPEUSDT",
    "1MBABYDOGEUSDT",
    "1INCHUSDT",
    "币安人生USDT",
)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("BTCUSD", "BTCUSDT"),
        ("XBTUSDT", "BTCUSDT"),
        ("XBTUSD", "BTCUSDT"),
        ("PEPEUSDT", "1000PEPEUSDT"),
        ("BABYDOGEUSDT", "1MBABYDOGEUSDT"),
        ("BTC", "BTCUSDT"),
        ("BTC-USDT", "BTCUSDT"),
        ("ETHUSD_PERP", "ETHUSDT"),
        ("SOLUSDT.P", "SOLUSDT"),
        ("BTCUDST", "BTCUSDT"),
        ("DOGUSDT", "DOGEUSDT"),
        ("1INCHUSD", "1INCHUSDT"),
        ("币安人生", "币安人生USDT"),
    ],
)
def test_the_likeliest_symbol_is_named_first(written, meant):
    assert nearest_symbols(written, LISTED)[0] == meant


@pytest.mark.parametrize("written", ["XYZ", "QQQQQQQQ", ""])
def test_for_a_name_like_no_other_nothing_is_named(written):
    assert nearest_symbols(written, LISTED) == ()


@given(st.text(max_size=12))
def test_whatever_is_written_at_most_three_listed_ones_are_named(written):
    found = nearest_symbols(written, LISTED)
    assert len(found) == len(set(found)) <= 3
    assert set(found) <= set(LISTED)


@given(st.sampled_from(LISTED))
def test_a_listed_name_is_nearest_to_itself(symbol):
    assert nearest_symbols(symbol, LISTED)[0] == symbol
