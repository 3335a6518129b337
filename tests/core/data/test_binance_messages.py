import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.binance_messages import (
    Acknowledgement,
    MarkPrice,
    ServerShutdown,
    parse_kline,
    parse_kline_mapping,
    parse_kline_row,
    parse_kline_rows,
    parse_stream_frame,
    stream_name,
)
from core.data.errors import MalformedMessageError
from core.model.candles import Candle, CandleUpdate
from core.model.intervals import Interval

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
    '{"e":"forceOrder","E":1568014460893,"o":{"s":"BTCUSDT","S":"SELL","p":"9910"}}',
    '{"e":"continuous_kline","E":1607443058651,"ps":"BTCUSDT","ct":"PERPETUAL","k":{"t":1}}',
    '{"stream":"btcusdt@trade","data":{"e":"trade","E":1723161256322,"t":5266583935,"m":false}}',
    '{"stream":"!ticker@arr","data":[{"e":"24hrTicker","E":1653812100450,"s":"ETHBTC"}]}',
    '{"stream":"!markPrice@arr@1s","data":[]}',
]


def kline(**changes: object) -> dict[str, object]:
    return json.loads(KLINE)["data"]["k"] | changes


def frame(*, E: object = 1785048540333, **changes: object) -> str:  # noqa: N803 - Binance's name
    return json.dumps({"e": "kline", "E": E, "s": "BTCUSDT", "k": kline(**changes)})


def combined(event: str, name: str = "btcusdt@kline_1m") -> str:
    return f'{{"stream":"{name}","data":{event}}}'


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
        (frame(x="true"), "shape"),
        (frame(x=1), "shape"),
        (frame(t="1785048480000"), "shape"),
        (frame(t=1785048480000.5), "shape"),
        (frame(t=True), "shape"),
        (frame(n="235"), "shape"),
        (frame(E="1785048540333"), "shape"),
        (frame(E=1785048540333_000), "time"),
        (frame(n=-1), "shape"),
        (frame(n=2**70), "shape"),
        (frame(c="abc"), "number"),
        (frame(c=None), "number"),
        (frame(c="1e999"), "number"),
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
        (MARK_PRICE.replace('"p":"64346.70000000"', '"p":"0"'), "number"),
    ],
)
def test_malformed_frames_are_named_by_kind(payload, kind):
    with pytest.raises(MalformedMessageError) as caught:
        parse_stream_frame(payload)
    assert caught.value.kind == kind


@pytest.mark.parametrize(
    "change", [{"x": "true"}, {"t": "1"}, {"c": "NaN"}, {"i": "7m"}, {"h": "1"}]
)
def test_a_combined_frame_is_refused_like_a_raw_one(change):
    kinds = set()
    for payload in (frame(**change), combined(frame(**change)), combined(frame(**change)).encode()):
        with pytest.raises(MalformedMessageError) as caught:
            parse_stream_frame(payload)
        kinds.add(caught.value.kind)
    assert len(kinds) == 1


def test_order_of_keys_and_spaces_do_not_matter():
    whole = json.loads(KLINE)
    backwards = {"data": dict(reversed(whole["data"].items())), "more": [1], **whole}
    assert parse_stream_frame(json.dumps(backwards, indent=3)) == parse_stream_frame(KLINE)


def test_a_number_that_is_not_text_is_the_same_number():
    bare = frame(c=64346.7, n=235.0)
    assert parse_stream_frame(bare) == parse_stream_frame(KLINE)


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        (KLINE, "btcusdt@kline_1m"),
        (KLINE.encode(), "btcusdt@kline_1m"),
        ('{"stream":"币安人生usdt@kline_1m","data":{}}'.encode(), "币安人生usdt@kline_1m"),
        (b'{"stream":"\\u5e01usdt@kline_1m","data":{}}', "币usdt@kline_1m"),
        (b'{ "data": {}, "stream": "!markPrice@arr@1s" }', "!markPrice@arr@1s"),
        (b'{"result":null,"id":1}', None),
        (b'{"stream":"', None),
        (b'{"stream":7}', None),
        (b"\xff", None),
        ("\ud800", None),
    ],
)
def test_the_stream_of_a_frame_is_told_without_parsing_it(payload, name):
    assert stream_name(payload) == name


symbols = st.text("ABCXYZ0189_币", min_size=1, max_size=12)
prices = st.integers(1, 10**12).map(lambda cents: cents / 100)
volumes = st.integers(0, 10**12).map(lambda thousandths: thousandths / 1000)


@given(
    symbols,
    st.sampled_from(list(Interval)),
    st.lists(prices, min_size=4, max_size=4).map(sorted),
    st.lists(volumes, min_size=4, max_size=4).map(sorted),
    st.booleans(),
    st.integers(1_440, 30_000_000),
)
def test_a_candle_survives_the_journey_through_a_frame(
    symbol, interval, four, flow, closed, minute
):
    low, opening, close, high = four
    candle = Candle(
        interval.open_time_ms(minute * 60_000),
        opening,
        high,
        low,
        close,
        flow[3],
        flow[2],
        minute,
        flow[1],
        flow[0],
    )
    event_ms = candle.open_time_ms + 250
    k = {
        "t": candle.open_time_ms,
        "s": symbol,
        "i": interval.value,
        "n": candle.trades,
        "x": closed,
        **{
            key: repr(getattr(candle, name))
            for key, name in {
                "o": "open",
                "h": "high",
                "l": "low",
                "c": "close",
                "v": "volume",
                "q": "quote_volume",
                "V": "taker_buy_volume",
                "Q": "taker_buy_quote_volume",
            }.items()
        },
    }
    event = json.dumps({"e": "kline", "E": event_ms, "s": symbol, "k": k})
    assert parse_stream_frame(combined(event).encode()) == CandleUpdate(
        symbol, interval, candle, closed, event_ms
    )


def test_the_kline_mapping_is_handed_on_as_received():
    mapping = parse_kline_mapping(KLINE)
    assert mapping == kline()
    assert parse_kline(kline(), 1785048540333) == parse_stream_frame(KLINE)


@pytest.mark.parametrize("change", [{"c": "NaN"}, {"x": 1}, {"x": "true"}, {"t": "1"}, {"h": "1"}])
def test_the_kline_mapping_is_checked_before_it_is_handed_on(change):
    with pytest.raises(MalformedMessageError):
        parse_kline_mapping(frame(**change))


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


@given(st.binary(max_size=60) | st.text(max_size=60))
def test_any_bytes_are_a_message_or_malformed(payload):
    stream_name(payload)
    try:
        parse_stream_frame(payload)
    except MalformedMessageError as error:
        assert error.kind  # noqa: PT017 - either outcome is right


@given(st.data())
def test_any_damage_to_a_frame_is_a_message_or_malformed(data):
    whole = data.draw(st.sampled_from([KLINE, MARK_PRICE, combined(f"[{MARK_PRICE}]")])).encode()
    start = data.draw(st.integers(0, len(whole)))
    damage = data.draw(st.binary(max_size=12))
    payload = whole[:start] + damage + whole[start + data.draw(st.integers(0, 30)) :]
    stream_name(payload)
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
