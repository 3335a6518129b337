"""``python main.py alarms``: what is the matter, and who is told of it."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from core.config import Home, load_settings
from ops.launch import Installation, demo_home
from ops.processes import Role, running

if TYPE_CHECKING:
    from ops.alarms.reading import Overview, Shown

EXIT_FAILED = 1
EXIT_USAGE = 2
alarms_app = typer.Typer(
    help="Health alarms: list, test, acknowledge, silence.", no_args_is_help=True
)
Component = Annotated[str, typer.Argument(help="As `alarms list` names it.")]
ComponentOrAll = Annotated[str, typer.Argument(help="As `alarms list` names it, or all.")]


@alarms_app.command("list")
def list_command() -> None:
    """Tell which alarms are active, live and demo, and how telling people outside goes."""
    from ops.alarms.reading import overview  # noqa: PLC0415 - `--help` is quick
    from ops.alarms.state_file import alarm_folder  # noqa: PLC0415 - likewise

    home = Home.from_environment()
    now_ms = time.time_ns() // 1_000_000
    for place in (home, demo_home(home)):
        if place is home or alarm_folder(place).exists():
            typer.echo(f"Alarms of {place.root}:")
            for line in _lines(overview(place, now_ms), now_ms):
                typer.echo(f"  {line}")


@alarms_app.command("test")
def test_command() -> None:
    """
    Send a test message to every address of ALARM_URLS now.

    Exit status 0 when all went, 1 when one did not, 2 when there is no address.
    """
    from ops.alarms.apprise_target import apprise_targets  # noqa: PLC0415 - `--help` is quick
    from ops.alarms.message import Tone  # noqa: PLC0415 - likewise
    from ops.alarms.writing import Writer  # noqa: PLC0415 - likewise

    settings = load_settings()
    urls = settings.alarms.urls
    targets = apprise_targets("" if urls is None else urls.get_secret_value())
    if not targets:
        _end("ALARM_URLS in .env is empty: nobody outside would be told.", EXIT_USAGE)
    writer = Writer.of(Installation(Home.from_environment(), settings))
    lines = ["This is a test: nothing is the matter.", "Alarms arrive here."]
    message = writer.said("[TEST] alarms of the trading dashboard", lines, Tone.INFO)
    all_went = True
    for target in targets:
        with _words_of_apprise() as words:
            went = target.send(message)
        typer.echo(f"{'sent    ' if went else 'NOT SENT'}  {target.name}")
        for line in () if went else words:
            typer.echo(f"          {writer.hide(line)}")
        all_went = all_went and went
    raise typer.Exit(0 if all_went else EXIT_FAILED)


@alarms_app.command("ack")
def ack_command(component: Component) -> None:
    """Stop the repeats of an alarm until it recovers or worsens. Exit status 2 without one."""
    from ops.alarms.ordering import acknowledge  # noqa: PLC0415 - `--help` is quick

    _order(lambda home, who: acknowledge(home, component, who))


@alarms_app.command("silence")
def silence_command(
    component: ComponentOrAll,
    hours: Annotated[float, typer.Option(help="For how long; at most 720.")] = 1.0,
) -> None:
    """Tell nobody outside of a component for some hours; log and page go on telling."""
    from ops.alarms.ordering import silence  # noqa: PLC0415 - `--help` is quick

    _order(lambda home, who: silence(home, component, hours, who))


@alarms_app.command("unsilence")
def unsilence_command(component: ComponentOrAll) -> None:
    """Tell of a component again before its silence is over."""
    from ops.alarms.ordering import unsilence  # noqa: PLC0415 - `--help` is quick

    _order(lambda home, who: unsilence(home, component, who))


def _order(act: Callable[[Home, str], str]) -> None:
    from ops.alarms.order_file import OrderError  # noqa: PLC0415 - `--help` is quick
    from ops.alarms.ordering import NoSuchAlarmError  # noqa: PLC0415 - likewise
    from ops.audit.account import this_account  # noqa: PLC0415 - likewise

    try:
        typer.echo(act(_place(Home.from_environment()), this_account()))
    except (NoSuchAlarmError, ValueError) as error:
        _end(str(error), EXIT_USAGE)
    except OrderError as error:
        _end(str(error), EXIT_FAILED)


def _place(home: Home) -> Home:
    """Return the home that is meant: that of the demo while only the demo runs."""
    roles = (Role.SUPERVISOR, Role.ENGINE)
    places = (home, demo_home(home))
    live = (place for place in places if any(running(place.run, role) for role in roles))
    return next(live, home)


def _lines(seen: "Overview", now_ms: int) -> Iterator[str]:
    from ops.alarms.writing import utc_words  # noqa: PLC0415 - `--help` is quick

    yield from (_line(shown) for shown in seen.alarms)
    if not seen.alarms:
        yield "none is active"
    for component, until_ms in seen.orders.silenced.items():
        if until_ms > now_ms:
            yield f"silent until {utc_words(until_ms)}: {component}"
    if seen.outside:
        yield seen.outside
    for target in seen.targets:
        trouble = f"; {target.trouble}" if target.trouble else ""
        yield (
            f"told {target.name}: {target.sent} sent, {target.waiting} waiting, "
            f"{target.dropped} lost{trouble}"
        )
    yield from seen.troubles


def _line(shown: "Shown") -> str:
    from ops.alarms.writing import utc_words  # noqa: PLC0415 - `--help` is quick

    alarm = shown.alarm
    notes = [
        note
        for note, holds in (
            ("acknowledged", shown.is_acknowledged),
            (f"as the {shown.watcher} last said; it does not run", not shown.is_current),
        )
        if holds
    ]
    more = f"  ({'; '.join(notes)})" if notes else ""
    return (
        f"{alarm.level.value:<8}  {alarm.component:<20}  since {utc_words(alarm.since_ms)}  "
        f"{alarm.reason}{more}"
    )


@contextmanager
def _words_of_apprise() -> Iterator[list[str]]:
    """Collect why Apprise could not send."""
    words: list[str] = []

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            words.append(record.getMessage())

    handler, logger = Collecting(logging.WARNING), logging.getLogger("apprise")
    logger.addHandler(handler)
    try:
        yield words
    finally:
        logger.removeHandler(handler)


def _end(said: str, status: int) -> None:
    typer.echo(said, err=True)
    raise typer.Exit(status)
