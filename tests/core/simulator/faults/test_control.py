"""Each fault as a raw client meets it."""

import asyncio
import json
import time
from contextlib import suppress

import pytest
import websockets

from core.simulator.faults.kinds import parse_fault
from tests.core.simulator.exchange import Exchange, exchange

pytestmark = pytest.mark.simulator

KLINES = {"symbol": "BTCUSDT", "interval": "1m"}
STREAM = "/market/stream?streams=btcusdt@kline_1m"
MINUTE_MS = 60_000


async def closed_by(socket: websockets.ClientConnection) -> int | None:
    with suppress(websockets.ConnectionClosed):
        while True:
            await socket.recv()
    return socket.close_code


async def candles(socket: websockets.ClientConnection, count: int) -> list[dict]:
    """Return the next last frames of candles."""
    closed: list[dict] = []
    while len(closed) < count:
        k = json.loads(await socket.recv())["data"]["k"]
        if k["x"]:
            closed.append(k)
    return closed


async def struck(sim: Exchange, least: int = 1) -> None:
    while (await sim.faults())[0]["struck"] < least:
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1008, 1011])
def test_a_drop_ends_every_socket_with_its_code(code: int):
    async def scenario() -> None:
        async with exchange() as sim, sim.socket(STREAM) as one, sim.socket(STREAM) as other:
            await one.recv()
            await other.recv()
            status, body = await sim.post("/sim/faults", {"kind": "drop", "code": code})
            assert (status, body["struck"]) == (200, 2)
            assert [await closed_by(one), await closed_by(other)] == [code, code]
            assert await sim.faults() == []
            async with sim.socket(STREAM) as again:
                await again.recv()

    asyncio.run(scenario())


def test_a_lasting_drop_ends_whoever_connects():
    async def scenario() -> None:
        async with exchange() as sim:
            await sim.fault("drop", seconds=60, code=1001)
            for _ in range(3):
                async with sim.socket(STREAM) as socket:
                    assert await closed_by(socket) == 1001
            assert (await sim.faults())[0]["struck"] == 3
            assert await sim.heal() == 1
            async with sim.socket(STREAM) as socket:
                await socket.recv()

    asyncio.run(scenario())


@pytest.mark.parametrize(("path", "wrapped"), [(STREAM, True), ("/market/ws/x@kline_1m", False)])
def test_a_shutdown_is_announced_two_seconds_before_the_end(path: str, wrapped: bool):
    async def scenario() -> None:
        async with exchange() as sim, sim.socket(path) as socket:
            begun_s, notice = time.monotonic(), None
            await sim.fault("shutdown")
            with suppress(websockets.ConnectionClosed):
                while True:
                    frame = json.loads(await socket.recv())
                    data = frame.get("data", frame)
                    if data["e"] == "serverShutdown":
                        notice = frame
            assert notice is not None
            assert ("stream" in notice) is wrapped
            assert socket.close_code == 1001
            assert time.monotonic() - begun_s > 1.5

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [403, 404, 418, 429, 451, 500, 503])
def test_handshakes_are_refused_with_the_status(status: int):
    async def scenario() -> None:
        async with exchange() as sim:
            await sim.fault("refuse", status=status, retry_after=3)
            with pytest.raises(websockets.InvalidStatus) as refused:
                await sim.socket(STREAM)
            assert refused.value.response.status_code == status
            assert refused.value.response.headers["Retry-After"] == "3"
            await sim.ask("/fapi/v1/time")
            await sim.heal()
            async with sim.socket(STREAM) as socket:
                await socket.recv()

    asyncio.run(scenario())


def test_a_mute_socket_answers_pings_and_commands_and_sends_nothing_else():
    async def scenario() -> None:
        async with exchange() as sim, sim.socket(STREAM) as socket:
            await sim.fault("mute")
            await struck(sim)
            await (await socket.ping())
            await socket.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 9}))
            while "id" not in (reply := json.loads(await socket.recv())):
                pass
            assert reply == {"result": ["btcusdt@kline_1m"], "id": 9}
            await struck(sim, 5)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await socket.recv()
            await sim.heal()
            assert "data" in json.loads(await socket.recv())

    asyncio.run(scenario())


def test_a_silent_subscription_is_acknowledged_and_others_go_on():
    async def scenario() -> None:
        async with exchange() as sim, sim.socket("/market/stream") as socket:
            await sim.fault("silent_subscription", streams="*@kline_*")
            names = ["btcusdt@kline_1m", "btcusdt@markPrice@1s"]
            await socket.send(json.dumps({"method": "SUBSCRIBE", "params": names, "id": 1}))
            assert json.loads(await socket.recv()) == {"result": None, "id": 1}
            await struck(sim, 3)
            seen = {json.loads(await socket.recv())["stream"] for _ in range(5)}
            assert seen == {"btcusdt@markPrice@1s"}

    asyncio.run(scenario())


def test_duplicates_and_garbage_reach_the_client_beside_every_good_frame():
    async def scenario() -> None:
        async with exchange() as sim, sim.socket(STREAM) as socket:
            await sim.fault("duplicate")
            await sim.fault("garbage", seed=4)
            await struck(sim, 4)
            texts = []
            while len(set(texts)) == len(texts):
                texts.append(await socket.recv())
            good = [frame for frame in texts if frame == texts[-1]]
            assert len(good) == 2

    asyncio.run(scenario())


def test_a_missing_close_is_missing_from_the_stream_and_there_in_rest():
    async def scenario() -> None:
        async with exchange(speed=600.0) as sim, sim.socket(STREAM) as socket:
            await sim.fault("missing_close", share=0.5, seed=2)
            opens = [k["t"] for k in await candles(socket, 8)]
            query = KLINES | {"startTime": opens[0], "endTime": opens[-1]}
            there = [row[0] for row in await sim.ask("/fapi/v1/klines", **query)]
            assert there == list(range(opens[0], opens[-1] + 1, MINUTE_MS))
            assert set(opens) < set(there)

    asyncio.run(scenario())


def test_late_frames_come_late_and_in_order():
    async def scenario() -> None:
        async with exchange(speed=8.0) as sim, sim.socket(STREAM) as socket:
            await sim.fault("delay", ms=700)
            since_ms = (await sim.ask("/fapi/v1/time"))["serverTime"]
            times = []
            while sum(t > since_ms for t, _ in times) < 4:
                event_ms = json.loads(await socket.recv())["data"]["E"]
                now_ms = (await sim.ask("/fapi/v1/time"))["serverTime"]
                times.append((event_ms, now_ms - event_ms))
            assert [t for t, _ in times] == sorted(t for t, _ in times)
            assert min(late_ms for t, late_ms in times if t > since_ms) >= 0.6 * 8_000

    asyncio.run(scenario())


def test_a_gap_is_in_rest_and_the_limit_counts_what_is_there():
    async def scenario() -> None:
        async with exchange() as sim:
            rows = [row[0] for row in await sim.ask("/fapi/v1/klines", **KLINES, limit=20)][:-1]
            from_ms, to_ms = rows[5], rows[9]
            await sim.fault("rest_gap", symbol="BTCUSDT", from_ms=from_ms, to_ms=to_ms)
            found = await sim.ask(
                "/fapi/v1/klines", **KLINES, startTime=rows[0], endTime=rows[-1], limit=10
            )
            there = [ms for ms in rows if not from_ms <= ms < to_ms]
            assert [row[0] for row in found] == there[:10]
            newest = await sim.ask("/fapi/v1/klines", **KLINES, endTime=rows[-1], limit=12)
            assert [row[0] for row in newest] == there[-12:]
            other = await sim.ask(
                "/fapi/v1/klines",
                symbol="ETHUSDT",
                interval="1m",
                startTime=rows[0],
                endTime=rows[-1],
            )
            assert [row[0] for row in other] == rows

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [400, 403, 408, 418, 429, 451, 500, 503])
def test_rest_refuses_with_the_status_and_tells_the_weight(status: int):
    async def scenario() -> None:
        async with exchange() as sim:
            await sim.fault("rest_error", status=status)
            got, _, used = await sim.reply("/fapi/v1/klines", **KLINES)
            assert (got, used) == (status, "1")
            await sim.heal()
            await sim.ask("/fapi/v1/klines", **KLINES)

    asyncio.run(scenario())


def test_the_seed_decides_which_requests_fail():
    async def statuses(seed: int) -> list[int]:
        async with exchange() as sim:
            await sim.fault("rest_error", status=503, share=0.5, seed=seed)
            return [(await sim.reply("/fapi/v1/time"))[0] for _ in range(30)]

    first, again, other = (asyncio.run(statuses(seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert {200, 503} == set(first)


def test_rest_can_be_slow_nonsense_and_of_another_time():
    async def scenario() -> None:
        async with exchange() as sim:
            await sim.fault("rest_slow", ms=300)
            begun_s = time.monotonic()
            await sim.ask("/fapi/v1/time")
            assert time.monotonic() - begun_s >= 0.3
            await sim.heal()
            true_ms = (await sim.ask("/fapi/v1/time"))["serverTime"]
            await sim.fault("clock_skew", ms=86_400_000)
            assert (await sim.ask("/fapi/v1/time"))["serverTime"] >= true_ms + 86_400_000
            async with sim.socket(STREAM) as socket:
                assert json.loads(await socket.recv())["data"]["E"] >= true_ms + 86_400_000
            await sim.heal()
            await sim.fault("rest_garbage", seed=5)
            good = 0
            for _ in range(10):
                with suppress(json.JSONDecodeError):
                    _, body, _ = await sim.reply("/fapi/v1/time")
                    good += isinstance(body, dict)
            assert good == 0

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("body", "named"), [("{", "fault"), ({"kind": "x"}, "x"), ({"kind": "delay"}, "ms")]
)
def test_what_is_no_fault_is_answered_with_400_and_a_name(body: object, named: str):
    async def scenario() -> None:
        async with exchange() as sim:
            status, reply = await sim.post("/sim/faults", body)
            assert status == 400
            assert named in reply["error"]

    asyncio.run(scenario())


def test_one_fault_ends_by_its_number_and_an_unknown_number_is_named():
    async def scenario() -> None:
        async with exchange() as sim:
            mute, skew = await sim.fault("mute"), await sim.fault("clock_skew", ms=5)
            assert await sim.heal(mute) == 1
            assert [fault["id"] for fault in await sim.faults()] == [skew]
            for absent in (mute, "x", "9" * 30):
                with pytest.raises(AssertionError, match="no active fault"):
                    await sim.heal(absent)

    asyncio.run(scenario())


def test_faults_can_be_there_from_the_start():
    async def scenario() -> None:
        mute = parse_fault('{"kind":"refuse","status":451}')
        async with exchange(faults=(mute,)) as sim:
            with pytest.raises(websockets.InvalidStatus):
                await sim.socket(STREAM)

    asyncio.run(scenario())
