"""The stream against scripted sockets in virtual time, and against real ones."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import asynccontextmanager
from itertools import repeat

import pytest
from aiohttp import WSMsgType, web

from core.config import REPOSITORY
from core.data.binance_stream import BinanceStream, Connected, Disconnected, StreamState
from core.data.errors import StreamRefusedError
from core.data.reconnect import CONNECTS_PER_WINDOW, STEADY_S, WINDOW_S
from core.data.sockets.line import OVERLAP_S
from core.data.websocket import UnreachableError, open_socket
from core.model.candles import CandleUpdate
from core.model.intervals import MINUTE_MS
from tests.builders import START_MS, settings
from tests.core.data.scripted_socket import (
    LivingExchange,
    ScriptedExchange,
    Step,
    accepted,
    in_virtual_time,
    now_s,
)

SILENCE_S = settings().feed.silence_s
KLINE, MARK, TOP = "btcusdt@kline_1m", "btcusdt@markPrice@1s", "btcusdt@bookTicker"


def frame(
    minute: int = 0, close: str = "100", *, closed: bool = False, symbol="BTCUSDT", trades: int = 5
) -> str:
    open_ms = START_MS + minute * MINUTE_MS
    k = {
        "t": open_ms,
        "T": open_ms + MINUTE_MS - 1,
        "s": symbol,
        "i": "1m",
        "o": close,
        "h": close,
        "l": close,
        "c": close,
        "v": "10",
        "q": "1000",
        "n": trades,
        "V": "5",
        "Q": "500",
        "x": closed,
    }
    event_ms = open_ms + (MINUTE_MS + 300 if closed else 30_000)
    data = {"e": "kline", "E": event_ms, "s": symbol, "k": k}
    return combined(f"{symbol.lower()}@kline_1m", data)


def mark(symbol: str = "BTCUSDT", at_ms: int = START_MS) -> str:
    data = {"e": "markPriceUpdate", "E": at_ms, "s": symbol, "p": "100", "i": "100", "r": "0"}
    return combined(f"{symbol.lower()}@markPrice@1s", data | {"T": at_ms})


def top(symbol: str = "BTCUSDT") -> str:
    data = {"e": "bookTicker", "u": 1, "s": symbol, "b": "1", "B": "1", "a": "2", "A": "1"}
    return combined(f"{symbol.lower()}@bookTicker", data | {"T": START_MS, "E": START_MS})


def combined(stream: str, data: dict[str, object]) -> str:
    # As the exchange and the simulator write it: the name first, no space before it.
    return f'{{"stream":"{stream}","data":{json.dumps(data)}}}'


def frame_of(stream: str) -> str | None:
    """A frame for any stream of these tests."""
    symbol, _, kind = stream.partition("@")
    makers = {"kline_1m": lambda s: frame(symbol=s), "markPrice@1s": mark, "bookTicker": top}
    return makers[kind](symbol.upper())


class EnoughError(Exception):
    """The test has seen what it wanted."""


def stream_of(connect, *, delays=None, tap=None, **feed: float) -> BinanceStream:
    configured = settings()
    configured = configured.model_copy(update={"feed": configured.feed.model_copy(update=feed)})
    return BinanceStream(configured, connect=connect, monotonic=now_s, delays=delays, tap=tap)


def play(*scripts: Sequence[Step] | Exception, enough: int, streams=(KLINE,), **more):
    """Run until ``enough`` events came."""
    exchange = ScriptedExchange(*scripts)
    events: list[object] = []

    def sink(event: object) -> None:
        events.append(event)
        if len(events) == enough:
            raise EnoughError

    stream = stream_of(exchange.connect, **more)

    async def scenario() -> None:
        async with asyncio.timeout(20 * WINDOW_S):
            await stream.run(streams, sink)

    with pytest.raises(EnoughError):
        in_virtual_time(scenario())
    assert exchange.open == 0, "the sockets were closed"
    return events, stream, exchange


class Running:
    """A stream that runs against a living exchange."""

    def __init__(self, exchange: LivingExchange, stream: BinanceStream) -> None:
        self.exchange = exchange
        self.stream = stream
        self.events: list[object] = []

    def of(self, kind: type) -> list[object]:
        return [event for event in self.events if isinstance(event, kind)]

    def state(self, name: str) -> StreamState:
        return self.stream.health()[name].state


def living(
    scenario,
    streams=(KLINE, MARK),
    *,
    enough_s: float = 3.0,
    delays=None,
    answer=accepted,
    **feed: float,
) -> Running:
    """Run ``scenario(running)`` beside a stream, in virtual time, once it has begun well."""
    exchange = LivingExchange(frame_of, answer)
    stream = stream_of(exchange.connect, delays=delays, **feed)
    running = Running(exchange, stream)

    async def whole() -> None:
        task = asyncio.create_task(stream.run(streams, running.events.append))
        await asyncio.sleep(enough_s)
        scene = asyncio.create_task(scenario(running))
        await asyncio.wait({task, scene}, return_when=asyncio.FIRST_COMPLETED)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled(), task
        scene.result()
        assert not exchange.open
        assert asyncio.all_tasks() == {asyncio.current_task()}

    in_virtual_time(whole())
    return running


# -- one connection


def test_streams_are_subscribed_on_the_bare_routed_address():
    _, _, exchange = play([frame()], enough=2, streams=[KLINE, "币安@markPrice@1s"])
    assert exchange.urls == ["wss://fstream.binance.com/market/stream"]
    assert exchange.sockets[0].commands == [
        {"method": "SUBSCRIBE", "params": ["币安@markPrice@1s", KLINE], "id": 1}
    ]


def test_each_route_has_a_socket_of_its_own():
    events, _, exchange = play([frame()], [top()], enough=4, streams=[KLINE, TOP])
    assert sorted(exchange.urls) == [
        "wss://fstream.binance.com/market/stream",
        "wss://fstream.binance.com/public/stream",
    ]
    assert Connected(frozenset({TOP})) in events
    assert Connected(frozenset({KLINE, MARK})) in events, "the plan adds a heartbeat"


def test_a_dropped_connection_is_replaced_and_goes_on():
    events, stream, exchange = play(
        [frame(0), ConnectionError("reset")], ConnectionError("refused"), [frame(1)], enough=6
    )
    assert [type(e) for e in events] == [
        Connected,
        CandleUpdate,
        Disconnected,
        Disconnected,
        Connected,
        CandleUpdate,
    ]
    assert events[2] == Disconnected("reset", streams=frozenset({KLINE, MARK}))
    assert stream.statistics.connects == 2
    assert len(exchange.urls) == 3


def test_a_socket_that_accepts_and_stays_silent_is_replaced_within_ten_seconds():
    events, _, exchange = play([], [frame()], enough=4)
    assert isinstance(events[1], Disconnected)
    assert events[1].silent
    assert "subscribed, acknowledged, zero messages" in events[1].reason
    assert "/market" in events[1].reason
    assert SILENCE_S <= exchange.connected_s[1] - exchange.connected_s[0] < 10.0


def test_a_quiet_public_socket_gets_more_patience_than_one_with_a_heartbeat():
    events, _, exchange = play([top()], [top()], enough=4, streams=[TOP])
    assert events[2] == Disconnected("no data for 32 s", True, frozenset({TOP}))
    assert 32.0 <= exchange.connected_s[1] - exchange.connected_s[0] < 35.0


def test_frames_without_data_do_not_count_as_life():
    chatter: list[Step] = [1.0, "garbage", 1.0, '{"result":null,"id":77}'] * 20
    events, stream, _ = play(chatter, enough=2)
    assert isinstance(events[1], Disconnected)
    assert events[1].silent
    assert stream.statistics.frames < 20


def test_data_keeps_a_socket_alive():
    events, _, _ = play([SILENCE_S - 1.0, frame()] * 3, enough=4)
    assert not any(isinstance(event, Disconnected) for event in events)


def test_a_name_written_with_escapes_is_still_its_stream():
    stream = "币安usdt@kline_1m"
    escaped = frame(symbol="币安USDT").replace(stream, json.dumps(stream)[1:-1])
    spaced = '{ "stream" :' + frame(symbol="币安USDT").removeprefix('{"stream":')
    seen: list[int] = []

    async def scenario() -> None:
        exchange = ScriptedExchange([frame(symbol="币安USDT"), escaped, spaced])
        reader = stream_of(exchange.connect)
        task = asyncio.create_task(reader.run([stream], lambda event: None))
        await asyncio.sleep(2.0)
        seen.append(reader.health()[stream].frames)
        task.cancel()
        await asyncio.wait({task})

    in_virtual_time(scenario())
    assert seen == [3]


def test_garbage_is_counted_by_kind_skipped_and_told_once_a_minute(caplog):
    with caplog.at_level(logging.WARNING):
        script: list[Step] = ["{", "[]", *["nonsense"] * 50, frame(close="NaN"), frame()]
        events, stream, _ = play(script, enough=2)
    assert isinstance(events[1], CandleUpdate)
    assert stream.statistics.malformed == {"json": 51, "shape": 1, "number": 1}
    assert len(caplog.records) == 3


def test_a_recording_is_shown_every_frame_with_route_and_time():
    shown: list[tuple[str, bytes]] = []
    play([frame()], enough=2, tap=lambda route, payload, at_ns: shown.append((route, payload)))
    assert shown == [("market", b'{"result": null, "id": 1}'), ("market", frame().encode())]


# -- commands


def test_commands_stay_below_the_exchange_s_limit_and_name_at_most_100_streams():
    streams = [f"s{i}@kline_1m" for i in range(1000)]
    connected = 11  # 1000 streams and the heartbeat
    _, _, exchange = play([], enough=connected, streams=streams, streams_per_connection=1024)
    socket = exchange.sockets[0]
    assert [len(c["params"]) for c in socket.commands] == [*[100] * 10, 1]
    assert socket.commands[0]["params"][0] == "s0@markPrice@1s", "the heartbeat comes first"
    for i in range(len(socket.commanded_s) - 5):
        assert socket.commanded_s[i + 5] - socket.commanded_s[i] >= 1.0


def test_one_refused_name_is_found_and_told_and_the_others_flow(caplog):
    def picky(command):
        if "bad@kline_1m" in command["params"]:
            error = {"code": 2, "msg": "Invalid request: invalid stream"}
            return json.dumps({"error": error, "id": command["id"]})
        return json.dumps({"result": None, "id": command["id"]})

    streams = [*(f"s{i}@kline_1m" for i in range(50)), "bad@kline_1m"]
    details: list[str] = []

    async def scenario() -> None:
        exchange = ScriptedExchange([100.0], answer=picky)
        stream = stream_of(exchange.connect)
        task = asyncio.create_task(stream.run(streams, lambda event: None))
        await asyncio.sleep(5.0)
        assert exchange.sockets[0].streams == {*streams, "s0@markPrice@1s"} - {"bad@kline_1m"}
        details.append(stream.health()["bad@kline_1m"].detail)
        task.cancel()
        await asyncio.wait({task})

    with caplog.at_level(logging.WARNING):
        in_virtual_time(scenario())
    assert "invalid stream" in details[0]
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1
    assert "bad@kline_1m" in told[0]


def test_an_unanswered_command_is_sent_again_and_then_the_socket_given_up():
    flowing: list[Step] = [1.0, frame()] * 20

    def deaf(command):
        return None

    events: list[object] = []

    async def scenario() -> ScriptedExchange:
        exchange = ScriptedExchange(flowing, answer=deaf)
        stream = stream_of(exchange.connect)
        task = asyncio.create_task(stream.run([KLINE], events.append))
        await asyncio.sleep(12.0)
        task.cancel()
        await asyncio.wait({task})
        return exchange

    exchange = in_virtual_time(scenario())
    assert [c["id"] for c in exchange.sockets[0].commands] == [1, 2]
    assert "no answer to SUBSCRIBE" in events[-1].reason


# -- coming back


def test_a_server_that_accepts_and_closes_is_not_hammered():
    hang_up: list[Step] = [frame(), ConnectionError("closed")]
    _, _, exchange = play(*[hang_up] * 300, enough=3 * 250)
    times = exchange.connected_s
    for i in range(len(times) - CONNECTS_PER_WINDOW):
        assert times[i + CONNECTS_PER_WINDOW] - times[i] >= WINDOW_S - 1e-6


def test_after_a_dead_network_of_any_length_it_is_back_within_30_s():
    returned: list[float] = []

    async def scenario() -> None:
        exchange = LivingExchange(frame_of)
        stream = stream_of(exchange.connect)
        exchange.refusal = UnreachableError("no route to host")
        streams = [KLINE, *(f"s{i}@kline_1m" for i in range(1000)), TOP]
        task = asyncio.create_task(stream.run(streams, lambda event: None))
        await asyncio.sleep(3600.0)  # the waits have long stopped growing
        exchange.refusal, alive_s = None, now_s()
        while len(exchange.open) < 7:
            await asyncio.sleep(0.1)
        returned.append(now_s() - alive_s)
        task.cancel()
        await asyncio.wait({task})

    in_virtual_time(scenario())
    assert returned[0] < 30.0


def test_the_back_off_grows_until_data_has_flowed_for_a_while():
    asked: list[str] = []

    def delays():
        asked.append("anew")
        while True:
            yield 1.0

    brief: list[Step] = [frame(), ConnectionError("closed")]
    steady: list[Step] = [frame(), STEADY_S + 0.1, frame(), ConnectionError("closed")]
    play(brief, brief, steady, brief, [frame()], enough=14, delays=delays)
    assert asked == ["anew", "anew"]


@pytest.mark.parametrize(
    ("status", "told_s", "least_s", "most_s"),
    [
        (429, 7.0, 7.0, 8.0),
        (429, None, 60.0, 61.0),
        (418, None, 120.0, 121.0),
        (418, 300.0, 300.0, 301.0),
        (451, None, 60.0, 61.0),
        (403, 5.0, 60.0, 61.0),
        (404, None, 0.0, 1.0),
    ],
)
def test_a_refusal_is_waited_out_as_told_by_all_sockets_and_never_ends_the_run(
    status, told_s, least_s, most_s
):
    seen: list[Disconnected] = []
    attempts: list[float] = []

    async def scenario() -> None:
        exchange = LivingExchange(frame_of)
        exchange.refusal = StreamRefusedError("no, in plain words", status, told_s)
        stream = stream_of(exchange.connect)
        task = asyncio.create_task(stream.run([KLINE], seen.append))
        await asyncio.sleep(0.0)
        while not seen:
            await asyncio.sleep(0.01)
        health = stream.health()[KLINE]
        assert (health.state, health.detail[:18]) == (
            StreamState.RECONNECTING,
            "no, in plain words",
        )
        exchange.refusal = None
        stream.subscribe([TOP])  # another socket of the same address
        while len(exchange.open) < 2:
            await asyncio.sleep(0.01)
        attempts.extend(exchange.connected_s)
        task.cancel()
        await asyncio.wait({task})

    in_virtual_time(scenario())
    assert isinstance(seen[0], Disconnected)
    assert min(attempts[1:]) - attempts[0] <= most_s
    if least_s:
        assert min(attempts[1:]) - attempts[0] >= least_s - 1e-6


def test_it_says_in_one_line_each_what_happened(caplog):
    async def scenario(running: Running) -> None:
        running.exchange.open[0].push(ConnectionError("reset by peer"))
        await asyncio.sleep(10.0)
        running.stream.restart()
        await asyncio.sleep(10.0)

    with caplog.at_level(logging.INFO, logger="core.data"):
        living(scenario)
    said = [record.getMessage().partition(":")[0] for record in caplog.records]
    assert [line.rstrip("0123456789. s") for line in said] == [
        "WebSocket connection open",
        "WebSocket connection lost",
        "WebSocket connection back after",
        "WebSocket connection rotated",
    ]


# -- rotation


def test_a_socket_is_rotated_before_its_time_with_both_open_and_nothing_lost():
    async def scenario(running: Running) -> None:
        exchange = running.exchange
        while len(exchange.sockets) < 2:
            await asyncio.sleep(0.01)
        assert 90.0 <= exchange.connected_s[1] - exchange.connected_s[0] <= 100.0
        old, new = exchange.sockets
        while not new.streams:
            await asyncio.sleep(0.01)
        overlap_from_s = now_s()
        while old.open:
            assert new.open
            assert running.state(KLINE) is StreamState.LIVE
            await asyncio.sleep(0.01)
        assert now_s() - overlap_from_s >= OVERLAP_S
        await asyncio.sleep(5.0)
        assert exchange.open == [new]

    running = living(scenario, rotate_after_s=100.0)
    assert not running.of(Disconnected)
    assert running.of(Connected) == [Connected(frozenset({KLINE, MARK}))] * 2
    assert running.stream.statistics.rotations == 1


def test_a_restart_replaces_every_socket_and_none_is_missed():
    async def scenario(running: Running) -> None:
        before = running.exchange.open
        assert len(before) == 2
        running.stream.restart()
        await asyncio.sleep(8.0)
        assert len(running.exchange.open) == 2
        assert not set(before) & set(running.exchange.open)

    assert not living(scenario, [KLINE, TOP]).of(Disconnected)


def test_a_restart_does_not_wait_for_the_end_of_a_back_off():
    async def scenario(running: Running) -> None:
        exchange = running.exchange
        exchange.refusal = ConnectionError("HTTP 503 at the handshake")
        exchange.open[0].push(ConnectionError("reset"))
        await asyncio.sleep(1.0)
        exchange.refusal = None
        assert running.state(KLINE) is StreamState.RECONNECTING
        running.stream.restart()
        await asyncio.sleep(3.0)
        assert running.state(KLINE) is StreamState.LIVE

    living(scenario, delays=lambda: iter([100.0, 1e9]))


def test_a_restart_does_not_break_off_a_wait_that_the_exchange_asked_for():
    async def scenario(running: Running) -> None:
        exchange = running.exchange
        exchange.refusal = StreamRefusedError("banned", 418, 300.0)
        exchange.open[0].push(ConnectionError("reset"))
        await asyncio.sleep(1.0)
        tried = len(exchange.connected_s)
        for _ in range(20):
            running.stream.restart()
            await asyncio.sleep(10.0)
        assert len(exchange.connected_s) == tried

    living(scenario, delays=lambda: repeat(0.1))


def test_a_rotation_that_fails_keeps_the_old_socket_and_is_tried_again():
    async def scenario(running: Running) -> None:
        exchange, old = running.exchange, running.exchange.open
        exchange.refusal = ConnectionError("HTTP 503 at the handshake")
        running.stream.restart()
        await asyncio.sleep(30.0)
        assert exchange.open == old
        assert running.state(KLINE) is StreamState.LIVE
        exchange.refusal = None
        await asyncio.sleep(60.0)
        assert exchange.open != old

    assert not living(scenario).of(Disconnected)


def test_a_new_socket_that_stays_mute_does_not_replace_one_that_delivers():
    async def scenario(running: Running) -> None:
        exchange, old = running.exchange, running.exchange.open
        running.stream.restart()
        while len(exchange.sockets) < 2:
            await asyncio.sleep(0.01)
        exchange.mute.add(exchange.sockets[1])
        await asyncio.sleep(15.0)
        assert exchange.open == old

    assert not living(scenario).of(Disconnected)


def test_an_announced_shutdown_is_answered_by_another_socket_at_once():
    async def scenario(running: Running) -> None:
        exchange, old = running.exchange, running.exchange.open[0]
        old.push(combined("!serverShutdown", {"e": "serverShutdown", "E": START_MS}))
        await asyncio.sleep(2.0)
        old.push(ConnectionError("closed by the server: 1001"))
        await asyncio.sleep(5.0)
        assert exchange.open == [exchange.sockets[1]]
        assert running.state(KLINE) is StreamState.LIVE

    assert not living(scenario).of(Disconnected)


def test_an_old_socket_that_breaks_before_the_new_one_delivers_is_told():
    async def scenario(running: Running) -> None:
        old = running.exchange.open[0]
        running.stream.restart()
        await asyncio.sleep(0.1)
        old.push(ConnectionError("reset"))
        await asyncio.sleep(5.0)
        assert running.state(KLINE) is StreamState.LIVE

    running = living(scenario)
    both = frozenset({KLINE, MARK})
    assert running.of(Disconnected) == [Disconnected("reset", streams=both)]
    last = max(i for i, e in enumerate(running.events) if isinstance(e, Disconnected))
    assert running.events[last + 1] == Connected(both)


# -- live changes


def test_streams_come_and_go_while_it_runs():
    other = "ethusdt@kline_1m"

    async def scenario(running: Running) -> None:
        stream, socket = running.stream, running.exchange.open[0]
        stream.subscribe([other, KLINE])
        await asyncio.sleep(3.0)
        assert socket.streams == {KLINE, MARK, other}
        assert running.state(other) is StreamState.LIVE
        assert Connected(frozenset({other})) in running.events
        stream.unsubscribe([KLINE, "never@asked"])
        await asyncio.sleep(3.0)
        assert socket.streams == {MARK, other}
        assert set(stream.health()) == {MARK, other}
        stream.subscribe([TOP])
        await asyncio.sleep(3.0)
        assert len(running.exchange.open) == 2
        stream.unsubscribe([TOP])
        await asyncio.sleep(3.0)
        assert running.exchange.open == [socket]

    assert not living(scenario).of(Disconnected)


def test_a_stream_given_up_and_wanted_again_at_once_is_told_as_connected_anew():
    async def scenario(running: Running) -> None:
        before = len(running.of(Connected))
        running.stream.unsubscribe([KLINE])
        running.stream.subscribe([KLINE])
        await asyncio.sleep(4.0)
        assert running.state(KLINE) is StreamState.LIVE
        assert running.of(Connected)[before:] == [Connected(frozenset({KLINE}))]

    living(scenario)


def test_a_stream_refused_for_a_passing_reason_is_asked_for_again():
    refused = {KLINE}

    def answer(command) -> str | None:
        if command["method"] == "SUBSCRIBE" and refused & set(command["params"]):
            fault = {"code": 3, "msg": "try later"}
            return json.dumps({"error": fault, "id": command["id"]})
        return json.dumps({"result": None, "id": command["id"]})

    async def scenario(running: Running) -> None:
        assert running.state(KLINE) is StreamState.SILENT
        refused.clear()
        await asyncio.sleep(90.0)
        assert running.state(KLINE) is StreamState.LIVE

    living(scenario, answer=answer)


def test_what_was_subscribed_before_the_run_is_followed_too():
    async def scenario() -> None:
        exchange = LivingExchange(frame_of)
        stream = stream_of(exchange.connect)
        stream.subscribe([TOP])
        assert stream.health()[TOP].state is StreamState.STOPPED
        task = asyncio.create_task(stream.run([KLINE], lambda event: None))
        await asyncio.sleep(3.0)
        assert stream.health()[TOP].state is StreamState.LIVE
        task.cancel()
        await asyncio.wait({task})
        assert stream.health()[TOP].state is StreamState.STOPPED

    in_virtual_time(scenario())


# -- liveness


def test_a_mute_socket_is_silent_then_replaced_and_live_again():
    async def scenario(running: Running) -> None:
        exchange = running.exchange
        exchange.mute.add(exchange.sockets[0])
        await asyncio.sleep(5.0)
        assert running.state(KLINE) is StreamState.SILENT
        muted_s = now_s() - 5.0
        while len(exchange.sockets) < 2:
            await asyncio.sleep(0.1)
        assert now_s() - muted_s < 10.0
        await asyncio.sleep(3.0)
        assert running.state(KLINE) is StreamState.LIVE

    assert [e.silent for e in living(scenario).of(Disconnected)] == [True]


def test_a_quiet_stream_is_not_a_dead_one_and_its_socket_stays():
    async def scenario(running: Running) -> None:
        running.exchange.silent.add(KLINE)
        await asyncio.sleep(20.0)
        health = running.stream.health()[KLINE]
        assert health.state is StreamState.QUIET
        assert health.age_s == pytest.approx(20.0, abs=1.1)
        assert running.state(MARK) is StreamState.LIVE

    running = living(scenario)
    assert len(running.exchange.sockets) == 1


def test_a_heartbeat_that_stops_alone_is_silent_and_subscribed_anew_once():
    async def scenario(running: Running) -> None:
        running.exchange.silent.add(MARK)
        await asyncio.sleep(30.0)
        assert running.state(MARK) is StreamState.SILENT
        assert running.state(KLINE) is StreamState.LIVE
        running.exchange.silent.clear()
        await asyncio.sleep(2.0)
        assert running.state(MARK) is StreamState.LIVE

    commands = living(scenario).exchange.sockets[0].commands
    assert [(c["method"], c["params"]) for c in commands[1:]] == [
        ("UNSUBSCRIBE", [MARK]),
        ("SUBSCRIBE", [MARK]),
    ]


def test_acknowledged_but_without_a_message_is_named_as_such():
    async def scenario(running: Running) -> None:
        running.exchange.silent.add("ethusdt@kline_1m")
        running.stream.subscribe(["ethusdt@kline_1m"])
        await asyncio.sleep(10.0)
        health = running.stream.health()["ethusdt@kline_1m"]
        assert (health.state, health.age_s, health.frames) == (StreamState.QUIET, None, 0)
        assert "subscribed, acknowledged, zero messages" in health.detail
        assert "ws_url" in health.detail
        await asyncio.sleep(90.0)
        assert running.state("ethusdt@kline_1m") is StreamState.SILENT

    living(scenario)


# -- the runbook's one-liner


def klines_of(handler, *scripts: Sequence[Step] | Exception) -> ScriptedExchange:
    exchange = ScriptedExchange(*scripts)

    async def scenario() -> None:
        stream = stream_of(exchange.connect)
        await asyncio.wait_for(stream.stream_klines("btcusdt", "1m", handler), 1000)

    try:
        in_virtual_time(scenario())
    finally:
        assert exchange.open == 0
    return exchange


def test_a_plain_handler_gets_the_exchange_s_own_mapping():
    seen: list[tuple[str, str, object]] = []

    def handler(symbol, interval, kline):
        seen.append((symbol, interval, kline))
        if len(seen) == 2:
            raise EnoughError

    with pytest.raises(EnoughError):
        klines_of(handler, [frame(close="1.50"), "{", ConnectionError("x")], [frame(close="1.60")])
    assert [(s, i, k["c"]) for s, i, k in seen] == [
        ("BTCUSDT", "1m", "1.50"),
        ("BTCUSDT", "1m", "1.60"),
    ]
    assert seen[0][2] == json.loads(frame(close="1.50"))["data"]["k"]


def test_a_coroutine_handler_is_awaited():
    seen: list[str] = []

    async def handler(symbol, interval, kline):
        await asyncio.sleep(0)
        seen.append(kline["c"])
        if len(seen) == 2:
            raise EnoughError

    with pytest.raises(EnoughError):
        klines_of(handler, [frame(close="1"), frame(close="2")])
    assert seen == ["1", "2"]


@pytest.mark.parametrize("error", [BrokenPipeError, ConnectionResetError, TimeoutError, ValueError])
def test_an_error_of_the_handler_is_never_taken_for_one_of_the_network(error):
    calls: list[object] = []

    def handler(symbol, interval, kline):
        calls.append(kline)
        raise error

    with pytest.raises(error):
        klines_of(handler, [frame()], [frame()])
    assert len(calls) == 1


def test_a_slow_handler_is_not_mistaken_for_silence():
    seen: list[object] = []

    async def handler(symbol, interval, kline):
        seen.append(kline)
        await asyncio.sleep(10 * SILENCE_S)
        if len(seen) == 2:
            raise EnoughError

    exchange = ScriptedExchange([frame(), frame(trades=6)])

    async def scenario() -> None:
        await stream_of(exchange.connect).stream_klines("BTCUSDT", "1m", handler)

    with pytest.raises(EnoughError):
        in_virtual_time(scenario())
    assert len(exchange.urls) == 1


def test_what_two_sockets_tell_twice_or_late_is_handed_over_once():
    seen: list[tuple[int, int, bool]] = []

    def handler(symbol, interval, kline):
        seen.append(((kline["t"] - START_MS) // MINUTE_MS, kline["n"], kline["x"]))
        if seen[-1][0] == 2:
            raise EnoughError

    closed, again = frame(0, closed=True, trades=9), frame(0, closed=True, trades=9)
    told = [frame(0, trades=5), frame(0, trades=7), frame(0, trades=5), closed, frame(1), again]
    with pytest.raises(EnoughError):
        klines_of(handler, [*told, frame(0, trades=7), frame(1), frame(2)])
    assert seen == [(0, 5, False), (0, 7, False), (0, 9, True), (1, 5, False), (2, 5, False)]


def test_a_refusal_ends_the_one_liner_and_says_why():
    with pytest.raises(StreamRefusedError, match="not served"):
        klines_of(print, StreamRefusedError("not served here", 451))


def test_an_interval_the_exchange_does_not_have_is_refused_at_once():
    with pytest.raises(ValueError, match="7m"):
        asyncio.run(BinanceStream(settings()).stream_klines("BTCUSDT", "7m", print))


# -- real sockets


@asynccontextmanager
async def server(handler):
    app = web.Application()
    app.add_routes([web.get("/market/stream", handler)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"ws://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.simulator
@pytest.mark.parametrize(
    ("status", "error", "word"),
    [
        (451, StreamRefusedError, "location"),
        (403, StreamRefusedError, "firewall"),
        (418, StreamRefusedError, "banned"),
        (429, StreamRefusedError, "too many"),
        (400, StreamRefusedError, "HTTP 400"),
        (503, ConnectionError, "HTTP 503"),
        (200, ConnectionError, "HTTP 200"),
    ],
)
def test_refused_handshakes_are_told_in_plain_words(status, error, word):
    async def refuse(request: web.Request) -> web.Response:
        return web.Response(status=status, headers={"Retry-After": "7"})

    async def scenario() -> None:
        async with server(refuse) as url, open_socket(f"{url}/market/stream"):
            pass

    with pytest.raises(error, match=word) as caught:
        asyncio.run(scenario())
    if isinstance(caught.value, StreamRefusedError):
        assert (caught.value.status, caught.value.retry_after_s) == (status, 7.0)


@pytest.mark.simulator
def test_a_real_socket_delivers_takes_commands_and_tells_how_it_ended():
    async def talk(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_str(frame())
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await socket.close(code=1008, message=b"Too many requests")
        return socket

    async def scenario() -> None:
        async with server(talk) as url, open_socket(f"{url}/market/stream") as socket:
            assert json.loads(await socket.receive()) == json.loads(frame())
            await socket.send("hang up")
            with pytest.raises(ConnectionError, match="1008 Too many requests"):
                await socket.receive()
            with pytest.raises(ConnectionError, match="1008"):
                await socket.send("anybody there?")

    asyncio.run(scenario())


@pytest.mark.simulator
def test_an_address_where_nobody_listens_is_told_apart():
    async def scenario() -> None:
        async with open_socket("ws://127.0.0.1:1/market/stream"):
            pass

    with pytest.raises(UnreachableError):
        asyncio.run(scenario())


def _printing(url: str, out: int, **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "core.data.binance_stream"],
        stdout=out,
        stderr=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], "BINANCE_FUTURES_WS_URL": url} | environ,
    )


async def _endless(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    while not socket.closed:
        await socket.send_str(frame())
        await socket.send_str("garbage")
        await asyncio.sleep(0.01)
    return socket


@pytest.mark.simulator
def test_the_module_prints_live_candles_until_interrupted():
    async def scenario() -> None:
        async with server(_endless) as url:
            process = _printing(url, subprocess.PIPE)
            assert process.stdout is not None
            lines = [await asyncio.to_thread(process.stdout.readline) for _ in range(3)]
            assert lines[0] == "BTCUSDT 1m 100 open 2025-06-15T00:00:30.000Z\n"
            process.send_signal(signal.SIGINT)
            await asyncio.to_thread(process.communicate, timeout=300)
            assert process.returncode == 0

    asyncio.run(scenario())


@pytest.mark.simulator
def test_the_module_ends_cleanly_when_its_reader_goes_away():
    async def scenario() -> None:
        async with server(_endless) as url:
            process = _printing(url, subprocess.PIPE)
            assert process.stdout is not None
            await asyncio.to_thread(process.stdout.readline)
            process.stdout.close()
            assert await asyncio.to_thread(process.wait, 300) == 0
            assert process.stderr is not None
            assert "Traceback" not in process.stderr.read()
            process.stderr.close()

    asyncio.run(scenario())


@pytest.mark.simulator
def test_a_configuration_fault_is_one_line_and_status_2(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("symbls: [BTCUSDT]\n" + (REPOSITORY / "config.yaml").read_text())
    process = _printing("ws://127.0.0.1:1", subprocess.PIPE, TRADING_CONFIG=str(config))
    out, err = process.communicate(timeout=300)
    assert (process.returncode, out) == (2, "")
    assert err.count("\n") == 1
    assert "symbls" in err
