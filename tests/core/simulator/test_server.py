"""The simulator on a real port, spoken to by real clients."""

import asyncio
import json
import socket as socket_module
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path

import aiohttp
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import websockets

from core.simulator.errors import SimulatorError
from core.simulator.run import SimulatorOptions, simulate

pytestmark = pytest.mark.simulator

START_MS = 1_790_000_000_000
DEADLINE_S = 15.0


class Exchange:
    """A running simulator and a client of it."""

    def __init__(self, port: int, http: aiohttp.ClientSession) -> None:
        self.port = port
        self._http = http

    async def ask(self, path: str, **query: object) -> object:
        status, body, _ = await self.reply(path, **query)
        assert status == 200, body
        return body

    async def reply(self, path: str, **query: object) -> tuple[int, object, str]:
        params = {key: str(value) for key, value in query.items()}
        async with self._http.get(f"http://127.0.0.1:{self.port}{path}", params=params) as reply:
            text = await reply.text()
            used = reply.headers.get("X-MBX-USED-WEIGHT-1M", "")
            return reply.status, json.loads(text) if text.startswith(("{", "[")) else text, used

    async def control(self, path: str) -> dict[str, int]:
        async with self._http.post(f"http://127.0.0.1:{self.port}{path}") as reply:
            return await reply.json()

    def socket(self, path: str) -> websockets.connect:
        return websockets.connect(
            f"ws://127.0.0.1:{self.port}{path}", proxy=None, close_timeout=0.2
        )


@asynccontextmanager
async def exchange(**options: object) -> AsyncIterator[Exchange]:
    chosen = {"port": 0, "speed": 100.0, "start_ms": START_MS} | options
    ready = asyncio.get_running_loop().create_future()
    running = asyncio.create_task(
        simulate(SimulatorOptions(**chosen), on_ready=ready.set_result)  # type: ignore[arg-type]
    )
    await asyncio.wait({ready, running}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if running.done():
            await running
        async with aiohttp.ClientSession() as http, asyncio.timeout(DEADLINE_S):
            yield Exchange(await ready, http)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError, SimulatorError):
            await running


async def listen(socket: websockets.ClientConnection) -> None:
    while True:
        await socket.recv()


def test_rest_answers_every_endpoint():
    async def scenario() -> None:
        async with exchange() as sim:
            assert await sim.ask("/fapi/v1/ping") == await sim.ask("/api/v3/ping") == {}
            assert (await sim.ask("/api/v3/time"))["serverTime"] >= START_MS
            info = await sim.ask("/fapi/v1/exchangeInfo")
            assert info["simulator"] == "SIMULATED"
            assert [s["symbol"] for s in info["symbols"]] == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
            for path in ("klines", "markPriceKlines"):
                rows = await sim.ask(f"/fapi/v1/{path}", symbol="BTCUSDT", interval="1m")
                assert len(rows) == 500
                assert all(len(row) == 12 for row in rows)
                assert rows[-1][6] > (await sim.ask("/fapi/v1/time"))["serverTime"] - 120_000
            rates = await sim.ask("/fapi/v1/fundingRate", symbol="BTCUSDT", limit=3)
            assert len(rates) == 3
            depth = await sim.ask("/fapi/v1/depth", symbol="BTCUSDT", limit=20)
            assert float(depth["bids"][0][0]) < float(depth["asks"][0][0])
            assert len(depth["bids"]) == 20
            assert (await sim.ask("/fapi/v1/premiumIndex", symbol="BTCUSDT"))["symbol"] == "BTCUSDT"
            assert len(await sim.ask("/fapi/v1/ticker/24hr")) == 3
            trades = await sim.ask("/fapi/v1/aggTrades", symbol="BTCUSDT", limit=10)
            again = await sim.ask(
                "/fapi/v1/aggTrades", symbol="BTCUSDT", fromId=trades[0]["a"], limit=10
            )
            assert again == trades

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("path", "query", "code"),
    [
        ("klines", {"symbol": "NOPE", "interval": "1m"}, -1121),
        ("klines", {"symbol": "btcusdt", "interval": "1m"}, -1121),
        ("klines", {"interval": "1m"}, -1102),
        ("klines", {"symbol": "BTCUSDT"}, -1102),
        ("klines", {"symbol": "BTCUSDT", "interval": "7m"}, -1120),
        ("klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": 1501}, -1130),
        ("klines", {"symbol": "BTCUSDT", "interval": "1m", "limit": 0}, -1130),
        ("klines", {"symbol": "BTCUSDT", "interval": "1m", "startTime": "x"}, -1102),
        ("klines", {"symbol": "BTCUSDT", "interval": "1m", "startTime": 2, "endTime": 1}, -1023),
        ("depth", {"symbol": "BTCUSDT", "limit": 7}, -4021),
    ],
)
def test_bad_parameters_get_the_documented_body(path: str, query: dict, code: int):
    async def scenario() -> None:
        async with exchange() as sim:
            status, body, _ = await sim.reply(f"/fapi/v1/{path}", **query)
            assert (status, body["code"]) == (400, code)

    asyncio.run(scenario())


def test_weight_is_counted_and_ends_in_429():
    async def scenario() -> None:
        async with exchange() as sim:
            _, _, first = await sim.reply(
                "/fapi/v1/klines", symbol="BTCUSDT", interval="1m", limit=1500
            )
            _, _, second = await sim.reply("/fapi/v1/time")
            assert int(second) in (1, int(first) + 1)  # 1 when the minute has just turned
            for _ in range(200):
                status, body, _ = await sim.reply("/fapi/v1/aggTrades", symbol="BTCUSDT", limit=1)
                if status == 429:
                    break
            assert status == 429
            assert body["code"] == -1003

    asyncio.run(scenario())


def test_closed_candles_of_the_stream_equal_rest():
    async def scenario() -> None:
        async with exchange() as sim, sim.socket("/market/ws/btcusdt@kline_1m") as socket:
            closed = []
            while len(closed) < 5:
                k = json.loads(await socket.recv())["k"]
                if k["x"]:
                    closed.append(k)
            rows = await sim.ask(
                "/fapi/v1/klines",
                symbol="BTCUSDT",
                interval="1m",
                startTime=closed[0]["t"],
                endTime=closed[-1]["T"],
            )
            assert [[k[key] for key in "tohlcvTqnVQB"] for k in closed] == rows

    asyncio.run(scenario())


def test_a_restart_serves_the_same_history(tmp_path: Path):
    query = {"symbol": "ETHUSDT", "interval": "15m", "endTime": START_MS - 900_000, "limit": 1500}

    async def history() -> tuple[object, int]:
        async with exchange(clock_file=tmp_path / "clock") as sim:
            rows = await sim.ask("/fapi/v1/klines", **query)
            return rows, (await sim.ask("/fapi/v1/time"))["serverTime"]

    (first, before_ms), (second, after_ms) = asyncio.run(history()), asyncio.run(history())
    assert first == second
    assert after_ms >= before_ms


@pytest.mark.parametrize(
    ("path", "wrapped"),
    [
        ("/market/stream?streams=btcusdt@kline_1m/ethusdt@aggTrade", True),
        ("/market/ws/btcusdt@kline_1m/ethusdt@aggTrade", False),
    ],
)
def test_streams_named_in_the_url_are_pushed(path: str, wrapped: bool):
    async def scenario() -> None:
        async with exchange() as sim, sim.socket(path) as socket:
            seen = set()
            while len(seen) < 2:
                frame = json.loads(await socket.recv())
                assert ("stream" in frame) is wrapped
                seen.add((frame["data"] if wrapped else frame)["e"])
            assert seen == {"kline", "aggTrade"}

    asyncio.run(scenario())


@pytest.mark.parametrize("path", ["/market/ws", "/market/ws/0", "/market/stream"])
def test_streams_can_be_subscribed_to_later(path: str):
    async def scenario() -> None:
        async with exchange() as sim, sim.socket(path) as socket:
            command = {"method": "SUBSCRIBE", "params": ["btcusdt@markPrice@1s"], "id": "an-id"}
            await socket.send(json.dumps(command))
            assert json.loads(await socket.recv()) == {"result": None, "id": "an-id"}
            frame = json.loads(await socket.recv())
            assert frame.get("data", frame)["e"] == "markPriceUpdate"

    asyncio.run(scenario())


@pytest.mark.parametrize("path", ["/ws", "/stream", "/public/ws"])
def test_routes_without_market_streams_acknowledge_and_stay_silent(path: str):
    async def scenario() -> None:
        async with exchange() as sim, sim.socket(path) as socket:
            streams = ["btcusdt@kline_1m", "btcusdt@bookTicker"]
            await socket.send(json.dumps({"method": "SUBSCRIBE", "params": streams, "id": 1}))
            assert json.loads(await socket.recv()) == {"result": None, "id": 1}
            kinds = set()
            for _ in range(10):
                frame = json.loads(await socket.recv())
                kinds.add(frame.get("data", frame)["e"])
            assert kinds == {"bookTicker"}

    asyncio.run(scenario())


def test_a_local_book_can_be_kept_by_the_documented_procedure():
    async def scenario() -> None:
        async with exchange() as sim, sim.socket("/public/ws/btcusdt@depth@100ms") as socket:
            events = [json.loads(await socket.recv()) for _ in range(2)]
            snapshot = await sim.ask("/fapi/v1/depth", symbol="BTCUSDT", limit=1000)
            while events[-1]["u"] <= snapshot["lastUpdateId"]:
                events.append(json.loads(await socket.recv()))
            events.append(json.loads(await socket.recv()))
            live = [e for e in events if e["u"] >= snapshot["lastUpdateId"]]
            assert live[0]["U"] <= snapshot["lastUpdateId"]
            assert all(b["pu"] == a["u"] for a, b in pairwise(live))
            bids = dict(snapshot["bids"])
            asks = dict(snapshot["asks"])
            for event in live:
                bids.update(event["b"])
                asks.update(event["a"])
            best_bid = max(float(p) for p, q in bids.items() if float(q))
            assert best_bid < min(float(p) for p, q in asks.items() if float(q))

    asyncio.run(scenario())


def test_dropped_and_refused_clients_can_come_back():
    async def scenario() -> None:
        async with exchange() as sim:
            async with sim.socket("/market/ws/btcusdt@kline_1m") as socket:
                await socket.recv()
                assert await sim.control("/sim/drop") == {"dropped": 1}
                with pytest.raises(websockets.ConnectionClosedError):
                    await listen(socket)
            while (await sim.ask("/sim/state"))["clients"]:
                pass
            await sim.control("/sim/refuse?seconds=60")
            assert (await sim.reply("/fapi/v1/time"))[0] == 503
            with pytest.raises(websockets.InvalidStatus):
                await sim.socket("/market/ws")
            await sim.control("/sim/refuse?seconds=0")
            async with sim.socket("/market/ws/btcusdt@kline_1m") as socket:
                await socket.recv()
            state = await sim.ask("/sim/state")
            assert state["label"] == "SIMULATED"

    asyncio.run(scenario())


def test_a_client_that_talks_too_much_is_closed_with_1008():
    async def scenario() -> None:
        async with exchange() as sim, sim.socket("/market/ws") as socket:
            for number in range(30):
                with suppress(websockets.ConnectionClosed):
                    await socket.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": number}))
            with pytest.raises(websockets.ConnectionClosedError):
                await listen(socket)
            assert socket.close_code == 1008

    asyncio.run(scenario())


def test_a_client_that_does_not_read_is_dropped_and_others_go_on():
    async def scenario() -> None:
        async with exchange(speed=2_000.0) as sim:
            deaf = socket_module.socket()
            deaf.setsockopt(socket_module.SOL_SOCKET, socket_module.SO_RCVBUF, 4_096)
            deaf.setblocking(False)
            loop = asyncio.get_running_loop()
            await loop.sock_connect(deaf, ("127.0.0.1", sim.port))
            streams = "btcusdt@aggTrade/ethusdt@aggTrade/solusdt@aggTrade"
            await loop.sock_sendall(
                deaf,
                f"GET /market/ws/{streams} HTTP/1.1\r\nHost: sim\r\nUpgrade: websocket\r\n"
                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode(),
            )
            async with sim.socket("/market/ws/btcusdt@kline_1m") as socket:
                clients = 2
                while clients > 1:
                    await socket.recv()
                    clients = (await sim.ask("/sim/state"))["clients"]
                await socket.recv()
            deaf.close()

    asyncio.run(scenario())


def test_a_taken_port_is_an_error_that_names_it():
    async def scenario() -> None:
        async with exchange() as sim:
            with pytest.raises(SimulatorError, match=str(sim.port)):
                await simulate(SimulatorOptions(port=sim.port))

    asyncio.run(scenario())


def test_the_first_answer_comes_within_a_second():
    async def scenario() -> None:
        begun_s = time.monotonic()
        async with exchange() as sim:
            await sim.ask("/fapi/v1/klines", symbol="BTCUSDT", interval="1m", limit=1500)
            assert time.monotonic() - begun_s < 1.0

    asyncio.run(scenario())


def test_a_replay_serves_its_file_and_goes_quiet_at_the_end(tmp_path: Path):
    n = 40
    times = START_MS - START_MS % 60_000 + np.arange(n, dtype=np.int64) * 60_000
    price = np.full(n, 10.0)
    columns = dict.fromkeys(("open", "high", "low", "close"), price)
    table = {"open_time": times, **columns, "volume": np.arange(n) + 1.0}
    pq.write_table(pa.table(table), tmp_path / "ABCUSDT_1m.parquet")

    async def scenario() -> None:
        async with exchange(replay=tmp_path, symbols=(), start_ms=None, speed=400.0) as sim:
            async with sim.socket("/market/ws/abcusdt@kline_1m") as socket:
                last = {}
                while last.get("t") != times[-1] or not last["x"]:
                    last = json.loads(await socket.recv())["k"]
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0.6):
                        await socket.recv()
            rows = await sim.ask("/fapi/v1/klines", symbol="ABCUSDT", interval="1m", limit=1500)
            assert [row[0] for row in rows] == times.tolist()
            assert [float(row[5]) for row in rows] == table["volume"].tolist()
            assert (await sim.ask("/sim/state"))["label"] == "SIMULATED, SYNTHETIC FLOW"
            assert (await sim.ask("/fapi/v1/time"))["serverTime"] == times[-1] + 60_000

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"port": 70_000}, "port"),
        ({"seed": -1}, "seed"),
        ({"history_days": 0}, "history_days"),
        ({"start_ms": 5}, "start_ms"),
        ({"speed": 0.0}, "speed"),
        ({"symbols": ("nope",)}, "nope"),
        ({"replay": Path("nowhere")}, "nowhere"),
    ],
)
def test_options_that_cannot_be_used_are_named(options: dict, word: str):
    with pytest.raises(SimulatorError, match=word):
        asyncio.run(simulate(SimulatorOptions(**({"port": 0} | options))))
