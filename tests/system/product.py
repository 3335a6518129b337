"""The product as an operator runs it: its own processes, home and ports."""

import json
import os
import sqlite3
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from core.config import REPOSITORY, Home
from ops.launch import demo_home, health
from ops.processes import Role, end_all, running
from tests.ports import unclaimed_port

MAIN = (sys.executable, str(REPOSITORY / "main.py"))
# Where it is noon now, so that what the engine does each night is not due meanwhile.
NOON = {"TZ": f"NOON{time.gmtime().tm_hour - 12:+d}"}
# A minute is the shortest bar, and what is weak counts: a signal need not be good here. On some
# days of the made-up market the committed threshold lets none pass for ten hours.
EASIER = {
    "interval: 15m": "interval: 1m",
    "threshold: 0.47": "threshold: 0.2",
    "min_reward_risk: 1.2": "min_reward_risk: 0.5",
}
# What takes seconds; a machine with ten times too much to do takes minutes.
DEADLINE_S = 300.0
PATIENCE_MS = DEADLINE_S * 1e3  # of a browser


def configured(folder, changes):
    """Write the committed configuration with some lines changed; return what names it."""
    text = (REPOSITORY / "config.yaml").read_text()
    for told, meant in changes.items():
        assert told in text
        text = text.replace(told, meant, 1)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.yaml").write_text(text)
    return {"TRADING_CONFIG": str(folder / "config.yaml")}


def until(condition, deadline_s=DEADLINE_S, what="the condition"):
    """Poll until ``condition`` returns something true, and return it."""
    end_s = time.monotonic() + deadline_s
    while time.monotonic() < end_s:
        found = condition()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not come about within {deadline_s} s")


@dataclass
class Product:
    """One installation in a folder of its own."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)
    demo: bool = False

    def __post_init__(self):
        self.root.mkdir(parents=True, exist_ok=True)
        self.port = unclaimed_port()
        self.engine_port = unclaimed_port(self.port)
        outer = Home(self.root)
        self.home = demo_home(outer) if self.demo else outer
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("BINANCE_", "DEEPSEEK_"))},
            **NOON,
            "TRADING_HOME": str(self.root),
            "DASHBOARD_PORT": str(self.port),
            "ENGINE_PORT": str(self.engine_port),
            **self.environ,
        }

    def run(self, *arguments, timeout_s=DEADLINE_S):
        return subprocess.run(
            [*MAIN, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def process(self, role) -> psutil.Process | None:
        identity = running(self.home.run, role)
        return identity.process() if identity else None

    def health(self):
        return health(self.port)

    def engine_health(self):
        return health(self.engine_port)

    def rows(self, query):
        if not self.home.database.exists():
            return []
        connection = sqlite3.connect(self.home.database, timeout=60)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def count(self, table):
        exists = f"SELECT count(*) FROM sqlite_master WHERE name='{table}'"
        return (
            self.rows(f"SELECT count(*) FROM {table}")[0][0] if self.rows(exists) == [(1,)] else 0
        )

    def end(self):
        end_all(self.home.run)


@dataclass
class Exchange:
    """A simulator of our own as a process."""

    folder: Path
    speed: float = 60.0
    arguments: tuple[str, ...] = ()

    def __enter__(self):
        self.port = unclaimed_port()
        command = [*MAIN, "simulate", "--port", str(self.port), "--speed", str(self.speed)]
        self._output = (self.folder / "simulator.out").open("wb")
        self._process = subprocess.Popen(
            [*command, *self.arguments], stdout=self._output, stderr=self._output
        )
        until(lambda: self.answers("/fapi/v1/ping") is not None, what="the simulator's answer")
        return self

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(DEADLINE_S)
        self._output.close()

    @property
    def urls(self):
        return {
            "BINANCE_FUTURES_REST_URL": f"http://127.0.0.1:{self.port}",
            "BINANCE_FUTURES_WS_URL": f"ws://127.0.0.1:{self.port}",
        }

    def answers(self, path, method="GET"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.loads(response.read())
        except OSError:
            return None


__all__ = [
    "EASIER",
    "MAIN",
    "NOON",
    "PATIENCE_MS",
    "Exchange",
    "Product",
    "Role",
    "configured",
    "until",
]
