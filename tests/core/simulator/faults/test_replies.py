"""What REST says when it refuses or talks nonsense."""

import json
import re

import pytest

from core.simulator.faults.board import FaultBoard
from core.simulator.faults.kinds import ClockSkew, Refuse, RestGap
from core.simulator.faults.replies import nonsense, refusal
from core.simulator.faults.requests import RequestFaults

NOW_MS = 1_790_000_000_000
ROW = [NOW_MS, "10", "12", "9", "11", "5", NOW_MS + 59_999, "50", 3, "2", "20", "0"]


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, -1100), (404, -5000), (408, -1007), (418, -1003), (429, -1003), (500, -1000)],
)
def test_a_refusal_has_the_code_of_its_status(status: int, code: int):
    reply = refusal(status, None, NOW_MS)
    assert (reply.status, json.loads(reply.text)["code"]) == (status, code)
    assert reply.headers == {}


@pytest.mark.parametrize("status", [403, 418, 429, 451, 503])
def test_retry_after_is_a_header_when_it_is_asked_for(status: int):
    assert refusal(status, 7, NOW_MS).headers == {"Retry-After": "7"}


def test_a_ban_says_until_when_in_market_time():
    for retry_after_s, length_ms in ((30, 30_000), (None, 120_000)):
        text = json.loads(refusal(418, retry_after_s, NOW_MS).text)["msg"]
        assert re.findall(r"banned until (\d{13})", text) == [str(NOW_MS + length_ms)]


def test_a_firewall_answers_in_html():
    reply = refusal(403, None, NOW_MS)
    assert reply.content_type == "text/html"
    assert "<html>" in reply.text


def test_unavailable_takes_its_three_forms_in_turn():
    texts = [refusal(503, None, NOW_MS, which).text for which in range(3)]
    assert len(set(texts)) == 3
    assert json.loads(texts[2])["code"] == -1008


@pytest.mark.parametrize("which", range(9))
def test_no_nonsense_about_candles_can_be_taken_for_candles(which: int):
    reply = nonsense([ROW, ROW], which)
    assert reply.status == 200
    try:
        rows = json.loads(reply.text)
    except json.JSONDecodeError:
        return
    last = rows[-1]
    if len(last) != 12 or not all(isinstance(text, str) for text in last[1:6]):
        return
    prices = [float(text) for text in last[1:5]]
    inside = [0 < prices[2] <= price <= prices[1] for price in (prices[0], prices[3])]
    assert not all(inside)


@pytest.mark.parametrize("body", [{}, [], {"serverTime": 5}, [{"symbol": "A"}]])
def test_other_bodies_are_broken_as_well(body: object):
    for which in range(5):
        reply = nonsense(body, which)
        try:
            assert json.loads(reply.text) != body
        except json.JSONDecodeError:
            continue


def faults_of(*faults: object) -> tuple[RequestFaults, FaultBoard]:
    board = FaultBoard(lambda: 0.0)
    for fault in faults:
        board.start(fault)
    return RequestFaults(board, lambda: NOW_MS), board


def test_a_gap_lacks_candles_of_its_symbol_from_its_start_up_to_its_end():
    faults, board = faults_of(RestGap(symbol="A", from_ms=60_000, to_ms=180_000))
    missing = [ms for ms in range(0, 300_000, 60_000) if faults.is_missing("A", ms)]
    assert missing == [60_000, 120_000]
    assert not faults.is_missing("B", 60_000)
    assert faults.most_missing("A", 60_000) >= 2
    assert faults.most_missing("B", 60_000) == 0
    assert board.listed()[0]["struck"] == 2


def test_handshakes_are_refused_and_clocks_are_off_only_while_that_lasts():
    faults, board = faults_of(Refuse(status=451), ClockSkew(ms=-5), ClockSkew(ms=2))
    refused = faults.handshake()
    assert refused is not None
    assert refused.status == 451
    assert faults.skew_ms() == -3
    board.end_all()
    assert faults.handshake() is None
    assert faults.skew_ms() == 0
