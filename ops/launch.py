"""How the roles of a home are started: commands, environment, and waiting until they answer."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from core.config import REPOSITORY, Home, Settings
from ops.ports import LOOPBACK, free_port, require_free
from ops.processes import Role, running
from ops.supervisor import Child

READY_TIMEOUT_S = 45.0
_POLL_S = 0.1
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


def children(installation: Installation, environ: Mapping[str, str]) -> tuple[Child, ...]:
    """Describe the background processes of an installation, in starting order."""
    home = installation.home
    environment = {**environ, "TRADING_HOME": str(home.root), "PYTHONUNBUFFERED": "1"}
    flags: tuple[str, ...] = ()
    first: tuple[Child, ...] = ()
    output = home.logs / "console.log"
    if installation.demo:
        port = free_port()
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


def start(installation: Installation, say: Callable[[str], None]) -> None:
    """
    Start the supervisor in the background and wait until the page answers.

    Raises:
        LaunchError: If the page does not answer in time.
        PortTakenError: If somebody else listens on a port we need.
    """
    home, settings = installation.home, installation.settings
    if running(home.run, Role.DASHBOARD) is None:
        require_free(settings.dashboard.port, "DASHBOARD_PORT")
    if running(home.run, Role.ENGINE) is None:
        require_free(settings.engine.port, "ENGINE_PORT")
    home.create()
    flags = ("--demo",) if installation.demo else ()
    with (home.logs / "console.log").open("ab") as output:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and entry point
            main_command("supervise", "--process", "trading-supervisor", *flags),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, "TRADING_HOME": str(home.root)},
        )
    say("Starting ...")
    _await_page(installation, child)


def _await_page(installation: Installation, child: "subprocess.Popen[bytes]") -> None:
    deadline_s = monotonic() + READY_TIMEOUT_S
    console = installation.home.logs / "console.log"
    while monotonic() < deadline_s:
        if child.poll() is not None:
            raise LaunchError(f"the supervisor ended with status {child.returncode}: see {console}")
        if health(installation.settings.dashboard.port) is not None:
            return
        sleep(_POLL_S)
    raise LaunchError(f"the page did not answer within {READY_TIMEOUT_S:.0f} s: see {console}")


def health(port: int) -> dict[str, object] | None:
    """Return what ``/health`` on ``port`` says, None if nobody answers."""
    url = f"http://{LOOPBACK}:{port}/health"
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=_ANSWER_TIMEOUT_S) as response:
            answer = json.loads(response.read())
    except urllib.error.HTTPError as error:
        answer = json.loads(error.read() or b"{}")
    except (OSError, ValueError):
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
