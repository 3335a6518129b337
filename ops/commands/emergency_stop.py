"""``python main.py emergency-stop``: end everything, and let nothing start until resumed."""

from typing import Annotated

import typer

from core.config import ConfigError, Home, Positions, load_settings
from ops.emergency.latch import latch_at_once
from ops.launch import Installation, demo_home
from ops.processes import Role, running

EXIT_NOT_HELD = 1


def emergency_stop_command(
    reason: Annotated[str, typer.Option(help="Why; kept in the latch and in the log.")] = "",
    positions: Annotated[
        Positions | None,
        typer.Option(help="What becomes of open positions; default: emergency.positions."),
    ] = None,
) -> None:
    """
    Stop all trading of this installation at once, live and demo, and back up.

    Nothing starts again before `resume`. Prints each step with its time and result; exit status
    0 only when all held.
    """
    homes = _homes(Home.from_environment())
    # What follows takes a second to load on a busy machine; until then nothing may be entered.
    latched = [latch_at_once(home.emergency_latch, reason) for home in homes]

    import psutil  # noqa: PLC0415 - `--help` is quick

    from ops.emergency.stop import emergency_stop  # noqa: PLC0415 - likewise

    close = (positions or _configured()) is Positions.CLOSE
    held, stopped = True, True
    for home, how in zip(homes, latched, strict=True):
        typer.echo(f"EMERGENCY STOP of {home.root}")
        proof = emergency_stop(
            home,
            who=psutil.Process().username(),
            reason=reason,
            close=close,
            latched=how,
            heard=lambda step: typer.echo(step.line),
        )
        typer.echo(proof.verdict)
        held, stopped = held and proof.held, stopped and proof.latched
    if stopped:
        typer.echo("Nothing trades until: make resume")
    else:
        typer.echo("NOT LATCHED: whatever is started trades. Mend the home, then say it again.")
    typer.echo(_told_outside(reason, "Everything held." if held else "NOT EVERYTHING HELD."))
    raise typer.Exit(0 if held else EXIT_NOT_HELD)


def _told_outside(reason: str, verdict: str) -> str:
    import psutil  # noqa: PLC0415 - `--help` is quick

    from ops.alarms.emergency import tell_emergency  # noqa: PLC0415 - likewise

    try:
        installation = Installation(Home.from_environment(), load_settings())
    except ConfigError:
        return "Nobody outside is told, as the configuration cannot be read."
    who = psutil.Process().username()
    return tell_emergency(installation, who=who, reason=reason, verdict=verdict)


def _configured() -> Positions:
    try:
        return load_settings().emergency.positions
    except ConfigError as error:
        typer.echo(f"Open positions are kept, as the configuration cannot be read: {error}")
        return Positions.KEEP


def _homes(home: Home) -> list[Home]:
    """Return the homes of an installation, that of a running engine first."""
    demo = demo_home(home)
    places = [home, demo] if demo.root.is_dir() else [home]
    return sorted(places, key=lambda place: running(place.run, Role.ENGINE) is None)
