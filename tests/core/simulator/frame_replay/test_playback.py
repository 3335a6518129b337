"""Recorded frames reach who subscribed, as they came, and nobody else."""

import asyncio
import gzip

import pytest

from core.data.recording.lines import Frame, Header, frame_line
from core.data.recording.reader import Recording
from core.simulator.frame_replay.envelope import event_time_ms, opened, route_of
from core.simulator.frame_replay.playback import GRACE_S, Playback, Stage
from core.simulator.frame_replay.state import ReplayState
from core.simulator.streams import Route

BASE_NS = 1_795_244_373_000_000_000
BASE_MS = BASE_NS // 1_000_000
TRADE = b'{"stream":"btcusdt@aggTrade","data":{"e":"aggTrade","E":%d}}'


class Client:
    def __init__(self) -> None:
        self.heard: list[str] = []
        self.raw: list[str] = []

    def push(self, payload: str, wrapped: str) -> None:
        self.heard.append(wrapped)
        self.raw.append(payload)


def recording(tmp_path, *lines: bytes) -> Recording:
    header = Header("market", BASE_NS, "http://a", "ws://a", ("BTCUSDT",), ())
    path = tmp_path / "market.frames.gz"
    path.write_bytes(gzip.compress(header.line() + b"".join(lines)))
    return Recording(tmp_path)


def playback(tmp_path, *lines: bytes, speed: float = 1e4) -> Playback:
    state = ReplayState(["BTCUSDT"], ["btcusdt@aggTrade"], BASE_MS)
    return Playback(
        recording(tmp_path, *lines),
        state,
        ["BTCUSDT"],
        speed=speed,
        waiting=lambda: 0,
        grace_s=0.0,
    )


def market(payload: bytes) -> Frame:
    return Frame("market", BASE_NS, payload)


def test_a_frame_goes_to_its_stream_on_its_route_only(tmp_path):
    play = playback(tmp_path)
    clients = {
        key: Client()
        for key in (
            ("btcusdt@aggTrade", Route.MARKET),
            ("btcusdt@aggTrade", Route.PUBLIC),
            ("btcusdt@aggTrade", Route.LEGACY),
            ("btcusdt@kline_1m", Route.MARKET),
        )
    }
    for (name, route), client in clients.items():
        play.join(client, name, route)
    frame = TRADE % BASE_MS
    play.send(market(frame))
    assert clients["btcusdt@aggTrade", Route.MARKET].heard == [frame.decode()]
    assert clients["btcusdt@aggTrade", Route.MARKET].raw == [f'{{"e":"aggTrade","E":{BASE_MS}}}']
    assert sum(len(client.heard) for client in clients.values()) == 1


def test_garbage_and_farewells_go_to_everybody_of_the_route_and_answers_to_nobody(tmp_path):
    play = playback(tmp_path)
    near, far = Client(), Client()
    play.join(near, "btcusdt@aggTrade", Route.MARKET)
    play.join(near, "btcusdt@kline_1m", Route.MARKET)
    play.join(far, "btcusdt@bookTicker", Route.PUBLIC)
    for payload in (b'{"e":"serverShutdown","E":1}', b'{"stream":"btc', b"\xff\xfe"):
        play.send(market(payload))
    play.send(market(b'{"result":null,"id":1}'))
    assert near.heard == ['{"e":"serverShutdown","E":1}', '{"stream":"btc']
    assert far.heard == []
    assert play.left_out() == {"not text": 1}


def test_who_has_left_hears_nothing_more(tmp_path):
    play, client = playback(tmp_path), Client()
    play.join(client, "btcusdt@aggTrade", Route.MARKET)
    play.leave(client, "btcusdt@aggTrade", Route.MARKET)
    play.leave(client, "never@joined", Route.MARKET)
    play.send(market(TRADE % BASE_MS))
    assert client.heard == []


def test_it_waits_for_the_first_subscription_plays_once_and_then_stands_still(tmp_path):
    lines = [frame_line(BASE_NS + n * 10**9, TRADE % (BASE_MS + n * 1_000)) for n in range(50)]
    play, client = playback(tmp_path, *lines), Client()

    async def run() -> list[Stage]:
        task = asyncio.create_task(play.run())
        await asyncio.sleep(0)
        seen = [play.stage]
        play.join(client, "btcusdt@aggTrade", Route.MARKET)
        async with asyncio.timeout(60):
            while play.stage is not Stage.ENDED:
                await asyncio.sleep(0.001)
        seen.append(play.stage)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return seen

    assert asyncio.run(run()) == [Stage.WAITING, Stage.ENDED]
    assert len(client.heard) == play.frames == 50


def test_frames_keep_their_distance_divided_by_the_speed(tmp_path):
    lines = [frame_line(BASE_NS + n * 10**9, TRADE % (BASE_MS + n)) for n in (0, 1, 3)]
    now_s, heard_s = [100.0], []

    class Watch(Client):
        def push(self, payload: str, wrapped: str) -> None:
            heard_s.append(now_s[0])

    async def sleep(seconds: float) -> None:
        now_s[0] += seconds
        await asyncio.sleep(0)

    async def run() -> None:
        play = Playback(
            recording(tmp_path, *lines),
            ReplayState(["BTCUSDT"], [], BASE_MS),
            ["BTCUSDT"],
            speed=10.0,
            waiting=lambda: 0,
            monotonic=lambda: now_s[0],
            sleep=sleep,
        )
        play.join(Watch(), "btcusdt@aggTrade", Route.MARKET)
        task = asyncio.create_task(play.run())
        async with asyncio.timeout(60):
            while len(heard_s) < len(lines):
                await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert heard_s == pytest.approx([100.0 + GRACE_S + after for after in (0.0, 0.1, 0.3)])


def test_market_time_follows_the_events_but_no_leap_ahead_of_them():
    state = ReplayState(["BTCUSDT"], [], BASE_MS)
    year_ms = 365 * 86_400_000
    for seconds, event_ms in ((0, BASE_MS + 5), (1, BASE_MS + year_ms), (2, BASE_MS + 7), (3, 1)):
        state.play(Frame("market", BASE_NS + seconds * 10**9, b'{"E":%013d}' % event_ms), None)
        assert state.market_ms < BASE_MS + 10
    assert state.market_ms == BASE_MS + 7


@pytest.mark.parametrize(
    ("stream", "route"),
    [
        ("btcusdt@kline_1m", Route.MARKET),
        ("btcusdt@aggTrade", Route.MARKET),
        ("!markPrice@arr@1s", Route.MARKET),
        ("btcusdt@bookTicker", Route.PUBLIC),
        ("!bookTicker", Route.PUBLIC),
        ("btcusdt@depth@0ms", Route.PUBLIC),
        ("btcusdt@depth20@500ms", Route.PUBLIC),
        ("btcusdt@trade", Route.PUBLIC),
    ],
)
def test_captures_of_one_connection_are_put_on_the_routes_of_today(stream, route):
    assert route_of(stream) is route


@pytest.mark.parametrize(
    "payload",
    [b"", b"{}", b'{"stream":"a"}', b'{"stream":"a","data":{"x":1', b'{"stream":1,"data":2}'],
)
def test_what_is_no_combined_frame_is_not_opened(payload):
    assert opened(payload) is None


def test_an_event_time_in_microseconds_is_none():
    assert event_time_ms(b'{"E":1795244373000}') == 1_795_244_373_000
    assert event_time_ms(b'{"E":1795244373000000}') is None
