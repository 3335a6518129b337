"""A line of a recording gives back the frame, whatever bytes that is made of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.recording.lines import (
    Frame,
    Header,
    LineError,
    LineFault,
    RestAnswer,
    frame_line,
    parse_answer,
    parse_line,
)

NOW_NS = 1_795_244_373_410_396_242
HEADER = Header("market", NOW_NS, "http://a:1", "ws://a:1", ("BTCUSDT",), ("btcusdt@kline_1m",))


@given(st.binary(min_size=1).filter(lambda payload: payload.strip()))
def test_any_frame_comes_back_byte_for_byte(payload):
    line = frame_line(NOW_NS, payload)
    assert line.count(b"\n") == 1
    assert parse_line(line[:-1], "market") == Frame("market", NOW_NS, payload)


def test_a_frame_is_written_as_hftbacktest_writes_it():
    assert frame_line(NOW_NS, b'{"a":1}') == b'1795244373410396242 {"a":1}\n'


def test_cryptofeeds_seconds_are_read_without_loss():
    frame = parse_line(b'1626992741.06217: {"stream":"x","data":{}}')
    assert frame.received_ns == 1_626_992_741_062_170_000
    assert frame.payload == b'{"stream":"x","data":{}}'


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b'{"stream":"x"}', LineFault.NO_TIME),
        (b"12 {}", LineFault.NO_TIME),
        (b"-1795244373410396242 {}", LineFault.NO_TIME),
        (b"nan: {}", LineFault.NO_TIME),
        (b"1795244373410396242 ", LineFault.NO_FRAME),
        (b"1795244373410396242 base64:?", LineFault.ENCODING),
    ],
)
def test_what_is_no_line_is_named(line, fault):
    with pytest.raises(LineError) as caught:
        parse_line(line)
    assert caught.value.fault is fault


@given(st.binary())
def test_no_bytes_at_all_raise_anything_else(line):
    for read in (parse_line, Header.from_line, lambda b: parse_answer(Frame("rest", 1, b))):
        try:
            read(line)
        except LineError:
            continue


def test_a_header_comes_back_and_one_of_another_version_is_refused():
    assert Header.from_line(HEADER.line()) == HEADER
    with pytest.raises(LineError, match="unknown header"):
        Header.from_line(HEADER.line().replace(b'"version": 1', b'"version": 2'))


def test_an_answer_of_rest_comes_back():
    answer = RestAnswer(NOW_NS, "/fapi/v1/klines", {"symbol": "币安USDT"}, [[1, "2.50"]])
    assert parse_answer(Frame("rest", NOW_NS, answer.payload())) == answer
