"""The running product on the simulator: how fast it is up, and what it weighs."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import monotonic, sleep

import psutil

from core.config import REPOSITORY, Home
from ops.launch import health
from ops.ports import free_port
from ops.processes import Role, end_all, running

COLD_STARTS = 5
SETTLE_S = 60.0
DEADLINE_S = 60.0
_MAIN = (sys.executable, str(REPOSITORY / "main.py"))


def measure() -> dict[str, float]:
    """Warm a cache, then time cold starts of the dashboard and weigh a running system."""
    with tempfile.TemporaryDirectory() as folder, _simulator(Path(folder)) as urls:
        environment = {
            **os.environ,
            **urls,
            "TRADING_HOME": folder,
            "DASHBOARD_PORT": str(free_port()),
            "ENGINE_PORT": str(free_port()),
            "DEEPSEEK_API_KEY": "",
        }
        run = Home(Path(folder)).run
        try:
            weight = _weight(environment, run)
            starts = [_cold_start(environment) for _ in range(COLD_STARTS)]
        finally:
            end_all(run)
    return {"pss_mb_engine_and_dashboard": weight, "cold_start_s": median(starts)}


def _weight(environment: dict[str, str], run: Path) -> float:
    subprocess.run([*_MAIN, "start"], env=environment, check=True, stdout=subprocess.DEVNULL)
    sleep(SETTLE_S)
    roles = (Role.SUPERVISOR, Role.ENGINE, Role.DASHBOARD)
    found = [running(run, role) for role in roles]
    total = sum(
        psutil.Process(identity.pid).memory_full_info().pss for identity in found if identity
    )
    if not all(found):
        raise RuntimeError("a process of the system under measurement has died")
    end_all(run)
    return float(total) / 2**20


def _cold_start(environment: dict[str, str]) -> float:
    """Seconds from starting the process to candles that are whole, the cache being warm."""
    started = monotonic()
    process = subprocess.Popen(
        [*_MAIN, "dashboard"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while monotonic() - started < DEADLINE_S:
            answer = health(int(environment["DASHBOARD_PORT"]))
            feed = answer.get("feed") if answer else None
            if isinstance(feed, dict) and feed.get("state") == "LIVE":
                return monotonic() - started
            sleep(0.02)
        raise RuntimeError(f"no candles within {DEADLINE_S} s")
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _simulator(folder: Path) -> Iterator[dict[str, str]]:
    port = free_port()
    process = subprocess.Popen(
        [*_MAIN, "simulate", "--port", str(port)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield {
            "BINANCE_FUTURES_REST_URL": f"http://127.0.0.1:{port}",
            "BINANCE_FUTURES_WS_URL": f"ws://127.0.0.1:{port}",
        }
    finally:
        process.terminate()
        process.wait()
