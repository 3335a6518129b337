import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from aiohttp import web

from core.data.binance_rest import BinanceRest
from core.data.errors import RestError
from core.data.open_interest import Period
from core.data.orderflow.depth_snapshot import DepthSnapshot
from core.data.rest_faults import HttpFault
from core.model.funding import Settlement
from core.model.intervals import Interval
from core.model.open_interest import OpenInterest
from tests.builders import START_MS, settings

ROW = [START_MS, "10", "12", "9", "11", "5", START_MS + 59_999, "55", 7, "2", "22", "0"]
LATER = [START_MS + 60_000, *ROW[1:]]


class FakeClient:
    """Answers from a script: exceptions are raised, everything else is returned."""

    def __init__(self, *script: object) -> None:
        self.script = list(script)
        self.asked: list[dict[str, Any]] = []
        self.closed = False

    async def klines(self, params: dict[str, Any]) -> Any:
        self.asked.append(params)
        return self._next()

    async def depth(self, params: dict[str, Any]) -> Any:
        self.asked.append(params)
        return self._next()

    async def time(self) -> Any:
        return self._next()

    async def exchange_info(self) -> Any:
        return self._next()

    async def tickers(self) -> Any:
        return self._next()

    async def funding_rates(self, params: dict[str, Any]) -> Any:
        self.asked.append(params)
        return self._next()

    async def open_interest(self, params: dict[str, Any]) -> Any:
        self.asked.append(params)
        return self._next()

    async def close(self) -> None:
        self.closed = True

    def _next(self) -> object:
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept: list[float] = []

    async def sleep(self, for_s: float) -> None:
        self.slept.append(for_s)
        self.now_s += for_s


def asked(client: FakeClient, request: Callable[[BinanceRest], Any], clock: Clock | None = None):
    clock = clock or Clock()

    async def scenario() -> Any:
        rest = BinanceRest(
            settings(),
            connect=lambda _settings, _observe: client,
            sleep=clock.sleep,
            monotonic=lambda: clock.now_s,
            clock_ms=lambda: 1_660_090_000_000,
            uniform=lambda low, high: high,
        )
        async with rest:
            answer = await request(rest)
        return answer, rest

    return asyncio.run(scenario())


def klines(rest: BinanceRest) -> Any:
    return rest.klines("BTCUSDT", Interval.M1, start_ms=START_MS, limit=10)


def test_candles_come_in_order_and_once():
    client = FakeClient([LATER, ROW, ROW])
    candles, _ = asked(client, klines)
    assert [c.open_time_ms for c in candles] == [START_MS, START_MS + 60_000]
    assert client.asked == [
        {"symbol": "BTCUSDT", "interval": "1m", "startTime": START_MS, "limit": 10}
    ]
    assert client.closed


def funding_row(i: int, rate: str = "0.0001", mark: str = "100.5") -> dict[str, Any]:
    at_ms = START_MS + i * 3_600_000
    return {"symbol": "BTCUSDT", "fundingTime": at_ms, "fundingRate": rate, "markPrice": mark}


FUNDING_END_MS = START_MS + 5_000 * 3_600_000


def settlements(rest: BinanceRest) -> Any:
    return rest.settlements("BTCUSDT", START_MS, FUNDING_END_MS)


def test_settlements_come_in_order_and_once():
    client = FakeClient([funding_row(1, "-0.0002", ""), funding_row(0), funding_row(0)])
    found, _ = asked(client, settlements)
    assert found == (
        Settlement(START_MS, 0.0001, 100.5),
        Settlement(START_MS + 3_600_000, -0.0002, None),
    )
    assert client.asked == [
        {
            "symbol": "BTCUSDT",
            "startTime": START_MS,
            "endTime": FUNDING_END_MS,
            "limit": 1000,
        }
    ]


def test_more_settlements_than_an_answer_holds_are_asked_for_further():
    client = FakeClient([funding_row(i) for i in range(1000)], [funding_row(1000)])
    found, _ = asked(client, settlements)
    assert [s.at_ms for s in found] == [START_MS + i * 3_600_000 for i in range(1001)]
    assert client.asked[1]["startTime"] == START_MS + 999 * 3_600_000 + 1


@pytest.mark.parametrize(
    "answer",
    [
        {},
        None,
        [None],
        [[]],
        [{**funding_row(0), "symbol": "ETHUSDT"}],
        [{**funding_row(0), "fundingTime": str(START_MS)}],
        [{**funding_row(0), "fundingTime": 0}],
        [{**funding_row(0), "fundingRate": 0.0001}],
        [{**funding_row(0), "markPrice": 100.5}],
        [funding_row(0, "NaN")],
        [funding_row(0, "inf")],
        [funding_row(0, "1.5")],
        [funding_row(0, "")],
        [funding_row(0, mark="-1")],
        [funding_row(0, mark="NaN")],
        [funding_row(0), funding_row(1, "x")],
        [funding_row(-1)],
        [funding_row(5_001)],
    ],
    ids=repr,
)
def test_an_answer_with_any_row_that_is_no_settlement_of_the_span_is_a_named_error(answer):
    with pytest.raises(RestError, match="fundingRate BTCUSDT: "):
        asked(FakeClient(answer), settlements)


def test_funding_keeps_to_a_limit_of_its_own():
    async def many(rest: BinanceRest) -> None:
        for _ in range(101):
            await settlements(rest)

    clock = Clock()
    asked(FakeClient(*[[]] * 101), many, clock)
    assert clock.now_s == 120.0


def test_a_refusal_of_funding_is_a_named_error():
    with pytest.raises(RestError, match="fundingRate BTCUSDT: HTTP 451"):
        asked(FakeClient(HttpFault(451, "{}")), settlements)


def open_interest(rest: BinanceRest) -> Any:
    return rest.open_interest("BTCUSDT", Period.M5, end_ms=FUNDING_END_MS)


def test_open_interest_is_asked_for_with_its_period_and_end():
    row = {"symbol": "BTCUSDT", "sumOpenInterest": "5.5", "timestamp": START_MS}
    client = FakeClient([row])
    found, _ = asked(client, open_interest)
    assert found == (OpenInterest(START_MS, 5.5),)
    assert client.asked == [
        {"symbol": "BTCUSDT", "period": "5m", "limit": 500, "endTime": FUNDING_END_MS}
    ]


def test_a_bad_answer_of_open_interest_is_a_named_error():
    with pytest.raises(RestError, match="openInterestHist BTCUSDT: "):
        asked(FakeClient([{"symbol": "BTCUSDT"}]), open_interest)


def test_bad_rows_are_left_out_counted_and_told(caplog):
    with caplog.at_level(logging.WARNING):
        candles, rest = asked(FakeClient([ROW, ["x"], None, [START_MS, "NaN", *ROW[2:]]]), klines)
    assert len(candles) == 1
    assert rest.malformed == 3
    assert caplog.records


def test_what_many_requests_wait_for_is_told_once_a_minute(caplog):
    async def many(rest: BinanceRest) -> None:
        for symbol in ("A1USDT", "A2USDT", "A3USDT"):
            with suppress(RestError):
                await rest.klines(symbol, Interval.M1)

    clock = Clock()
    with caplog.at_level(logging.INFO):
        asked(FakeClient(*[ConnectionError("refused")] * 15), many, clock)
    told = [record for record in caplog.records if "rest retry" in record.getMessage()]
    assert len(told) == 1 + int(sum(clock.slept) // 60)


def test_a_weight_in_a_header_that_is_no_number_is_passed_over():
    _, rest = asked(FakeClient([ROW]), klines)
    for text in ("", "x", "-1", "\u0663", "9" * 5_000):
        rest._observe(text)


@pytest.mark.parametrize(
    "fault",
    [
        HttpFault(503, "Service Unavailable."),
        HttpFault(408, "<html>"),
        ConnectionError("refused"),
        TimeoutError(),
        HttpFault(429, '{"code":-1003,"msg":"Too many requests"}'),
    ],
)
def test_what_may_pass_is_tried_four_times_more(fault):
    client, clock = FakeClient(*[fault] * 4, [ROW]), Clock()
    candles, _ = asked(client, klines, clock)
    assert len(candles) == 1
    assert clock.slept == [0.5, 1, 2, 4]
    with pytest.raises(RestError, match=r"klines BTCUSDT 1m"):
        asked(FakeClient(*[fault] * 5, [ROW]), klines)


def test_a_refusal_is_raised_at_once_with_everything_that_is_known():
    client = FakeClient(HttpFault(400, '{"code":-1121,"msg":"Invalid symbol."}'), [ROW])
    with pytest.raises(RestError, match=r"klines BTCUSDT 1m: HTTP 400 code -1121 Invalid symbol"):
        asked(client, klines)
    assert client.closed


def test_a_ban_is_waited_for_as_long_as_the_exchange_says():
    clock = Clock()
    banned = HttpFault(418, '{"code":-1003,"msg":"IP banned until 1660090123000."}')
    asked(FakeClient(banned, [ROW]), klines, clock)
    assert clock.now_s == 123.0


def test_a_ban_that_is_too_long_fails_now_and_for_every_request_until_it_ends():
    clock, client = Clock(), FakeClient(HttpFault(429, headers={"Retry-After": "3600"}), [ROW])

    async def twice(rest: BinanceRest) -> None:
        for _ in range(2):
            with pytest.raises(RestError):
                await klines(rest)

    asked(client, twice, clock)
    assert len(client.asked) == 1
    assert clock.slept == []


def test_the_weight_limit_spaces_requests():
    clock = Clock()
    limit = settings().exchange.weight_per_minute

    async def many(rest: BinanceRest) -> None:
        for _ in range(limit // 10 + 1):
            await rest.klines("BTCUSDT", Interval.M1, limit=1500)

    asked(FakeClient(*[[ROW]] * (limit // 10 + 1)), many, clock)
    assert clock.now_s == pytest.approx(60.0)


@pytest.mark.parametrize("answer", [{"code": 1}, "x", None, 5])
def test_an_answer_that_is_no_list_is_an_error(answer):
    with pytest.raises(RestError, match="not a list"):
        asked(FakeClient(answer), klines)


def test_the_exchange_s_clock_and_label_are_read():
    assert asked(FakeClient({"serverTime": 5}), lambda rest: rest.server_time_ms())[0] == 5
    with pytest.raises(RestError, match="serverTime"):
        asked(FakeClient({}), lambda rest: rest.server_time_ms())
    info = {"simulator": "SIMULATED", "symbols": []}
    told = asked(FakeClient(info), lambda rest: rest.exchange_info())[0]
    assert (told.market_label, told.instruments) == ("SIMULATED", {})
    with pytest.raises(RestError, match="exchangeInfo"):
        asked(FakeClient([]), lambda rest: rest.exchange_info())


def test_volumes_of_the_whole_market_cost_a_weight_of_40():
    clock = Clock()

    async def often(rest: BinanceRest) -> list[dict[str, float]]:
        return [await rest.quote_volumes() for _ in range(31)]

    rows = [{"symbol": "BTCUSDT", "quoteVolume": "12.5"}]
    told, _ = asked(FakeClient(*[rows] * 31), often, clock)
    assert told == [{"BTCUSDT": 12.5}] * 31
    assert clock.now_s == 60.0  # 30 of them are the 1200 we allow ourselves in a minute
    with pytest.raises(RestError, match="ticker/24hr"):
        asked(FakeClient({"code": 1}), lambda rest: rest.quote_volumes())


def test_an_order_book_is_read_and_costs_a_weight_of_20():
    body = {"lastUpdateId": 7, "E": START_MS, "bids": [["99", "1"]], "asks": [["101", "2"]]}
    client, clock = FakeClient(*[body] * 61), Clock()

    async def often(rest: BinanceRest) -> list[DepthSnapshot]:
        return [await rest.depth("BTCUSDT") for _ in range(61)]

    told, _ = asked(client, often, clock)
    assert told[0] == DepthSnapshot(7, ((99.0, 1.0),), ((101.0, 2.0),), START_MS, 1000)
    assert client.asked[0] == {"symbol": "BTCUSDT", "limit": 1000}
    assert clock.now_s == 60.0  # 60 of them are the 1200 we allow ourselves in a minute
    with pytest.raises(RestError, match="depth BTCUSDT"):
        asked(FakeClient("<html>"), lambda rest: rest.depth("BTCUSDT"))


async def loopback(handler: Callable[[web.Request], Any], request: Callable[[BinanceRest], Any]):
    """One real request through python-binance to a server of ours."""
    app = web.Application()
    app.add_routes([web.get("/fapi/v1/{endpoint}", handler)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()

    async def no_sleep(for_s: float) -> None:
        del for_s
        await asyncio.sleep(0)

    try:
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with BinanceRest(settings(BINANCE_FUTURES_REST_URL=url), sleep=no_sleep) as rest:
            return await request(rest)
    finally:
        await runner.cleanup()


@pytest.mark.simulator
def test_python_binance_asks_the_configured_exchange_and_nobody_else():
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(str(request.rel_url))
        return web.json_response([ROW], headers={"X-MBX-USED-WEIGHT-1M": "3"})

    def strange(rest: BinanceRest) -> Any:
        return rest.klines("币安USDT", Interval.M1, limit=5)

    assert len(asyncio.run(loopback(handler, strange))) == 1
    assert len(seen) == 1
    assert "limit=5" in seen[0]
    assert "symbol=%E5%B8%81%E5%AE%89USDT" in seen[0] or "symbol=币安USDT" in seen[0]


@pytest.mark.simulator
@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (451, '{"code":0,"msg":"restricted location"}', "HTTP 451 .*restricted location"),
        (403, "<html>Forbidden</html>", "HTTP 403 .*<html>"),
        (400, "[]", "HTTP 400"),
        (503, "Service Unavailable.", "HTTP 503"),
        (200, "<html>captive portal</html>", "unreachable"),
        (200, "{", "unreachable"),
        (200, "{}", "not a list"),
        (200, "", "not a list"),
    ],
)
def test_any_answer_of_a_real_server_is_candles_or_a_named_error(status, body, told):
    async def handler(request: web.Request) -> web.Response:
        del request
        kind = "application/json" if body.startswith("{") else "text/html"
        return web.Response(status=status, text=body, content_type=kind)

    with pytest.raises(RestError, match=told):
        asyncio.run(loopback(handler, klines))


@pytest.mark.simulator
def test_nobody_listening_is_a_named_error():
    async def scenario() -> None:
        async def no_sleep(for_s: float) -> None:
            del for_s

        where = settings(BINANCE_FUTURES_REST_URL="http://127.0.0.1:1")
        async with BinanceRest(where, sleep=no_sleep) as rest:
            await klines(rest)

    with pytest.raises(RestError, match="klines BTCUSDT 1m: unreachable"):
        asyncio.run(scenario())
