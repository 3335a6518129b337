from tests import builders
from ui.shell.symbols import FOLLOWED, LISTED, listed_symbols, symbol_options


def listed(*symbols):
    return {symbol: builders.instrument(symbol) for symbol in symbols}


def test_what_is_followed_comes_first_and_all_others_after():
    options = symbol_options(("SOLUSDT", "BTCUSDT"), listed("ADAUSDT", "BTCUSDT", "AXSUSDT"))
    assert options == [
        {"group": FOLLOWED, "items": ["SOLUSDT", "BTCUSDT"]},
        {"group": LISTED, "items": ["ADAUSDT", "AXSUSDT"]},
    ]


def test_before_the_exchange_was_asked_there_is_what_is_followed():
    assert symbol_options(("BTCUSDT",), {}) == [{"group": FOLLOWED, "items": ["BTCUSDT"]}]


def test_what_is_shown_stays_an_option_though_it_is_gone():
    (group,) = symbol_options(("BTCUSDT",), {}, "LUNAUSDT")
    assert group["items"] == ["BTCUSDT", "LUNAUSDT"]


def test_what_no_longer_trades_is_not_offered():
    gone = builders.instrument("LUNAUSDT", status="SETTLING")
    assert listed_symbols({"LUNAUSDT": gone, **listed("ADAUSDT")}) == ["ADAUSDT"]
