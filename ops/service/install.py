"""Puts the unit of this checkout where the user's manager finds it; enabling is asked for apart."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.config import REPOSITORY, Home
from core.data.atomic_file import replace_file
from ops.launch import main_command
from ops.service.unit import MARK, Manager, Service, UnitError, unit_file, unit_text

KEPT_VARIABLES: Final = ("TRADING_CONFIG", "DASHBOARD_PORT", "ENGINE_PORT")
_LONGEST_S: Final = 30.0

Run = Callable[[Sequence[str]], int]
Say = Callable[[str], None]


class InstallError(Exception):
    """The unit cannot be installed or enabled; the message says why."""


def service_of(home: Home, name: str, environ: Mapping[str, str]) -> Service:
    """
    Return what the unit of a home starts: the supervisor, in the foreground.

    Raises:
        UnitError: If a path cannot stand in a unit.
    """
    kept = {key: environ[key] for key in KEPT_VARIABLES if environ.get(key)}
    if "TRADING_CONFIG" in kept:
        kept["TRADING_CONFIG"] = str(Path(kept["TRADING_CONFIG"]).absolute())
    return Service(
        name=name,
        command=main_command("supervise", "--process", "trading-supervisor"),
        repository=REPOSITORY,
        home=home.root,
        environment={**kept, "TRADING_HOME": str(home.root), "PYTHONUNBUFFERED": "1"},
    )


def manager_here(platform: str = sys.platform) -> Manager:
    """
    Return the manager of this machine.

    Raises:
        InstallError: If it has neither.
    """
    if platform == "darwin":
        return Manager.LAUNCHD
    if platform.startswith("linux"):
        return Manager.SYSTEMD
    raise InstallError(f"{platform}: neither systemd nor launchd; start with: make start")


def install(service: Service, manager: Manager, user_home: Path) -> Path:
    """
    Write the unit; whatever stood there of ours is replaced.

    Raises:
        InstallError: If a file of somebody else is in its place, or it cannot be written.
    """
    path = unit_file(service.name, manager, user_home)
    _refuse_foreign(path)
    text = unit_text(service, manager)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        (service.home / "logs").mkdir(parents=True, exist_ok=True)
        replace_file(path, lambda file: file.write(text.encode()))
    except OSError as error:
        raise InstallError(f"{path}: cannot be written: {error.strerror}") from error
    return path


def remove(name: str, manager: Manager, user_home: Path, run: Run | None = None) -> Path | None:
    """
    Disable and delete the unit; None when there was none. What it started is ended.

    Raises:
        InstallError: If the file is somebody else's, or cannot be deleted.
    """
    path = unit_file(name, manager, user_home)
    if not path.exists():
        return None
    _refuse_foreign(path)
    run = run or ran
    run(disabling(path, manager))  # fails where no manager runs, which then knows of no unit
    try:
        path.unlink()
    except OSError as error:
        raise InstallError(f"{path}: cannot be deleted: {error.strerror}") from error
    if manager is Manager.SYSTEMD:
        run(("systemctl", "--user", "daemon-reload"))
    return path


def enabling(path: Path, manager: Manager, user: int) -> tuple[tuple[str, ...], ...]:
    """Return the commands that have the unit started now and at each login."""
    if manager is Manager.SYSTEMD:
        return (
            ("systemctl", "--user", "daemon-reload"),
            ("systemctl", "--user", "enable", "--now", path.name),
        )
    return (("launchctl", "bootstrap", f"gui/{user}", str(path)),)


def disabling(path: Path, manager: Manager) -> tuple[str, ...]:
    """Return the command that ends the unit and keeps it from being started again."""
    if manager is Manager.SYSTEMD:
        return ("systemctl", "--user", "disable", "--now", path.name)
    return ("launchctl", "unload", "-w", str(path))


def enable(path: Path, manager: Manager, user: int, run: Run | None = None) -> None:
    """
    Run the commands of `enabling`.

    Raises:
        InstallError: If one fails; names it.
    """
    for command in enabling(path, manager, user):
        if (run or ran)(command) != 0:
            raise InstallError(f"this failed: {' '.join(command)}")


def ran(command: Sequence[str]) -> int:
    """Run a command of the manager and return its exit status; 127 when it is not installed."""
    program = shutil.which(command[0])
    if program is None:
        return 127
    try:
        return subprocess.run(  # noqa: S603 - our own words
            [program, *command[1:]], timeout=_LONGEST_S, check=False
        ).returncode
    except subprocess.TimeoutExpired:
        return 124


def _refuse_foreign(path: Path) -> None:
    try:
        ours = not path.exists() or MARK in path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise InstallError(f"{path}: cannot be read: {error.strerror}") from error
    if not ours:
        raise InstallError(f"{path}: is there and not ours; move it away, or choose another --name")


__all__ = [
    "InstallError",
    "UnitError",
    "disabling",
    "enable",
    "enabling",
    "install",
    "manager_here",
    "ran",
    "remove",
    "service_of",
]
