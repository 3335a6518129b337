"""``python main.py record``: keep what the exchange sends, byte for byte, for a bug report."""

import asyncio
import logging
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.config import Home, Settings, load_settings
from core.data.errors import DataError

if TYPE_CHECKING:
    from core.data.recording.plan import Plan
    from core.data.recording.session import Session

EXIT_FAILED = 1
_SHOW_S = 0.25


def record_command(
    minutes: Annotated[float, typer.Option(min=0.05, max=1440, help="For how long.")] = 10.0,
    symbols: Annotated[
        str, typer.Option(help="Comma-separated; default: those of the configuration.")
    ] = "",
    depth: Annotated[
        bool, typer.Option("--depth", help="Every change of the order books, too.")
    ] = False,
    bundle: Annotated[
        bool, typer.Option("--bundle", help="One .tar at the end, instead of a folder.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Where to; default: data/recordings/<UTC start>.")
    ] = None,
) -> None:
    """Record raw frames and what REST answers. Ctrl-C ends it early, with whole files."""
    from core.data.recording.folders import archive_of, folder_name  # noqa: PLC0415 - `--help` is quick
    from core.data.recording.folders import bundle as packed  # noqa: PLC0415
    from core.data.recording.plan import Plan  # noqa: PLC0415

    settings = load_settings()
    listed = [symbol.strip().upper() for symbol in symbols.split(",") if symbol.strip()]
    named = tuple(dict.fromkeys(listed))
    folder = out or Home.from_environment().recordings / folder_name(time.time_ns())
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        plan = Plan(named or settings.symbols, depth=depth, seconds=60.0 * minutes)
        if bundle:
            archive_of(folder)
        typer.echo(f"Recording {', '.join(plan.symbols)}")
        session = asyncio.run(_recorded(settings, plan, folder))
        told = session.progress.told()  # before the files are moved
        place = packed(folder) if bundle else folder
    except DataError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_FAILED) from None
    typer.echo(f"{told} in {place}")
    typer.echo(f"Replay: python main.py simulate --port 9000 --replay {place}")


async def _recorded(settings: Settings, plan: "Plan", folder: Path) -> "Session":
    from rich.progress import Progress, TimeRemainingColumn  # noqa: PLC0415 - slow

    from core.data.recording.session import Session  # noqa: PLC0415

    session = Session(settings, plan, folder)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, session.stop)
    columns = (*Progress.get_default_columns()[:3], TimeRemainingColumn())
    with Progress(*columns) as bar:
        task = bar.add_task("starting", total=plan.seconds)
        recording = asyncio.create_task(session.run())
        while not recording.done():
            told = session.progress
            bar.update(task, completed=told.seconds, description=told.told())
            await asyncio.wait({recording}, timeout=_SHOW_S)
        await recording
    return session
