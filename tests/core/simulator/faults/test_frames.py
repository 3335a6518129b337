"""What becomes of frames, without a network."""

import json
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.simulator.faults.board import FaultBoard
from core.simulator.faults.frames import FrameFaults
from core.simulator.faults.garbage import broken_payload
from core.simulator.faults.kinds import (
    AnyFault,
    ClockSkew,
    Delay,
    Duplicate,
    Garbage,
    MissingClose,
    Mute,
    Reorder,
    SilentSubscription,
)

EVERY_GARBAGE = range(12)
NOW_MS = 1_790_000_000_000


class Life:
    """Seconds a test can move."""

    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def candle(minute: int, *, closed: bool = True, symbol: str = "BTCUSDT") -> tuple[str, str]:
    k = {"t": minute * 60_000, "T": minute * 60_000 + 59_999, "s": symbol, "i": "1m"}
    prices = {"o": "10.0", "c": "11.0", "h": "12.0", "l": "9.0", "v": "1", "x": closed}
    payload = json.dumps({"e": "kline", "E": NOW_MS + minute, "s": symbol, "k": {**k, **prices}})
    return payload, f'{{"stream":"{symbol.lower()}@kline_1m","data":{payload}}}'


def socket_with(*faults: AnyFault) -> tuple[FrameFaults, FaultBoard, Life]:
    life = Life()
    board = FaultBoard(life)
    for fault in faults:
        board.start(fault)
    return FrameFaults(board), board, life


def sent(socket: FrameFaults, frames: list[tuple[str, str]]) -> list[str]:
    found = [frame for pair in frames for frame in socket.struck(*pair)]
    for frame in found:
        assert frame.wrapped == f'{{"stream":"{frame.stream}","data":{frame.payload}}}'
    return [frame.payload for frame in found]


def test_without_faults_a_socket_is_calm_and_sends_what_it_gets():
    socket, _, _ = socket_with()
    frame = candle(1)
    assert socket.calm
    assert sent(socket, [frame]) == [frame[0]]


def test_a_fault_ends_with_its_time_or_by_its_number():
    socket, board, life = socket_with(Mute(seconds=5.0))
    assert sent(socket, [candle(1)]) == []
    life.now_s += 5.0
    assert sent(socket, [candle(2)]) == [candle(2)[0]]
    assert socket.calm
    active = board.start(Mute())
    assert sent(socket, [candle(3)]) == []
    assert board.listed() == [{"id": active.id, "kind": "mute", "seconds": None, "struck": 1}]
    assert board.end(active.id)
    assert not board.end(active.id)
    assert len(sent(socket, [candle(4)])) == 1


def test_a_silent_subscription_silences_what_its_glob_names():
    socket, _, _ = socket_with(SilentSubscription(streams="eth*@kline_*"))
    frames = [candle(1), candle(1, symbol="ETHUSDT")]
    assert sent(socket, frames) == [frames[0][0]]


def test_duplicates_follow_their_original():
    socket, _, _ = socket_with(Duplicate())
    assert sent(socket, [candle(1), candle(2)]) == [candle(m)[0] for m in (1, 1, 2, 2)]


def test_a_reordered_frame_changes_places_with_the_next_and_none_is_lost():
    socket, board, _ = socket_with(Reorder())
    assert sent(socket, [candle(m) for m in (1, 2, 3, 4)]) == [candle(m)[0] for m in (2, 1, 4, 3)]
    assert sent(socket, [candle(5)]) == []
    board.end_all()
    assert not socket.calm
    assert sent(socket, [candle(6)]) == [candle(m)[0] for m in (6, 5)]
    assert socket.calm


def test_a_missing_close_takes_only_last_frames_of_the_named_symbols():
    socket, _, _ = socket_with(MissingClose(symbols=("BTCUSDT",)))
    kept = [candle(1, closed=False), candle(1, symbol="ETHUSDT")]
    assert sent(socket, [kept[0], candle(1), kept[1]]) == [frame[0] for frame in kept]


def test_two_sockets_miss_the_same_candles():
    first, _, _ = socket_with(MissingClose(share=0.5, seed=3))
    other, _, _ = socket_with(Duplicate(share=0.3), MissingClose(share=0.5, seed=3))
    frames = [candle(minute) for minute in range(200)]
    missing = set(sent(first, frames))
    assert missing == set(sent(other, list(reversed(frames))))
    assert 60 < len(missing) < 140


def test_the_seed_decides_who_is_struck():
    frames = [candle(minute) for minute in range(300)]
    runs = [sent(socket_with(Duplicate(share=0.2, seed=seed))[0], frames) for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]
    assert 330 < len(runs[0]) < 390


def test_a_skewed_clock_moves_the_event_time_and_nothing_else():
    socket, _, _ = socket_with(ClockSkew(ms=-86_400_000))
    (payload,) = sent(socket, [candle(5_000)])
    good, skewed = json.loads(candle(5_000)[0]), json.loads(payload)
    assert skewed.pop("E") == good.pop("E") - 86_400_000
    assert skewed == good


def test_delays_add_up():
    socket, board, _ = socket_with(Delay(ms=300), Delay(ms=200))
    assert socket.delay_s() == 0.5
    assert len(sent(socket, [candle(1)])) == 1
    assert [fault["struck"] for fault in board.listed()] == [1, 1]


def test_garbage_goes_before_the_good_frame():
    socket, _, _ = socket_with(Garbage(seed=1))
    good = [candle(minute)[0] for minute in range(60)]
    payloads = sent(socket, [candle(minute) for minute in range(60)])
    assert payloads[1::2] == good
    assert not set(payloads[::2]) & set(good)


FRAMES = {
    "kline": json.loads(candle(3)[0]),
    "markPriceUpdate": {
        "e": "markPriceUpdate",
        "E": NOW_MS,
        "s": "A",
        "p": "1.5",
        "i": "2",
        "T": 9,
    },
    "aggTrade": {"e": "aggTrade", "E": NOW_MS, "s": "A", "a": 1, "p": "1.5", "q": "1", "T": 5},
    "bookTicker": {"e": "bookTicker", "u": 1, "b": "1", "B": "2", "a": "3", "A": "4", "E": NOW_MS},
    "depthUpdate": {"e": "depthUpdate", "E": NOW_MS, "u": 1, "b": [["1", "2"]], "a": []},
    "empty depth": {"e": "depthUpdate", "E": NOW_MS, "u": 1, "b": [], "a": []},
    "array": [{"e": "markPriceUpdate", "E": NOW_MS, "s": "A", "p": "1.5", "T": 9}],
    "empty array": [],
    "number": 7,
}


def believable(frame: object) -> bool:
    """Whether a careful client could take the frame for a good one."""
    events = frame if isinstance(frame, list) else [frame]
    if not events or not all(isinstance(e, dict) and e.get("E", 0) < 10**14 for e in events):
        return False
    event = events[0]
    k = event.get("k", event)
    prices = [k[key] for key in ("o", "h", "l", "c", "p") if key in k]
    if not prices and event["e"] != "kline":
        sides = [event.get("b"), event.get("a")]
        prices = [s[0][0] if isinstance(s, list) else s for s in sides if s != []]
    if not all(isinstance(p, str) for p in prices) or not prices:
        return False
    try:
        numbers = [float(p) for p in prices]
    except ValueError:
        return False
    sane = all(math.isfinite(n) and n > 0 for n in numbers)
    return sane and not ("h" in k and float(k["h"]) < float(k["l"]))


@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("which", EVERY_GARBAGE)
def test_no_garbage_is_believable(name: str, which: int):
    good = json.dumps(FRAMES[name])
    broken = broken_payload(good, which)
    assert broken != good or FRAMES[name] in ([], 7)
    with suppress(json.JSONDecodeError):  # what is no JSON is not believable either
        assert not believable(json.loads(broken))


@given(
    share=st.floats(0.0, 1.0),
    seed=st.integers(0, 99),
    minutes=st.lists(st.integers(0, 500), max_size=40),
)
def test_faults_that_lose_nothing_lose_nothing(share: float, seed: int, minutes: list[int]):
    socket, board, _ = socket_with(
        Duplicate(share=share, seed=seed), Reorder(share=share, seed=seed), Garbage(share=share)
    )
    frames = [candle(minute) for minute in minutes]
    payloads = sent(socket, frames)
    board.end_all()
    payloads += sent(socket, [candle(999)])
    assert {payload for payload, _ in frames} <= set(payloads)
