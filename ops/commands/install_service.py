"""``python main.py install-service``: have the system start us at login."""

import os
import shlex
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.config import load_settings
from ops.launch import home_of_real_market

if TYPE_CHECKING:
    from ops.service.unit import Manager, Service

EXIT_FAILED = 1
EXIT_USAGE = 2


class System(StrEnum):
    """For what a unit is written."""

    AUTO = "auto"
    SYSTEMD = "systemd"
    LAUNCHD = "launchd"


def install_service_command(
    system: Annotated[System, typer.Option(help="auto: what this machine has.")] = System.AUTO,
    name: Annotated[
        str, typer.Option(help="Of the unit; a second installation needs another one.")
    ] = "deepseek-trading",
    shown: Annotated[bool, typer.Option("--print", help="Print the unit, write nothing.")] = False,
    uninstall: Annotated[
        bool, typer.Option("--uninstall", help="End, disable, delete it.")
    ] = False,
    enabled: Annotated[
        bool, typer.Option("--enable", help="Also start it, now and at login.")
    ] = False,
) -> None:
    """
    Write a systemd user unit or a launchd agent that keeps engine and dashboard running.

    Written for this checkout, with TRADING_HOME, TRADING_CONFIG, DASHBOARD_PORT and ENGINE_PORT as
    they are now. Keys stay in .env. Nothing is enabled without --enable: the commands are printed.

    Exit status: 0 done, 1 it cannot be done, 2 the configuration or the name cannot be used.
    """
    from ops.service.install import (  # noqa: PLC0415 - `--help` is quick
        InstallError,
        UnitError,
        manager_here,
        remove,
        service_of,
    )
    from ops.service.unit import Manager, unit_text  # noqa: PLC0415 - likewise

    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum() or name[0] in "-.":
        raise typer.BadParameter("letters, digits, - _ . only", param_hint="--name")
    try:
        manager = manager_here() if system is System.AUTO else Manager(system.value)
        if uninstall:
            gone = remove(name, manager, Path.home())
            typer.echo(f"Deleted: {gone}" if gone else "There was none.")
            return
        home = home_of_real_market()
        load_settings()  # a unit that cannot start is none
        service = service_of(home, name, os.environ)
        if shown:
            typer.echo(unit_text(service, manager), nl=False)
        else:
            _install(service, manager, enabled=enabled)
    except (InstallError, UnitError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_FAILED) from None


def _install(service: "Service", manager: "Manager", *, enabled: bool) -> None:
    from ops.service.install import disabling, enable, enabling, install  # noqa: PLC0415
    from ops.service.unit import Manager  # noqa: PLC0415 - as above

    path = install(service, manager, Path.home())
    typer.echo(f"Written: {path}")
    if enabled:
        enable(path, manager, os.getuid())
        typer.echo("Enabled and started. Status: make status")
    else:
        typer.echo("Start it now and at each login:")
        for command in enabling(path, manager, os.getuid()):
            typer.echo(f"  {shlex.join(command)}")
    if manager is Manager.SYSTEMD:
        typer.echo("Also while nobody is logged in:")
        typer.echo('  loginctl enable-linger "$USER"')
    typer.echo("End it, and not start it again:")
    typer.echo(f"  {shlex.join(disabling(path, manager))}")
