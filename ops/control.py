"""What `start`, `demo`, `stop` and `status` do to the processes of a home, and what they say."""

import os
import signal
from collections.abc import Callable, Iterator

from core.config import Home
from core.emergency_latch import EmergencyLatch
from ops.launch import Installation, demo_home, start
from ops.processes import Role, RunningError, end_all, running

Say = Callable[[str], None]


def launch(installation: Installation, say: Say) -> None:
    """
    Start an installation, or revive what has ended of one that runs; saying it twice is harmless.

    Raises:
        RunningError: If the demo runs and live was asked for, or the other way round.
        LaunchError: If it does not come up.
        PortTakenError: If somebody else listens on a port we need.
    """
    _refuse_rival(installation)
    _tell_latched(installation.home, say)
    supervisor = running(installation.home.run, Role.SUPERVISOR)
    if supervisor:
        os.kill(supervisor.pid, signal.SIGHUP)
        say(f"Already running (supervisor pid {supervisor.pid}).")
    else:
        # What a killed supervisor left, or a foreground engine: two of a kind cannot run.
        for process in end_all(installation.home.run):
            say(f"{process.role} (pid {process.pid}) of an earlier start ended by {process.by}")
        start(installation, say)
    logs = installation.home.logs
    say(f"Dashboard:  {installation.address}")
    say(f"Logs:       {logs / 'trading.log'}  {logs / 'system.log'}")
    say("Stop:       make stop        Status: make status")


def _refuse_rival(installation: Installation) -> None:
    home = installation.home
    rival = Home(home.root.parent.parent) if installation.demo else demo_home(home)
    other = running(rival.run, Role.SUPERVISOR)
    if other:
        name = "live system" if installation.demo else "demo"
        raise RunningError(f"the {name} runs (pid {other.pid}); end it first: make stop")


def _tell_latched(home: Home, say: Say) -> None:
    why = EmergencyLatch(home.emergency_latch)()
    if why and home.emergency_latch.parent.is_dir():
        say(f"Emergency stop: {why}. No engine trades; go on with: make resume")


def stop(home: Home, say: Say) -> None:
    """End every process of a home and of its demo."""
    ended = [process for place in (home, demo_home(home)) for process in end_all(place.run)]
    for process in ended:
        say(f"{process.role} (pid {process.pid}) ended by {process.by}")
    if not ended:
        say("Nothing was running.")


def status(home: Home, say: Say) -> bool:
    """Say what runs; tell whether engine and dashboard do."""
    alive = set()
    for place in (home, demo_home(home)):
        _tell_latched(place, say)
        for role, line in _alive(place):
            alive.add(role)
            say(line)
    missing = [role for role in (Role.ENGINE, Role.DASHBOARD) if role not in alive]
    for role in missing:
        say(f"{role:<11} stopped  (start: make start, or make demo)")
    return not missing


def _alive(home: Home) -> Iterator[tuple[Role, str]]:
    for role in Role:
        identity = running(home.run, role)
        if identity:
            where = f"  port {identity.port}" if identity.port else ""
            yield role, f"{role:<11} running  pid {identity.pid}{where}  home {home.root}"
