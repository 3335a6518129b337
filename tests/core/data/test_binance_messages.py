import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.config import REPOSITORY
from core.data.binance_messages import (
    Acknowledgement,
    MarkPrice,
    ServerShutdown,
    parse_instruments,
    parse_kline,
    parse_kline_mapping,
    parse_kline_row,
    parse_kline_rows,
    parse_market_label,
    parse_stream_frame,
)
from core.data.errors import MalformedMessageError
from core.model.candles import CandleUpdate
from core.model.intervals import Interval

SHARED = REPOSITORY.parent / "shared" / "data"
# Captured on the wire (PROTOCOLS A4).
KLINE = (
    '{"stream":"btcusdt@kline_1m","data":{"e":"kline","E":1785048540333,"s":"BTCUSDT","k":{'
    '"t":1785048480000, "T":1785048539999, "s":"BTCUSDT", "i":"1m", "f":521512559, '
    '"L":521512793, "o":"64346.70", "c":"64346.70", "h":"64346.70", "l":"64336.00", '
    '"v":"24.8783", "n":235, "x":true, "q":"1600832.457590", "V":"24.4997", '
    '"Q":"1576474.845990", "B":"0"}}}'
)
MARK_PRICE = (
    '{"e":"markPriceUpdate","E":1785048483000,"s":"BTCUSDT","p":"64346.70000000",'
    '"ap":"64346.70000000","P":"64335.31235580","i":"64399.61608696","r":"0.00005301",'
    '"T":1785052800000,"st":1}'
)
NOT_OURS = [
    '{"e":"aggTrade","E":1785048482872,"a":300238285,"s":"BTCUSDT","p":"64346.70","q":"0.0200",'
    '"nq":"0.0200","f":521512568,"l":521512568,"T":1785048482718,"m":false,"st":1}',
    '{"e":"bookTicker","u":359220650272,"s":"BTCUSDT","ps":"BTCUSDT","b":"64336.00",'
    '"B":"73.3346","a":"64346.70","A":"589.8026","T":1785048483771,"E":1785048483771,"st":1}',
    '{"e":"depthUpdate","E":1785048482829,"T":1785048482718,"s":"BTCUSDT","ps":"BTCUSDT",'
    '"U":359220619477,"u":359220619477,"pu":359220613550,"b":[],"a":[["64346.70","589.8041"]],'
    '"st":1}',
    '{"e":"forceOrder","E":1568014460893,"o":{"s":"BTCUSDT","S":"SELL","p":"9910"}}',
    '{"stream":"!markPrice@arr@1s","data":[{"e":"markPriceUpdate","E":1,"s":"A","p":"1"}]}',
]


def kline(**changes: object) -> dict[str, object]:
    return json.loads(KLINE)["data"]["k"] | changes


def frame(**changes: object) -> str:
    return json.dumps({"e": "kline", "E": 1785048540333, "s": "BTCUSDT", "k": kline(**changes)})


def test_a_captured_kline_becomes_a_closed_candle():
    update = parse_stream_frame(KLINE)
    assert isinstance(update, CandleUpdate)
    assert (update.symbol, update.interval, update.closed) == ("BTCUSDT", Interval.M1, True)
    assert update.event_time_ms == 1785048540333
    assert (update.candle.low, update.candle.close) == (64336.0, 64346.7)
    assert (update.candle.trades, update.candle.taker_buy_volume) == (235, 24.4997)
    assert parse_stream_frame(KLINE.encode()) == update


def test_a_captured_mark_price_parses_raw_and_combined():
    price = parse_stream_frame(MARK_PRICE)
    assert isinstance(price, MarkPrice)
    assert (price.price, price.funding_rate) == (64346.7, 0.00005301)
    combined = f'{{"stream":"btcusdt@markPrice@1s","data":{MARK_PRICE}}}'
    assert parse_stream_frame(combined) == price
    without_rate = parse_stream_frame(MARK_PRICE.replace("0.00005301", ""))
    assert isinstance(without_rate, MarkPrice)
    assert without_rate.funding_rate is None


@pytest.mark.parametrize("payload", NOT_OURS)
def test_events_that_were_not_asked_for_are_nothing(payload):
    assert parse_stream_frame(payload) is None


@pytest.mark.parametrize(
    ("payload", "answer"),
    [
        ('{"result":null,"id":1}', Acknowledgement(1)),
        ('{"result":["btcusdt@kline_1m"],"id":"a-b"}', Acknowledgement("a-b")),
        (
            '{"error":{"code":2,"msg":"Invalid request: invalid stream"},"id":null}',
            Acknowledgement(None, "2 Invalid request: invalid stream"),
        ),
        ('{"code":3,"msg":"Invalid JSON"}', Acknowledgement(None, "3 Invalid JSON")),
        ('{"e":"serverShutdown","E":1770123456789}', ServerShutdown(1770123456789)),
        (
            '{"stream":"!serverShutdown","data":{"e":"serverShutdown","E":1770123456789}}',
            ServerShutdown(1770123456789),
        ),
        ('{"event":{"e":"serverShutdown","E":1770123456789}}', ServerShutdown(1770123456789)),
    ],
)
def test_what_the_server_says_of_the_connection_is_recognised(payload, answer):
    assert parse_stream_frame(payload) == answer
    assert parse_kline_mapping(payload) == answer


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        ("", "json"),
        ("not json", "json"),
        (KLINE[:80], "json"),
        (b"\xff\xfe", "json"),
        ('{"data":' + "[" * 100_000, "json"),
        ("[]", "shape"),
        ("{}", "unknown"),
        ('{"e":"kline","E":1785048540333}', "shape"),
        (frame(o=1.5), "shape"),
        (frame(x="true"), "shape"),
        (frame(n=-1), "shape"),
        (frame(n=2**70), "shape"),
        (frame(c="abc"), "number"),
        (frame(c="NaN"), "number"),
        (frame(h="Infinity"), "number"),
        (frame(o="-1"), "candle"),
        (frame(v="-1"), "candle"),
        (frame(V="25"), "candle"),
        (frame(h="1"), "candle"),
        (frame(i="7m"), "interval"),
        (frame(t=1785048480001), "time"),
        (frame(t=1785048480000_000), "time"),
        (frame(t=-60000), "time"),
        (frame(t=1785048480000 + 3_600_000), "time"),
        (MARK_PRICE.replace('"p":"64346.70000000"', '"p":"0"'), "number"),
    ],
)
def test_malformed_frames_are_named_by_kind(payload, kind):
    with pytest.raises(MalformedMessageError) as caught:
        parse_stream_frame(payload)
    assert caught.value.kind == kind


def test_the_kline_mapping_is_handed_on_as_received():
    mapping = parse_kline_mapping(KLINE)
    assert mapping == kline()
    assert parse_kline(kline(), 1785048540333) == parse_stream_frame(KLINE)


def test_the_kline_mapping_is_checked_before_it_is_handed_on():
    with pytest.raises(MalformedMessageError):
        parse_kline_mapping(frame(c="NaN"))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)


@given(st.sampled_from(sorted(kline())), json_values)
def test_any_value_in_any_field_is_a_candle_or_malformed(name, value):
    try:
        update = parse_stream_frame(frame(**{name: value}))
    except MalformedMessageError:
        return
    assert isinstance(update, CandleUpdate)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_malformed(payload):
    try:
        parse_stream_frame(payload)
    except MalformedMessageError as error:
        assert error.kind  # noqa: PT017 - either outcome is right


ROW = [1785048480000, "10", "12", "9", "11", "5", 1785048539999, "55", 7, "2", "22", "0"]


def test_a_rest_row_becomes_a_candle():
    candle = parse_kline_row(Interval.M1, ROW)
    assert (candle.open, candle.high, candle.low, candle.close) == (10, 12, 9, 11)
    assert (candle.volume, candle.quote_volume, candle.trades) == (5, 55, 7)
    assert (candle.taker_buy_volume, candle.taker_buy_quote_volume) == (2, 22)


@pytest.mark.parametrize("row", [None, {}, [], ROW[:8], ["x", *ROW[1:]], [ROW[0] + 1, *ROW[1:]]])
def test_one_bad_row_spoils_the_rows(row):
    with pytest.raises(MalformedMessageError):
        parse_kline_rows("BTCUSDT", Interval.M1, [ROW, row])


def test_instruments_without_usable_rules_are_left_out():
    filters = [
        {"filterType": "PRICE_FILTER", "tickSize": "0.10"},
        {"filterType": "LOT_SIZE", "stepSize": "0.001"},
        {"filterType": "MIN_NOTIONAL", "notional": "50"},
    ]
    info = {
        "simulator": "SIMULATED",
        "symbols": [
            {"symbol": "BTCUSDT", "status": "TRADING", "filters": filters, "new": 1},
            {"symbol": "HALF", "filters": filters[:1]},
            {"symbol": "ODD", "filters": [{"filterType": 3}]},
            7,
        ],
    }
    found = parse_instruments(info)
    assert list(found) == ["BTCUSDT"]
    assert (found["BTCUSDT"].tick_size, found["BTCUSDT"].min_notional) == (0.1, 50.0)
    assert parse_market_label(info) == "SIMULATED"
    assert parse_market_label({"symbols": []}) is None
    with pytest.raises(MalformedMessageError):
        parse_instruments({"msg": "no"})


def test_every_frame_of_a_recorded_session_parses():
    path = SHARED / "ws_raw" / "cryptofeed_BINANCE_FUTURES.ws.1.0.txt.gz"
    if not path.exists():
        pytest.skip(f"no recorded session at {path}")
    with gzip.open(path, "rt") as file:
        payloads = [line.split(": ", 1)[1] for line in file if ': {"stream"' in line]
    parsed = [parse_stream_frame(payload) for payload in payloads]
    assert len(payloads) == 1535
    assert sum(isinstance(message, CandleUpdate) for message in parsed) == 67
    assert sum(message is None for message in parsed) == len(payloads) - 67


def test_the_recorded_exchange_info_gives_the_rules_of_btcusdt():
    path = SHARED / "rest_raw" / "fapi_exchangeInfo_20251207.json.gz"
    if not path.exists():
        pytest.skip(f"no recorded exchangeInfo at {path}")
    found = parse_instruments(json.loads(gzip.decompress(path.read_bytes())))
    assert len(found) > 400
    assert found["BTCUSDT"].tick_size == 0.1
