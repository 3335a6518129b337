"""What `start`, `demo`, `stop` and `restart` do to the processes of a home, and what they say."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress

from core.config import Home, load_settings
from ops.launch import Installation, LaunchError, begin, demo_home, is_demo_home
from ops.processes import Ended, Role, RunningError, end_all, running
from ops.startup import READY_WITHIN_S, Startup, console_of
from ops.status import latched, status_lines

Say = Callable[[str], None]


def launch(installation: Installation, say: Say) -> None:
    """
    Start an installation, or revive what has ended of one that runs; saying it twice is harmless.

    Raises:
        RunningError: If the demo runs and live was asked for, or the other way round; or what
            runs is of another account.
        LaunchError: If it does not come up.
        PortTakenError: If somebody else listens on a port we need.
    """
    _refuse_rival(installation)
    for line in latched(installation.home):
        say(line)
    supervisor = running(installation.home.run, Role.SUPERVISOR)
    if supervisor:
        _revive(supervisor.pid)
        say(f"Already running (supervisor pid {supervisor.pid}).")
    else:
        # What a killed supervisor left, or a foreground engine: two of a kind cannot run.
        for process in end_all(installation.home.run):
            say(f"{process.role} (pid {process.pid}) of an earlier start ended by {process.by}")
        _begin(installation, say)
    logs = installation.home.logs
    say(f"Dashboard:  {installation.address}")
    say(f"Logs:       {logs / 'trading.log'}  {logs / 'system.log'}")
    say("Stop:       make stop        Status: make status")


def _revive(supervisor: int) -> None:
    try:
        os.kill(supervisor, signal.SIGHUP)
    except PermissionError:
        raise RunningError(f"the supervisor (pid {supervisor}) is of another account") from None
    except ProcessLookupError:
        raise RunningError(f"the supervisor (pid {supervisor}) is just ending") from None


def _refuse_rival(installation: Installation) -> None:
    home = installation.home
    rival = Home(home.root.parent.parent) if installation.demo else demo_home(home)
    other = running(rival.run, Role.SUPERVISOR)
    if other:
        name = "live system" if installation.demo else "demo"
        raise RunningError(f"the {name} runs (pid {other.pid}); end it first: make stop")


def _begin(installation: Installation, say: Say) -> None:
    console = console_of(installation)
    before_bytes = console.stat().st_size if console.exists() else 0
    say(
        f"Starting ... until page and engine answer, at most {READY_WITHIN_S:.0f} s; "
        f"logs: {installation.home.logs}"
    )
    supervisor = begin(installation)
    try:
        whole = Startup(installation, supervisor, console_bytes=before_bytes).wait(say)
    except LaunchError:
        first = running(installation.home.run, Role.SUPERVISOR)
        if first is None or first.pid == supervisor.pid:
            raise
        say(f"Already running (supervisor pid {first.pid}): another start was first.")
        return
    if whole and not installation.demo:
        from ops.update.last_good import commit_of, remember_good  # noqa: PLC0415 - start is quick

        with suppress(OSError):  # a disk without room is told by what writes to it
            remember_good(installation.home, commit=commit_of())


def restart(home: Home, say: Say) -> None:
    """
    Stop what runs and start the same again, demo or live; nothing: what the home is for.

    Raises:
        ConfigError: If the configuration cannot be used; what runs goes on then.
        LaunchError: If it does not come up again.
        PortTakenError: If somebody else listens on a port we need.
    """
    demo = is_demo_home(home)
    installation = running_installation(home) or Installation(home, load_settings(demo=demo), demo)
    stop(home, say)
    launch(installation, say)


def running_installation(home: Home) -> Installation | None:
    """
    Return what is supervised in a home, as it would be started again: live, or its demo.

    Raises:
        ConfigError: If the configuration cannot be used.
    """
    for place, demo in ((home, is_demo_home(home)), (demo_home(home), True)):
        if running(place.run, Role.SUPERVISOR) is not None:
            return Installation(place, load_settings(demo=demo), demo)
    return None


def stop(home: Home, say: Say) -> None:
    """End every process of a home and of its demo."""
    ended = [process for place in (home, demo_home(home)) for process in stopped(place)]
    for process in ended:
        say(f"{process.role} (pid {process.pid}) ended by {process.by}")
    if not ended:
        say("Nothing was running.")


def stopped(home: Home) -> tuple[Ended, ...]:
    """End every process of one home, and write it down; returns which."""
    from ops.audit.account import this_account  # noqa: PLC0415 - `--help` is quick
    from ops.audit.entry import Action  # noqa: PLC0415 - likewise
    from ops.audit.trail import append_audit  # noqa: PLC0415 - likewise

    ended = end_all(home.run)
    if ended:
        words = ", ".join(f"{process.role} by {process.by}" for process in ended)
        append_audit(home, Action.STOP, who=this_account(), detail=f"stop: {words}")
    return ended


def status(home: Home, say: Say) -> bool:
    """Say what runs; tell whether engine and dashboard do."""
    lines, complete = status_lines(home)
    for line in lines:
        say(line)
    return complete
