import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.binance_messages import parse_stream_frame
from core.data.errors import MalformedMessageError
from core.data.market_events import AggTrade, BookTop, DepthUpdate, MarkPrice, MarkPrices

# Captured on the wire (PROTOCOLS A4).
AGG_TRADE = {
    "e": "aggTrade",
    "E": 1785048482872,
    "a": 300238285,
    "s": "BTCUSDT",
    "p": "64346.70",
    "q": "0.0200",
    "nq": "0.0200",
    "f": 521512568,
    "l": 521512570,
    "T": 1785048482718,
    "m": False,
    "st": 1,
}
BOOK = {
    "e": "bookTicker",
    "u": 359220650272,
    "s": "BTCUSDT",
    "ps": "BTCUSDT",
    "b": "64336.00",
    "B": "73.3346",
    "a": "64346.70",
    "A": "589.8026",
    "T": 1785048483771,
    "E": 1785048483771,
    "st": 1,
}
DEPTH = {
    "e": "depthUpdate",
    "E": 1785048482829,
    "T": 1785048482718,
    "s": "BTCUSDT",
    "ps": "BTCUSDT",
    "U": 359220619477,
    "u": 359220619479,
    "pu": 359220613550,
    "b": [],
    "a": [["64346.70", "589.8041"], ["64347.00", "0"]],
    "st": 1,
}
MARK = {
    "e": "markPriceUpdate",
    "E": 1785048483000,
    "s": "BTCUSDT",
    "p": "64346.70000000",
    "ap": "64346.70000000",
    "P": "64335.31235580",
    "i": "64399.61608696",
    "r": "0.00005301",
    "T": 1785052800000,
    "st": 1,
}


def parsed(event: object) -> object:
    """Parse an event raw and combined, as text and as bytes; all must agree."""
    text = json.dumps(event)
    whole = f'{{"stream":"any","data":{text}}}'
    answers = [parse_stream_frame(whole), parse_stream_frame(whole.encode())]
    if isinstance(event, dict):
        answers.append(parse_stream_frame(text))
    assert all(answer == answers[0] for answer in answers)
    return answers[0]


def fault(event: object) -> str:
    with pytest.raises(MalformedMessageError) as caught:
        parsed(event)
    return caught.value.kind


def test_a_captured_aggregate_trade_tells_who_was_the_taker():
    trade = parsed(AGG_TRADE)
    assert trade == AggTrade(
        "BTCUSDT", 300238285, 64346.7, 0.02, 3, True, 1785048482718, 1785048482872
    )
    assert not parsed(AGG_TRADE | {"m": True}).taker_buys


def test_a_captured_book_ticker_becomes_the_top_of_the_book():
    assert parsed(BOOK) == BookTop(
        "BTCUSDT", 359220650272, 64336.0, 73.3346, 64346.7, 589.8026, 1785048483771
    )


def test_a_book_without_bids_has_a_top():
    empty = parsed(BOOK | {"b": "0.00", "B": "0"})
    assert isinstance(empty, BookTop)
    assert (empty.bid, empty.ask) == (0.0, 64346.7)


def test_a_captured_depth_update_keeps_its_chain_and_its_levels():
    assert parsed(DEPTH) == DepthUpdate(
        "BTCUSDT",
        359220619477,
        359220619479,
        359220613550,
        (),
        ((64346.7, 589.8041), (64347.0, 0.0)),
        1785048482829,
    )


def test_an_array_of_mark_prices_leaves_out_other_markets_and_symbols_without_a_price():
    coin = MARK | {"s": "BTCUSD_PERP", "st": 2}
    new = MARK | {"s": "NEWUSDT", "p": "0.00000000"}
    delivery = MARK | {"s": "BTCUSDT_260925", "r": "", "T": 0, "E": MARK["E"] + 1}
    found = parsed([MARK, coin, new, delivery])
    assert isinstance(found, MarkPrices)
    assert [mark.symbol for mark in found.marks] == ["BTCUSDT", "BTCUSDT_260925"]
    assert found.marks[0] == parsed(MARK)
    assert (found.marks[1].funding_rate, found.marks[1].next_funding_ms) == (None, 0)
    assert found.event_time_ms == MARK["E"] + 1
    assert parsed([coin]) is None


def test_a_mark_without_an_index_price_takes_its_own():
    for change in ({"i": ""}, {"i": "0.00000000"}):
        mark = parsed(MARK | change)
        assert isinstance(mark, MarkPrice)
        assert mark.index_price == mark.price


@pytest.mark.parametrize(
    ("event", "change", "kind"),
    [
        (AGG_TRADE, {"p": "0"}, "number"),
        (AGG_TRADE, {"p": "NaN"}, "number"),
        (AGG_TRADE, {"q": "-1"}, "number"),
        (AGG_TRADE, {"q": "Infinity"}, "number"),
        (AGG_TRADE, {"q": "much"}, "number"),
        (AGG_TRADE, {"m": 1}, "shape"),
        (AGG_TRADE, {"m": "false"}, "shape"),
        (AGG_TRADE, {"a": "300238285"}, "shape"),
        (AGG_TRADE, {"f": None}, "shape"),
        (AGG_TRADE, {"a": -1}, "id"),
        (AGG_TRADE, {"a": 2**63}, "id"),
        (AGG_TRADE, {"l": 521512567}, "id"),
        (AGG_TRADE, {"l": 2**62}, "id"),
        (AGG_TRADE, {"T": 1785048482718_000}, "time"),
        (AGG_TRADE, {"E": 0}, "time"),
        (AGG_TRADE, {"E": "1785048482872"}, "shape"),
        (BOOK, {"b": "64346.70"}, "book"),
        (BOOK, {"a": "1"}, "book"),
        (BOOK, {"b": "-1"}, "number"),
        (BOOK, {"B": "NaN"}, "number"),
        (BOOK, {"A": "-0.1"}, "number"),
        (BOOK, {"u": 1.5}, "shape"),
        (BOOK, {"u": 2**64}, "id"),
        (DEPTH, {"u": 359220619476}, "id"),
        (DEPTH, {"pu": 359220619480}, "id"),
        (DEPTH, {"U": -1}, "id"),
        (DEPTH, {"a": [["64346.70"]]}, "shape"),
        (DEPTH, {"a": [["64346.70", "1", "2"]]}, "shape"),
        (DEPTH, {"b": [["0", "1"]]}, "number"),
        (DEPTH, {"b": [["1", "-1"]]}, "number"),
        (DEPTH, {"b": [["1", "nan"]]}, "number"),
        (DEPTH, {"b": None}, "shape"),
        (MARK, {"p": "0"}, "number"),
        (MARK, {"p": "inf"}, "number"),
        (MARK, {"i": "nan"}, "number"),
        (MARK, {"r": "x"}, "number"),
        (MARK, {"T": -1}, "time"),
        (MARK, {"T": 1785052800000_000}, "time"),
        (MARK, {"s": 7}, "shape"),
    ],
)
def test_impossible_values_are_refused_by_kind(event, change, kind):
    assert fault(event | change) == kind


@pytest.mark.parametrize("missing", ["E", "a", "s", "p", "q", "f", "l", "T", "m"])
def test_no_field_of_a_trade_may_be_missing(missing):
    assert fault({key: value for key, value in AGG_TRADE.items() if key != missing}) == "shape"


def test_one_malformed_mark_spoils_the_array():
    assert fault([MARK, MARK | {"p": "-1"}]) == "number"
    assert fault([MARK, MARK | {"E": "now"}]) == "shape"
    assert fault([MARK, 7]) == "shape"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@given(st.sampled_from([AGG_TRADE, BOOK, DEPTH, MARK]), st.data())
def test_any_value_in_any_field_is_an_event_or_malformed(event, data):
    name = data.draw(st.sampled_from(sorted(event.keys() - {"e"})))
    try:
        found = parsed(event | {name: data.draw(anything)})
    except MalformedMessageError as error:
        assert error.kind in {"json", "shape", "number", "time", "id", "book"}  # noqa: PT017
    else:
        assert isinstance(found, AggTrade | BookTop | DepthUpdate | MarkPrice)


levels = st.lists(
    st.tuples(st.integers(1, 10**9), st.integers(0, 10**9)).map(lambda two: (two[0] / 100, two[1])),
    max_size=5,
)


@given(st.integers(0, 2**62), st.integers(0, 2**20), levels, levels)
def test_a_depth_update_survives_the_journey(first, more, bids, asks):
    sides = {"b": bids, "a": asks}
    text = {key: [[str(p), str(q)] for p, q in side] for key, side in sides.items()}
    found = parsed(DEPTH | text | {"U": first, "u": first + more, "pu": max(0, first - 1)})
    assert isinstance(found, DepthUpdate)
    assert (found.first_id, found.last_id) == (first, first + more)
    assert (list(found.bids), list(found.asks)) == (bids, asks)
