"""The simulator from its options to its REST answers, on a real port."""

import asyncio
import json
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.simulator.errors import SimulatorError
from core.simulator.run import SimulatorOptions, simulate
from tests.core.simulator.exchange import START_MS, exchange

pytestmark = pytest.mark.simulator


def test_rest_answers_every_endpoint():
    async def scenario() -> None:
        async with exchange() as sim:
            assert await sim.ask("/fapi/v1/ping") == await sim.ask("/api/v3/ping") == {}
            assert (await sim.ask("/api/v3/time"))["serverTime"] >= START_MS
            info = await sim.ask("/fapi/v1/exchangeInfo")
            assert info["simulator"] == "SIMULATED"
            assert [s["symbol"] for s in info["symbols"]] == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
            for path in ("klines", "markPriceKlines"):
                before_ms = (await sim.ask("/fapi/v1/time"))["serverTime"]
                rows = await sim.ask(f"/fapi/v1/{path}", symbol="BTCUSDT", interval="1m")
                assert len(rows) == 500
                assert all(len(row) == 12 for row in rows)
                assert rows[-1][6] >= before_ms
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


def test_open_interest_is_served_with_its_errors():
    path, day_ms = "/futures/data/openInterestHist", 86_400_000

    async def scenario() -> None:
        async with exchange() as sim:
            held = await sim.ask(path, symbol="BTCUSDT", period="5m", limit=3)
            assert [row["symbol"] for row in held] == ["BTCUSDT"] * 3
            assert held[-1]["timestamp"] <= (await sim.ask("/fapi/v1/time"))["serverTime"]
            for code, query in (
                (-1102, {}),
                (-1130, {"period": "7m"}),
                (-1130, {"period": "5m", "endTime": START_MS - 40 * day_ms}),
            ):
                status, body, _ = await sim.reply(path, symbol="BTCUSDT", **query)
                assert (status, body["code"]) == (400, code)
            assert (await sim.reply("/futures/data/nothing"))[0] == 404

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
            for _ in range(400):  # twice what a minute allows, should one end meanwhile
                status, body, _ = await sim.reply("/fapi/v1/aggTrades", symbol="BTCUSDT", limit=1)
                if status == 429:
                    break
            assert status == 429
            assert body["code"] == -1003

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


def test_a_taken_port_is_an_error_that_names_it():
    async def scenario() -> None:
        async with exchange() as sim:
            with pytest.raises(SimulatorError, match=str(sim.port)):
                await simulate(SimulatorOptions(port=sim.port))

    asyncio.run(scenario())


def test_the_first_answer_needs_no_more_than_seconds_of_work():
    """A second in life; in seconds of a CPU, as others may use the machine too."""

    async def scenario() -> None:
        begun_s = time.process_time()
        async with exchange() as sim:
            await sim.ask("/fapi/v1/klines", symbol="BTCUSDT", interval="1m", limit=1500)
            assert time.process_time() - begun_s < 5.0

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


def test_a_clock_file_that_can_no_longer_be_written_does_not_end_the_market(tmp_path, caplog):
    clock_file = tmp_path / "clock.json"

    async def scenario() -> None:
        async with exchange(clock_file=clock_file) as sim:
            clock_file.unlink()
            clock_file.mkdir()
            async with asyncio.timeout(60):
                while "may run backwards" not in caplog.text:
                    await asyncio.sleep(0.02)
            assert await sim.ask("/fapi/v1/ping") == {}

    asyncio.run(scenario())
    assert list(tmp_path.iterdir()) == [clock_file], "no draft is left beside it"
