"""
Composition root and command line: reads the configuration, builds objects, runs a role.

Run without a command it is the engine: ``python main.py`` = ``python main.py trade``.
"""

import signal

if __name__ == "__main__":
    # Until a role takes the signal over, Ctrl-C just ends: nobody wants the imports' traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import asyncio
import os
import sys
from typing import Annotated

import typer

from core.config import ConfigError, Home, HomeError, load_settings
from core.journal.errors import DamagedJournalError, JournalError, PinnedJournalError
from core.simulator.errors import SimulatorError
from ops.commands.alarms import alarms_app
from ops.commands.audit import audit_commands
from ops.commands.backup import backup_command, restore_command, restore_drill_command
from ops.commands.chat import chat_command
from ops.commands.db import db_commands
from ops.commands.doctor import doctor_command
from ops.commands.emergency_stop import emergency_stop_command
from ops.commands.evaluate import evaluate_command
from ops.commands.feature_docs import feature_docs_command
from ops.commands.incident_bundle import incident_bundle_command
from ops.commands.install_service import install_service_command
from ops.commands.log_level import log_level_command
from ops.commands.maintenance import maintenance_command
from ops.commands.overlay_docs import overlay_docs_command
from ops.commands.overlays import overlays_command
from ops.commands.password import password_command
from ops.commands.record import record_command
from ops.commands.restart_feed import restart_feed_command
from ops.commands.resume import resume_command
from ops.commands.simulate import simulate_command
from ops.commands.update import update_command
from ops.control import launch, restart, status, stop
from ops.emergency.latch import LatchedError, prepare_latch, refuse_latched
from ops.launch import (
    Installation,
    LaunchError,
    children,
    demo_home,
    end_leftovers,
    home_of_real_market,
    is_demo_home,
)
from ops.ports import PortTakenError, require_free
from ops.processes import Role, RunningError, end, registered
from ops.until_stopped import run_until_stopped

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NOT_RUNNING = 3
EXIT_RUNNING = 4
LOGGED_COMMANDS = frozenset(
    {"backup", "restore", "restore-drill", "cleanup", "maintenance", "db", "update", "schedule"}
)
"""What takes care of a home writes to its logs also when a person or cron runs it."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
app.command("evaluate")(evaluate_command)
app.command("chat")(chat_command)
app.command("simulate")(simulate_command)
app.command("record")(record_command)
app.command("overlays")(overlays_command)
app.command("overlay-docs", hidden=True)(overlay_docs_command)
app.command("feature-docs", hidden=True)(feature_docs_command)
app.command("restart-feed")(restart_feed_command)
app.command("resume")(resume_command)
app.command("password")(password_command)
app.command("emergency-stop")(emergency_stop_command)
app.command("backup")(backup_command)
app.command("restore")(restore_command)
app.command("restore-drill")(restore_drill_command)
app.add_typer(audit_commands, name="audit")
app.add_typer(db_commands, name="db")
app.command("maintenance")(maintenance_command)
app.command("update")(update_command)
app.command("install-service")(install_service_command)
app.command("doctor")(doctor_command)
app.command("incident-bundle")(incident_bundle_command)
app.command("log-level")(log_level_command)
app.add_typer(alarms_app, name="alarms")
Demo = Annotated[bool, typer.Option("--demo", help="Use the demo section of the configuration.")]
Process = Annotated[str, typer.Option("--process", hidden=True, help="Name shown by ps.")]


@app.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """Watch, decide and paper-trade Binance USD-M perpetuals. Without a command: the engine."""
    if context.invoked_subcommand is None:
        trade()
    elif context.invoked_subcommand in LOGGED_COMMANDS:
        from ops.logging_setup import log_of_command

        context.with_resource(log_of_command(Home.from_environment()))


@app.command()
def trade(demo: Demo = False, process: Process = "") -> None:
    """Run the engine: feed, store, signals, paper trades, journal."""
    installation = _installation(demo=demo)
    port = installation.settings.engine.port
    refuse_latched(installation.home.emergency_latch)
    with registered(installation.home.run, Role.ENGINE, port):
        require_free(port, "ENGINE_PORT")
        _log(installation, "engine")
        from ops.backup.swap import finish_restore
        from ops.database.opening import prepare_journal
        from ops.engine_role import run_engine

        finish_restore(installation.home)
        prepare_journal(installation.home, installation.settings, demo=installation.demo)
        run_until_stopped(run_engine(installation))


@app.command()
def dashboard(
    demo: Demo = False,
    supervised: Annotated[bool, typer.Option("--supervised", hidden=True)] = False,
) -> None:
    """Serve the page. A dashboard of this home that already runs is ended first."""
    installation = _installation(demo=demo)
    port = installation.settings.dashboard.port
    if not supervised:
        end(installation.home.run, Role.DASHBOARD)
    with registered(installation.home.run, Role.DASHBOARD, port):
        require_free(port, "DASHBOARD_PORT")
        _log(installation, "dashboard")
        from ops.audit.config_changes import note_config

        note_config(
            installation.home, installation.settings, who="dashboard", demo=installation.demo
        )
        typer.echo(f"Dashboard: {installation.address} (Ctrl-C ends it)")
        # Before the loop, in which seconds of importing would keep a TERM waiting.
        from ui.dashboard_role import run_dashboard

        run_until_stopped(run_dashboard(installation))


@app.command("start")
def start_command() -> None:
    """Start engine and dashboard in the background, supervised."""
    launch(_installation(), typer.echo)


@app.command("demo")
def demo_command() -> None:
    """Start everything on the built-in exchange simulator: no network, no key, no account."""
    named = Home.from_environment()
    home = named if is_demo_home(named) else demo_home(named)
    launch(Installation(home, load_settings(demo=True), demo=True), typer.echo)


@app.command("stop")
def stop_command() -> None:
    """End every process of this home, demo or live."""
    stop(Home.from_environment(), typer.echo)


@app.command("restart")
def restart_command() -> None:
    """Stop what runs, demo or live, and start the same again; live when nothing runs."""
    restart(Home.from_environment(), typer.echo)


@app.command("status")
def status_command() -> None:
    """Tell what runs. Exit status 0 when engine and dashboard run, 3 when they do not."""
    complete = status(Home.from_environment(), typer.echo)
    raise typer.Exit(0 if complete else EXIT_NOT_RUNNING)


@app.command(hidden=True)
def supervise(demo: Demo = False, process: Process = "") -> None:
    """Keep the background processes of a home running."""
    from ops.alarms.supervision import hearing, process_watch, supervisor_alarms
    from ops.supervisor import Supervisor

    installation = _installation(demo=demo)
    watch = process_watch(installation)
    # Once registered we are sent HUP: until a loop takes it, it must not end us.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with registered(installation.home.run, Role.SUPERVISOR):
        _log(installation, "supervisor")
        end_leftovers(installation.home)
        supervisor = Supervisor(children(installation, os.environ), heard=hearing(watch))

        async def run() -> None:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, supervisor.stop)
            loop.add_signal_handler(signal.SIGHUP, supervisor.revive)
            async with supervisor_alarms(installation, watch):
                await supervisor.run()

        asyncio.run(run())


def _installation(*, demo: bool = False) -> Installation:
    home = Home.from_environment() if demo else home_of_real_market()
    installation = Installation(home, load_settings(demo=demo), demo)
    installation.home.create()
    prepare_latch(installation.home.emergency_latch)
    return installation


def _log(installation: Installation, role: str) -> None:
    from ops.logging_setup import log_of_role

    log_of_role(installation.home, installation.settings, role)


def cli() -> None:
    """Run the command line; an expected failure is one line and an exit status."""
    try:
        app()
    except (ConfigError, HomeError, SimulatorError) as error:
        typer.echo(str(error), err=True)
        sys.exit(EXIT_USAGE)
    except (
        LatchedError,
        DamagedJournalError,
        PinnedJournalError,
    ) as error:  # the supervisor does not try again after this status
        typer.echo(str(error), err=True)
        sys.exit(EXIT_NOT_RUNNING)
    except RunningError as error:
        typer.echo(str(error), err=True)
        sys.exit(EXIT_RUNNING)
    except (JournalError, LaunchError, PortTakenError, OSError) as error:
        typer.echo(str(error), err=True)
        sys.exit(EXIT_FAILED)


if __name__ == "__main__":
    cli()
