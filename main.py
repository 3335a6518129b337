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
from core.config.secrets import secrets_of
from core.journal.errors import JournalError
from core.simulator.errors import SimulatorError
from ops.commands.backup import backup_command, restore_command
from ops.commands.chat import chat_command
from ops.commands.emergency_stop import emergency_stop_command
from ops.commands.evaluate import evaluate_command
from ops.commands.feature_docs import feature_docs_command
from ops.commands.overlay_docs import overlay_docs_command
from ops.commands.overlays import overlays_command
from ops.commands.password import password_command
from ops.commands.record import record_command
from ops.commands.restart_feed import restart_feed_command
from ops.commands.resume import resume_command
from ops.commands.simulate import simulate_command
from ops.control import launch, status, stop
from ops.emergency.latch import LatchedError, prepare_latch, refuse_latched
from ops.launch import Installation, LaunchError, children, demo_home
from ops.ports import PortTakenError, require_free
from ops.processes import Role, RunningError, end, registered
from ops.until_stopped import run_until_stopped

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NOT_RUNNING = 3

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
Demo = Annotated[bool, typer.Option("--demo", help="Use the demo section of the configuration.")]
Process = Annotated[str, typer.Option("--process", hidden=True, help="Name shown by ps.")]


@app.callback(invoke_without_command=True)
def main(context: typer.Context) -> None:
    """Watch, decide and paper-trade Binance USD-M perpetuals. Without a command: the engine."""
    if context.invoked_subcommand is None:
        trade()


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
        from ops.engine_role import run_engine

        finish_restore(installation.home)
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
        typer.echo(f"Dashboard: {installation.address} (Ctrl-C ends it)")
        run_until_stopped(_dashboard(installation))


@app.command("start")
def start_command() -> None:
    """Start engine and dashboard in the background, supervised."""
    launch(_installation(), typer.echo)


@app.command("demo")
def demo_command() -> None:
    """Start everything on the built-in exchange simulator: no network, no key, no account."""
    home = demo_home(Home.from_environment())
    launch(Installation(home, load_settings(demo=True), demo=True), typer.echo)


@app.command("stop")
def stop_command() -> None:
    """End every process of this home, demo or live."""
    stop(Home.from_environment(), typer.echo)


@app.command("status")
def status_command() -> None:
    """Tell what runs. Exit status 0 when engine and dashboard run, 3 when they do not."""
    complete = status(Home.from_environment(), typer.echo)
    raise typer.Exit(0 if complete else EXIT_NOT_RUNNING)


@app.command(hidden=True)
def supervise(demo: Demo = False, process: Process = "") -> None:
    """Keep the background processes of a home running."""
    from ops.supervisor import Supervisor

    installation = _installation(demo=demo)
    # Once registered we are sent HUP: until a loop takes it, it must not end us.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with registered(installation.home.run, Role.SUPERVISOR):
        _log(installation, "supervisor")
        supervisor = Supervisor(children(installation, os.environ))

        async def run() -> None:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, supervisor.stop)
            loop.add_signal_handler(signal.SIGHUP, supervisor.revive)
            await supervisor.run()

        asyncio.run(run())


async def _dashboard(installation: Installation) -> None:
    from core.data.market_facts_history import MarketFactsHistory
    from core.data.market_views import MarketViews
    from core.journal.database import database_url
    from core.overlays import load_overlays
    from ops.journal_watch import EngineWatch, JournalWatch
    from ops.market_access import open_market
    from ui.access.access import Access
    from ui.access.action_token import ActionToken
    from ui.access.server_key import ServerKey
    from ui.app import create_app
    from ui.composition import features
    from ui.services import Services
    from ui.serving import serve

    settings, home = installation.settings, installation.home
    journal = JournalWatch(database_url(home.database))
    key = ServerKey(home.database.with_name("session.key"))
    async with (
        open_market(installation) as (store, feed, rest),
        MarketFactsHistory(rest) as facts,
    ):
        services, actions, access = (
            Services(
                settings=settings,
                store=store,
                feed=feed,
                journal=journal,
                engine=EngineWatch(home.run, journal),
                views=MarketViews(store, order_flow=feed.order_flow, gaps=feed.gaps),
                overlays=load_overlays(),
                facts=facts,
            ),
            ActionToken(key),
            Access(settings.dashboard, key),
        )
        parts = features(services, home, actions, access, demo=installation.demo)
        app = create_app(services, parts, actions, access)
        async with asyncio.TaskGroup() as tasks:
            streaming = tasks.create_task(feed.run())  # if it fails, so does the page
            await serve(app, settings.dashboard)
            streaming.cancel()


def _installation(*, demo: bool = False) -> Installation:
    installation = Installation(Home.from_environment(), load_settings(demo=demo), demo)
    installation.home.create()
    prepare_latch(installation.home.emergency_latch)
    return installation


def _log(installation: Installation, role: str) -> None:
    from ops.logging_setup import configure_logging

    settings = installation.settings
    configure_logging(
        installation.home.logs,
        settings.logging.level,
        role=role,
        redact=secrets_of(settings),
    )


def cli() -> None:
    """Run the command line; an expected failure is one line and an exit status."""
    try:
        app()
    except (ConfigError, HomeError, SimulatorError) as error:
        typer.echo(str(error), err=True)
        sys.exit(EXIT_USAGE)
    except LatchedError as error:  # the supervisor does not try again after this status
        typer.echo(str(error), err=True)
        sys.exit(EXIT_NOT_RUNNING)
    except (JournalError, LaunchError, PortTakenError, RunningError) as error:
        typer.echo(str(error), err=True)
        sys.exit(EXIT_FAILED)


if __name__ == "__main__":
    cli()
