"""The command as a user runs it: beside an exchange, ended early, and one file at the end."""

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from core.config import REPOSITORY
from core.data.recording.reader import Recording
from core.simulator.run import SimulatorOptions, simulate

DEADLINE_S = 300.0
pytestmark = pytest.mark.simulator


def command(home, port, *arguments):
    environment = os.environ | {
        "TRADING_HOME": str(home),
        "BINANCE_FUTURES_REST_URL": f"http://127.0.0.1:{port}",
        "BINANCE_FUTURES_WS_URL": f"ws://127.0.0.1:{port}",
    }
    return subprocess.Popen(
        [sys.executable, str(REPOSITORY / "main.py"), "record", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finished(process):
    out, err = process.communicate(timeout=DEADLINE_S)
    return process.returncode, out + err


def holds(folder, size):
    """Whether the files of both routes have more than their first line."""
    return all(
        sum(path.stat().st_size for path in folder.glob(f"{route}*")) > size
        for route in ("market", "public")
    )


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_a_recording_that_is_ended_early_is_whole_and_one_file(tmp_path, by):
    folder = tmp_path / "fault"

    def run(port):
        arguments = ("--symbols", "BTCUSDT", "--bundle", "--out", str(folder))
        process = command(tmp_path, port, *arguments)
        until_s = time.monotonic() + DEADLINE_S
        while not holds(folder, 1_000) and process.poll() is None and time.monotonic() < until_s:
            time.sleep(0.05)
        process.send_signal(by)
        return finished(process)

    async def beside_an_exchange():
        ready = asyncio.get_running_loop().create_future()
        options = SimulatorOptions(port=0, speed=60.0, symbols=("BTCUSDT",))
        serving = asyncio.create_task(simulate(options, on_ready=ready.set_result))
        try:
            return await asyncio.to_thread(run, await asyncio.wait_for(ready, DEADLINE_S))
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    status, said = asyncio.run(beside_an_exchange())
    assert status == 0, said
    assert str(folder) + ".tar" in said
    assert not folder.exists()
    recording = Recording(tmp_path / "fault.tar")
    assert {frame.route for frame in recording.frames()} == {"market", "public"}
    assert any(answer.path == "/fapi/v1/exchangeInfo" for answer in recording.answers())
    assert not recording.faults


def test_an_exchange_that_cannot_be_reached_is_status_1_and_leaves_nothing(tmp_path):
    status, said = finished(command(tmp_path, 9, "--minutes", "0.05", "--symbols", "BTCUSDT"))
    assert status == 1, said
    assert "no frame was recorded" in said
    assert list((tmp_path / "data" / "recordings").iterdir()) == []
