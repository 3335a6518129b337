import asyncio
import json
import logging
import socket
import urllib.error
import urllib.request
from dataclasses import replace

import pytest

from core.model.engine_report import EngineReport
from ops.engine_health import serve_health

pytestmark = pytest.mark.simulator

LIVE = EngineReport(3, "LIVE", 0.1, 5, "nobody", 10_000.0, 0, was_live=True)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def asked(port):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def answer_to(report):
    async def scenario():
        port = free_port()
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


def test_a_request_that_is_no_http_is_a_line_and_no_traceback(caplog):
    def spoken(port):
        with socket.create_connection(("127.0.0.1", port), timeout=60) as other:
            other.sendall(b"GET /\xd9\xa3 HTTP/1.1\r\n\r\n")
            return other.recv(100)

    async def scenario():
        port = free_port()
        async with serve_health(port, lambda: LIVE):
            return await asyncio.to_thread(spoken, port)

    with caplog.at_level(logging.DEBUG, "ops.engine_health"):
        assert b" 400 " in asyncio.run(scenario())
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info is None
