"""The faults of the simulator strike a recording as they strike a generated market."""

import asyncio
import gzip
import json
from contextlib import suppress

import pytest
import websockets

from core.data.recording.lines import REST, Header, RestAnswer, frame_line
from core.simulator.errors import SimulatorError
from core.simulator.faults.kinds import Garbage, Mute, RestGap
from tests.core.simulator.exchange import exchange

pytestmark = pytest.mark.simulator

MINUTE = 60_000
BASE_MS = 1_795_244_400_000
BASE_NS = BASE_MS * 1_000_000
STREAM = "btcusdt@aggTrade"
PATH = f"/market/stream?streams={STREAM}"
# As the exchange writes them, with spaces as others do, and something without a stream.
FORMS = (
    b'{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":%d,"p":"1.5","n":%d}}',
    b'{ "stream": "btcusdt@aggTrade", "data": {"e":"aggTrade","E":%d,"p":"1.5","n":%d} }',
    b'{"E":%d,"garbage":[%d',
)


def row(minute: int) -> list[object]:
    open_ms = BASE_MS + (minute - 10) * MINUTE
    return [open_ms, *["1.5"] * 4, "2", open_ms + MINUTE - 1, "3", 4, "1", "1.5", "0"]


@pytest.fixture
def recording(tmp_path):
    lines = [
        frame_line(BASE_NS + n * 10_000_000, form % (BASE_MS + n * 10, n))
        for n in range(300)
        for form in FORMS
    ]
    klines = {"symbol": "BTCUSDT", "interval": "1m"}
    answer = RestAnswer(BASE_NS, "/fapi/v1/klines", klines, [row(n) for n in range(11)])
    rest = [frame_line(BASE_NS, answer.payload())]
    for route, written in (("market", lines), (REST, rest)):
        header = Header(route, BASE_NS, "http://a", "ws://a", ("BTCUSDT",), (STREAM,))
        path = tmp_path / f"{route}.frames.gz"
        path.write_bytes(gzip.compress(header.line() + b"".join(written)))
    return tmp_path


def replayed(recording, *faults, speed=1.0):
    return exchange(replay=recording, symbols=(), speed=speed, start_ms=None, faults=tuple(faults))


async def heard(socket, count: int) -> list[str]:
    return [await socket.recv() for _ in range(count)]


def test_a_fault_from_the_start_on_strikes_until_it_is_ended(recording):
    async def scenario() -> None:
        # So slowly that it has not ended however long the fault is waited for.
        async with replayed(recording, Mute(), speed=0.2) as sim, sim.socket(PATH) as socket:
            while (await sim.faults())[0]["struck"] < 50:
                await asyncio.sleep(0.01)
            await sim.heal()
            (first,) = await heard(socket, 1)
            assert int(first.split('"E":')[1][:13]) >= BASE_MS + 150

    asyncio.run(scenario())


def test_garbage_goes_between_frames_of_every_form_and_the_good_ones_stay(recording):
    async def scenario() -> None:
        async with replayed(recording, Garbage(seed=5)) as sim, sim.socket(PATH) as socket:
            texts = await heard(socket, 120)
            good = [form % (BASE_MS + n * 10, n) for n in range(20) for form in FORMS]
            assert [text.encode() for text in texts[1::2]] == good
            assert (await sim.ask("/sim/state"))["clients"] == 1

    asyncio.run(scenario())


def test_a_drop_resets_a_replay_and_it_goes_on(recording):
    async def scenario() -> None:
        async with replayed(recording, speed=0.2) as sim, sim.socket(PATH) as socket:
            await heard(socket, 5)
            await sim.fault("drop", code=1011)
            with suppress(websockets.ConnectionClosed):
                while True:
                    await socket.recv()
            assert socket.close_code == 1011
            async with sim.socket(PATH) as again:
                await heard(again, 1)

    asyncio.run(scenario())


def test_a_gap_in_rest_a_refusal_and_a_wrong_clock(recording):
    async def scenario() -> None:
        gap = RestGap(from_ms=row(5)[0], to_ms=row(7)[0])
        async with replayed(recording, gap) as sim:
            times = [
                r[0]
                for r in await sim.ask("/fapi/v1/klines", symbol="BTCUSDT", interval="1m", limit=6)
            ]
            assert times == [row(n)[0] for n in (3, 4, 7, 8, 9, 10)]
            await sim.heal()
            await sim.fault("clock_skew", ms=-86_400_000)
            assert (await sim.ask("/fapi/v1/time"))["serverTime"] < BASE_MS
            await sim.fault("rest_error", status=451)
            status, _, _ = await sim.reply("/fapi/v1/time")
            assert status == 451

    asyncio.run(scenario())


def test_the_private_route_hears_nothing(recording):
    async def scenario() -> None:
        async with (
            replayed(recording) as sim,
            sim.socket(f"/private/stream?streams={STREAM}") as silent,
            sim.socket(PATH) as other,
        ):
            await heard(other, 30)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await silent.recv()

    asyncio.run(scenario())


@pytest.mark.parametrize("option", ["start_ms", "clock_file"])
def test_an_option_that_a_recording_cannot_follow_is_refused(recording, tmp_path, option):
    async def scenario() -> None:
        given = {"start_ms": None} | {option: BASE_MS if option == "start_ms" else tmp_path / "c"}
        async with exchange(replay=recording, symbols=(), **given):
            raise AssertionError("it must not start")

    with pytest.raises(SimulatorError, match="a time of their own"):
        asyncio.run(scenario())


def test_what_is_no_http_is_answered_and_told_in_a_line(recording, caplog):
    async def scenario() -> bytes:
        async with replayed(recording) as sim:
            reader, writer = await asyncio.open_connection("127.0.0.1", sim.port)
            writer.write("GET /sim/state?x=\u0663 HTTP/1.1\r\n\r\n".encode())
            answer = await reader.readline()
            writer.close()
            return answer

    assert b"400" in asyncio.run(scenario())
    (record,) = [r for r in caplog.records if "Error handling" in r.getMessage()]
    assert record.exc_info is None


def test_half_a_character_in_a_recorded_answer_is_served(recording):
    lines = gzip.decompress((recording / "rest.frames.gz").read_bytes())
    body = json.dumps([{"symbol": "\ud800"}])
    line = b'%d {"path":"/fapi/v1/ticker/24hr","query":{},"body":%s}\n' % (BASE_NS, body.encode())
    (recording / "rest.frames.gz").write_bytes(gzip.compress(lines + line))

    async def scenario() -> object:
        async with replayed(recording) as sim:
            return await sim.ask("/fapi/v1/ticker/24hr")

    assert asyncio.run(scenario()) == [{"symbol": "?"}]
