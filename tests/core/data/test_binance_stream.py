import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import asynccontextmanager

import pytest
from aiohttp import WSMsgType, web

from core.config import REPOSITORY
from core.data.binance_stream import BinanceStream, Connected, Disconnected
from core.data.errors import StreamRefusedError
from core.data.reconnect import CONNECTS_PER_WINDOW, STEADY_S, WINDOW_S
from core.data.websocket import open_socket
from core.model.candles import CandleUpdate
from core.model.intervals import MINUTE_MS
from tests.builders import START_MS, settings
from tests.core.data.scripted_socket import Clock, ScriptedExchange, Step

SILENCE_S = settings().feed.silence_s


def frame(minute: int = 0, close: str = "100", *, closed: bool = False, symbol="BTCUSDT") -> str:
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
        "n": 5,
        "V": "5",
        "Q": "500",
        "x": closed,
    }
    event_ms = open_ms + (MINUTE_MS + 300 if closed else 30_000)
    data = {"e": "kline", "E": event_ms, "s": symbol, "k": k}
    return json.dumps({"stream": f"{symbol.lower()}@kline_1m", "data": data})


class EnoughError(Exception):
    """The test has seen what it wanted."""


def played(
    clock: Clock, exchange: ScriptedExchange, enough: int
) -> tuple[list[object], BinanceStream]:
    """Run until ``enough`` events came."""
    stream = BinanceStream(settings(), connect=exchange.connect, sleep=clock.sleep, monotonic=clock)
    events: list[object] = []

    def sink(event: object) -> None:
        events.append(event)
        if len(events) == enough:
            raise EnoughError

    async def scenario() -> None:
        async with asyncio.timeout(10):
            await stream.run(["btcusdt@kline_1m", "币安@markPrice@1s"], sink)

    with pytest.raises(EnoughError):
        asyncio.run(scenario())
    assert exchange.open == 0, "the socket was closed"
    return events, stream


def play(*scripts: Sequence[Step] | Exception, enough: int):
    clock = Clock()
    exchange = ScriptedExchange(clock, *scripts)
    events, stream = played(clock, exchange, enough)
    return events, stream, exchange


def test_the_routed_combined_address_is_opened():
    _, _, exchange = play([frame()], enough=2)
    assert exchange.urls == [
        "wss://fstream.binance.com/market/stream"
        "?streams=btcusdt@kline_1m/%E5%B8%81%E5%AE%89@markPrice@1s"
    ]


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
    assert (stream.statistics.connects, stream.statistics.frames) == (2, 2)
    assert len(exchange.urls) == 3


def test_a_socket_that_accepts_and_stays_silent_is_replaced():
    events, _, exchange = play(['{"result":null,"id":1}'], [frame()], enough=4)
    assert events[1] == Disconnected(f"no data for {SILENCE_S:g} s", silent=True)
    assert exchange.connected_s[1] - exchange.connected_s[0] >= SILENCE_S


def test_frames_without_data_do_not_count_as_life():
    chatter: list[Step] = [1.0, "garbage", 1.0, '{"result":null,"id":2}'] * 20
    events, stream, _ = play(chatter, enough=2)
    assert isinstance(events[1], Disconnected)
    assert events[1].silent
    assert stream.statistics.frames < 20


def test_data_keeps_a_socket_alive():
    events, _, _ = play([SILENCE_S - 1.0, frame(), SILENCE_S - 1.0, frame()], enough=3)
    assert [type(e) for e in events] == [Connected, CandleUpdate, CandleUpdate]


def test_garbage_is_counted_by_kind_skipped_and_told_once_a_minute(caplog):
    with caplog.at_level(logging.WARNING):
        script: list[Step] = ["{", "[]", *["nonsense"] * 50, frame(close="NaN"), frame()]
        events, stream, _ = play(script, enough=2)
    assert isinstance(events[1], CandleUpdate)
    assert stream.statistics.malformed == {"json": 51, "shape": 1, "number": 1}
    assert len(caplog.records) == 3


def test_a_refused_command_is_told_once_a_minute(caplog):
    with caplog.at_level(logging.WARNING):
        refusal = '{"error":{"code":2,"msg":"Invalid request"},"id":1}'
        play([*[refusal] * 50, frame()], enough=2)
    assert [record.getMessage() for record in caplog.records] == [
        "WebSocket command refused: reason=2 Invalid request"
    ]


def test_an_announced_shutdown_is_not_waited_for():
    events, _, exchange = play(['{"e":"serverShutdown","E":1770123456789}'], [frame()], enough=4)
    assert [type(e) for e in events] == [Connected, Disconnected, Connected, CandleUpdate]
    assert len(exchange.urls) == 2


def test_a_server_that_accepts_and_closes_is_not_hammered():
    hang_up: list[Step] = [frame(), ConnectionError("closed")]
    _, _, exchange = play(*[hang_up] * 300, enough=3 * 250)
    times = exchange.connected_s
    for i in range(len(times) - CONNECTS_PER_WINDOW):
        assert times[i + CONNECTS_PER_WINDOW] - times[i] >= WINDOW_S - 1e-6


def test_the_back_off_grows_until_data_has_flowed_for_a_while():
    asked: list[str] = []

    def delays():
        asked.append("anew")
        while True:
            yield 1.0

    clock = Clock()
    brief: list[Step] = [frame(), ConnectionError("closed")]
    steady: list[Step] = [frame(), STEADY_S, frame(), ConnectionError("closed")]
    exchange = ScriptedExchange(clock, brief, brief, steady, brief)
    stream = BinanceStream(
        settings(),
        connect=exchange.connect,
        sleep=clock.sleep,
        monotonic=clock,
        delays=delays,
    )
    seen: list[object] = []

    def sink(event: object) -> None:
        seen.append(event)
        if sum(isinstance(e, Disconnected) for e in seen) == 4:
            raise EnoughError

    with pytest.raises(EnoughError):
        asyncio.run(stream.run(["x"], sink))
    assert asked == ["anew", "anew"]


def test_a_refusal_ends_the_run_and_says_why():
    clock = Clock()
    exchange = ScriptedExchange(clock, StreamRefusedError("not served here", 451))
    stream = BinanceStream(settings(), connect=exchange.connect, sleep=clock.sleep)
    with pytest.raises(StreamRefusedError, match="not served"):
        asyncio.run(stream.run(["x"], lambda event: None))


def klines_of(handler, *scripts: Sequence[Step] | Exception) -> ScriptedExchange:
    clock = Clock()
    exchange = ScriptedExchange(clock, *scripts)
    stream = BinanceStream(settings(), connect=exchange.connect, sleep=clock.sleep, monotonic=clock)
    asyncio.run(asyncio.wait_for(stream.stream_klines("btcusdt", "1m", handler), 10))
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
    def handler(symbol, interval, kline):
        raise error

    clock = Clock()
    exchange = ScriptedExchange(clock, [frame()], [frame()])
    stream = BinanceStream(settings(), connect=exchange.connect, sleep=clock.sleep)
    with pytest.raises(error):
        asyncio.run(asyncio.wait_for(stream.stream_klines("BTCUSDT", "1m", handler), 10))
    assert len(exchange.urls) == 1
    assert exchange.open == 0


def test_a_slow_handler_is_not_mistaken_for_silence():
    clock = Clock()
    exchange = ScriptedExchange(clock, [frame(), frame()])
    stream = BinanceStream(settings(), connect=exchange.connect, sleep=clock.sleep, monotonic=clock)
    seen: list[object] = []

    async def handler(symbol, interval, kline):
        seen.append(kline)
        clock.now_s += 10 * SILENCE_S
        if len(seen) == 2:
            raise EnoughError

    with pytest.raises(EnoughError):
        asyncio.run(asyncio.wait_for(stream.stream_klines("BTCUSDT", "1m", handler), 10))
    assert len(exchange.urls) == 1


def test_an_interval_the_exchange_does_not_have_is_refused_at_once():
    with pytest.raises(ValueError, match="7m"):
        asyncio.run(BinanceStream(settings()).stream_klines("BTCUSDT", "7m", print))


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
def test_a_real_socket_delivers_times_out_and_tells_how_it_ended():
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
            assert json.loads(await socket.receive(5)) == json.loads(frame())
            with pytest.raises(TimeoutError):
                await socket.receive(0.01)
            await socket._connection.send("hang up")
            with pytest.raises(ConnectionError, match="1008 Too many requests"):
                await socket.receive(5)

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
            await asyncio.to_thread(process.communicate, timeout=20)
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
            assert await asyncio.to_thread(process.wait, 20) == 0
            assert process.stderr is not None
            assert "Traceback" not in process.stderr.read()
            process.stderr.close()

    asyncio.run(scenario())


@pytest.mark.simulator
def test_a_configuration_fault_is_one_line_and_status_2(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("symbls: [BTCUSDT]\n" + (REPOSITORY / "config.yaml").read_text())
    process = _printing("ws://127.0.0.1:1", subprocess.PIPE, TRADING_CONFIG=str(config))
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (2, "")
    assert err.count("\n") == 1
    assert "symbls" in err
