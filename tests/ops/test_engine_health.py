import asyncio
import json
import logging
import socket
import urllib.error
import urllib.request
from dataclasses import replace

import pytest
from aiohttp import web

from core.data.feed_status import FeedState, FeedStatus
from core.model.engine_report import EngineReport
from ops.engine_health import health_routes, serve_health
from ops.health.probes import Sources, open_health
from tests.builders import home, settings
from tests.ports import unclaimed_port

pytestmark = pytest.mark.simulator

LIVE = EngineReport(3, "LIVE", 0.1, 5, "nobody", 10_000.0, 0, was_live=True)


def asked(port, path="/health"):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def answer_to(report):
    async def scenario():
        port = unclaimed_port()
        async with serve_health(port, lambda: report):
            return await asyncio.to_thread(asked, port)

    return asyncio.run(scenario())


def test_a_live_engine_is_healthy():
    status, told = answer_to(LIVE)
    assert (status, told["healthy"]) == (200, True)


def test_an_engine_without_data_is_not_and_tells_why():
    report = replace(
        LIVE,
        feed_state="SILENT",
        feed_detail="nothing for 9 s",
        streams={"SILENT": 3},
        troubled=1,
        troubles={"BTCUSDT": "SILENT: nothing for 9 s"},
    )
    status, told = answer_to(report)
    assert (status, told["healthy"]) == (503, False)
    assert told["streams"] == {"SILENT": 3}
    assert told["troubles"]["BTCUSDT"] == "SILENT: nothing for 9 s"


def test_filling_the_history_is_healthy_at_the_start_only():
    begins = replace(LIVE, feed_state="BACKFILLING", was_live=False)
    assert answer_to(begins)[0] == 200
    assert answer_to(replace(begins, was_live=True))[0] == 503


class Feed:
    symbols = ("BTCUSDT",)
    market_label = "SIMULATED"

    def status(self):
        return FeedStatus(FeedState.LIVE, 0.1, "", 1, 0, 0)

    def market_time_ms(self):
        return 0


def test_each_address_answers_from_what_is_known(tmp_path):
    stats = {"hits": 0, "misses": 0, "series": {}, "alarm": ""}
    health = open_health(Sources(settings(), home(tmp_path), Feed(), lambda: stats))

    async def scenario():
        port = unclaimed_port()

        async def answer(_):
            return web.json_response({})

        more = web.get("/more", answer)
        async with serve_health(port, lambda: LIVE, (*health_routes(health), more)):
            before = await asyncio.to_thread(asked, port, "/health/detailed")
            await health.watch.look()
            await health.watch.close()
            paths = ("live", "ready", "database", "detailed")
            found = {p: await asyncio.to_thread(asked, port, f"/health/{p}") for p in paths}
            return before, found, await asyncio.to_thread(asked, port, "/more")

    before, found, more = asyncio.run(scenario())
    assert before[0] == 503
    statuses = {path: status for path, (status, _) in found.items()}
    assert statuses == {"live": 200, "ready": 503, "database": 503, "detailed": 200}
    assert "none yet" in found["ready"][1]["reasons"][0]
    assert found["detailed"][1]["components"]["database"]["state"] == "unknown"
    assert more == (200, {})


def test_a_request_that_is_no_http_is_a_line_and_no_traceback(caplog):
    def spoken(port):
        with socket.create_connection(("127.0.0.1", port), timeout=60) as other:
            other.sendall(b"GET /\xd9\xa3 HTTP/1.1\r\n\r\n")
            return other.recv(100)

    async def scenario():
        port = unclaimed_port()
        async with serve_health(port, lambda: LIVE):
            return await asyncio.to_thread(spoken, port)

    with caplog.at_level(logging.DEBUG, "ops.engine_health"):
        assert b" 400 " in asyncio.run(scenario())
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info is None


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8051", 200),
        ("localhost", 200),
        ("[::1]:8051", 200),
        ("evil.example:8051", 403),
        ("127.0.0.1.evil.example", 403),
        ("[::1", 403),
    ],
)
def test_whoever_calls_by_the_name_of_another_machine_is_refused(host, status):
    def spoken(port):
        with socket.create_connection(("127.0.0.1", port), timeout=60) as other:
            other.sendall(f"GET /health HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            return other.recv(100)

    async def scenario():
        port = unclaimed_port()
        async with serve_health(port, lambda: LIVE):
            return await asyncio.to_thread(spoken, port)

    assert f" {status} ".encode() in asyncio.run(scenario())
