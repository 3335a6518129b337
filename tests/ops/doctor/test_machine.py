import http.client
import json
from dataclasses import replace

import pytest

from ops.doctor.diagnosis import Verdict
from ops.doctor.machine import clock_check, encoding_check, file_check, port_check
from ops.ports import PortTakenError
from ops.processes import Role, registered
from tests.builders import settings
from tests.ops.doctor.scene import patient

NOW_S = 1_750_000_000.0


@pytest.mark.parametrize(
    ("limit", "verdict"),
    [(None, Verdict.OK), (1024, Verdict.OK), (256, Verdict.WARNING), (64, Verdict.PROBLEM)],
)
def test_few_open_files_are_told(limit, verdict):
    assert file_check(lambda: limit).verdict is verdict


def test_names_of_files_must_be_utf_8():
    assert encoding_check("utf-8").verdict is Verdict.OK
    assert encoding_check("ascii").verdict is Verdict.WARNING


def compared(tmp_path, body, **environ):
    def fetch(url):
        assert url == "https://fapi.example/fapi/v1/time"
        if isinstance(body, Exception):
            raise body
        return body

    live = settings(**{"BINANCE_FUTURES_REST_URL": "https://fapi.example"} | environ)
    return clock_check(patient(tmp_path, settings=live), fetch, lambda: NOW_S)


@pytest.mark.parametrize(
    ("ahead_s", "verdict"),
    [(0.2, Verdict.OK), (-0.9, Verdict.OK), (1.5, Verdict.WARNING), (-7.0, Verdict.PROBLEM)],
)
def test_the_clock_is_compared_with_the_exchange(tmp_path, ahead_s, verdict):
    body = json.dumps({"serverTime": int((NOW_S - ahead_s) * 1000)}).encode()
    found = compared(tmp_path, body)
    assert found.verdict is verdict
    assert f"{ahead_s:+.1f} s" in found.words


@pytest.mark.parametrize(
    "body",
    [
        TimeoutError("timed out"),
        http.client.BadStatusLine("SSH-2.0"),
        b"<html>",
        b"[]",
        b'{"serverTime": null}',
        b"{}",
    ],
)
def test_an_exchange_that_cannot_be_asked_is_a_warning(tmp_path, body):
    found = compared(tmp_path, body)
    assert found.verdict is Verdict.WARNING
    assert "cannot be asked" in found.words


def test_a_simulator_s_time_is_not_compared(tmp_path):
    simulated = settings(BINANCE_FUTURES_REST_URL="http://127.0.0.1:18600")
    found = clock_check(patient(tmp_path, settings=simulated), lambda _: 1 / 0)
    assert found.verdict is Verdict.OK
    assert clock_check(patient(tmp_path, settings=None)).verdict is Verdict.WARNING


def taken(port, variable):
    raise PortTakenError(f"port {port} is taken by nginx (pid 7); end it, or {variable}")


def test_a_port_is_free_or_somebody_else_s_or_ours(tmp_path):
    ill = patient(tmp_path)
    port = ill.settings.engine.port
    assert port_check(ill, Role.ENGINE, lambda *_: None).words == f"{port}: free"
    found = port_check(ill, Role.ENGINE, taken)
    assert found.verdict is Verdict.PROBLEM
    assert found.words == f"port {port} is taken by nginx (pid 7)"
    assert found.advice == "end it, or set ENGINE_PORT in .env"
    with registered(ill.home.run, Role.ENGINE, port):
        assert "our own engine" in port_check(ill, Role.ENGINE, taken).words
    with registered(ill.home.run, Role.ENGINE, port + 1):
        assert port_check(ill, Role.ENGINE, taken).verdict is Verdict.PROBLEM


def test_without_a_configuration_the_usual_ports_are_looked_at(tmp_path):
    asked = []
    ill = replace(patient(tmp_path), settings=None)
    for role in (Role.DASHBOARD, Role.ENGINE):
        port_check(ill, role, lambda port, _: asked.append(port))
    assert asked == [8050, 8051]
