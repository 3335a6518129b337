"""How the roles of a home are started: commands and environment; and how they are asked."""

import json
import logging
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

from core.config import REPOSITORY, Home, HomeError, Settings
from ops.ports import LOOPBACK, lasting_port, require_free
from ops.processes import Role, end, running
from ops.supervisor import Child

logger = logging.getLogger(__name__)

_ANSWER_TIMEOUT_S = 2.0


class LaunchError(Exception):
    """The system could not be started; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Installation:
    """
    A home with the configuration it runs on.

    Attributes:
        demo: Whether the built-in exchange simulator is the market.
    """

    home: Home
    settings: Settings
    demo: bool = False

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{LOOPBACK}:{self.settings.dashboard.port}"


def demo_home(home: Home) -> Home:
    """Return the home of the demo: beside the real data, never in it."""
    return Home(home.root / "data" / "demo")


def is_demo_home(home: Home, checkout: Path = REPOSITORY) -> bool:
    """Tell whether it is where a demo keeps its data; a checkout of such a name is none."""
    return home.root != checkout and home == demo_home(Home(home.root.parent.parent))


def home_of_real_market() -> Home:
    """
    Return the home of this environment, for what asks the real exchange.

    Raises:
        HomeError: If it is that of a demo: prices of two markets must not mix in one journal.
    """
    home = Home.from_environment()
    if is_demo_home(home):
        raise HomeError(
            f"TRADING_HOME={home.root}: keeps the demo, and this asks the real exchange; "
            "without TRADING_HOME, make demo starts the demo"
        )
    return home


def children(installation: Installation, environ: Mapping[str, str]) -> tuple[Child, ...]:
    """Describe the background processes of an installation, in starting order."""
    home = installation.home
    environment = {**environ, "TRADING_HOME": str(home.root), "PYTHONUNBUFFERED": "1"}
    flags: tuple[str, ...] = ()
    first: tuple[Child, ...] = ()
    output = home.logs / "console.log"
    if installation.demo:
        # The engine and the page are told it, and a simulator that crashed comes back to it.
        ours = (installation.settings.dashboard.port, installation.settings.engine.port)
        port = lasting_port(os.getpid(), ours)
        environment |= {
            "BINANCE_FUTURES_REST_URL": f"http://{LOOPBACK}:{port}",
            "BINANCE_FUTURES_WS_URL": f"ws://{LOOPBACK}:{port}",
        }
        flags = ("--demo",)
        first = (
            Child(
                Role.SIMULATOR, _simulate(installation.settings, home, port), environment, output
            ),
        )
    return (
        *first,
        Child(
            Role.ENGINE,
            main_command("trade", "--process", "trading-engine", *flags),
            environment,
            output,
        ),
        Child(
            Role.DASHBOARD, main_command("dashboard", "--supervised", *flags), environment, output
        ),
    )


def begin(installation: Installation) -> "subprocess.Popen[bytes]":
    """
    Start the supervisor of an installation in the background.

    Raises:
        PortTakenError: If somebody else listens on a port we need.
        OSError: If no process can be started.
    """
    home, settings = installation.home, installation.settings
    if running(home.run, Role.DASHBOARD) is None:
        require_free(settings.dashboard.port, "DASHBOARD_PORT")
    if running(home.run, Role.ENGINE) is None:
        require_free(settings.engine.port, "ENGINE_PORT")
    home.create()
    flags = ("--demo",) if installation.demo else ()
    with (home.logs / "console.log").open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and entry point
            main_command("supervise", "--process", "trading-supervisor", *flags),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, "TRADING_HOME": str(home.root)},
        )


def end_leftovers(home: Home) -> None:
    """End what a killed supervisor left, as its successor: two of a kind cannot run."""
    for role in (Role.ENGINE, Role.DASHBOARD, Role.SIMULATOR):
        ended = end(home.run, role)
        if ended:
            logger.warning("%s of an earlier start ended by %s pid=%s", role, ended.by, ended.pid)


def health(port: int) -> dict[str, object] | None:
    """Return what ``/health`` on ``port`` says, None if nobody answers."""
    url = f"http://{LOOPBACK}:{port}/health"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        try:
            with opener.open(url, timeout=_ANSWER_TIMEOUT_S) as response:
                told = response.read()
        except urllib.error.HTTPError as error:  # unwell, and says so in its body
            told = error.read() or b"{}"
        answer = json.loads(told)
    except (OSError, HTTPException, ValueError, RecursionError):  # or no server of ours
        return None
    return answer if isinstance(answer, dict) else None


def main_command(*arguments: str) -> tuple[str, ...]:
    """Return the command line that runs a command of this program."""
    return (sys.executable, str(REPOSITORY / "main.py"), *arguments)


def _simulate(settings: Settings, home: Home, port: int) -> tuple[str, ...]:
    return main_command(
        "simulate",
        *("--port", str(port)),
        *("--speed", str(settings.demo.speed)),
        *("--seed", str(settings.demo.seed)),
        *("--symbols", ",".join(settings.symbols)),
        *("--clock-file", str(_clock_file(home))),
        "--supervised",
    )


def _clock_file(home: Home) -> Path:
    return home.root / "data" / "market_clock.json"
