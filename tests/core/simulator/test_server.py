"""The WebSocket routes and controls, spoken to by real clients."""

import asyncio
import json
import socket as socket_module
from contextlib import suppress
from itertools import pairwise

import pytest
import websockets

from tests.core.simulator.exchange import exchange

pytestmark = pytest.mark.simulator


async def listen(socket: websockets.ClientConnection) -> None:
    while True:
        await socket.recv()


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


def test_a_connection_carries_1024_streams_and_not_one_more():
    async def scenario() -> None:
        async with exchange() as sim, sim.socket("/market/ws") as socket:
            for number, first in enumerate(range(0, 1_024, 256)):
                names = [f"s{n}usdt@kline_1m" for n in range(first, first + 256)]
                await socket.send(
                    json.dumps({"method": "SUBSCRIBE", "params": names, "id": number})
                )
                assert json.loads(await socket.recv())["result"] is None
            for params in (["btcusdt@kline_1m"], names):
                command = {"method": "SUBSCRIBE", "params": params, "id": 9}
                await socket.send(json.dumps(command))
                reply = json.loads(await socket.recv())
                assert ("error" in reply) is (params is not names)
            listed = "/".join(f"{n}@kline_1m" for n in range(400, 1_425))
            with pytest.raises(websockets.InvalidStatus):
                await sim.socket(f"/market/ws/{listed}")

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "path", ["/private/ws?listenKey=abc", "/private/stream", "/private/ws/abc"]
)
def test_the_private_route_answers_and_is_silent(path: str):
    async def scenario() -> None:
        async with exchange() as sim, sim.socket(path) as socket:
            await (await socket.ping())
            await socket.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 1}))
            assert json.loads(await socket.recv())["id"] == 1
            assert (await sim.ask("/sim/state"))["clients"] == 1

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
