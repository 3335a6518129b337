"""The files by which the system starts us: pure, from what is to be started."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

TEMPLATES: Final = Path(__file__).parent
MARK: Final = "Written by: python main.py install-service."
"""Stands in every file of ours: another one of that name is not overwritten."""
_REFUSED: Final = frozenset("'\"\\")


class Manager(StrEnum):
    """What starts things when somebody logs in."""

    SYSTEMD = "systemd"
    LAUNCHD = "launchd"


class UnitError(Exception):
    """What is to be started cannot be written into a unit; the message says why."""


@dataclass(frozen=True, slots=True)
class Service:
    """
    What is started.

    Attributes:
        name: Of the unit, without an ending.
        command: Absolute path of the program, and its arguments.
        repository: Where it runs.
        home: Whose processes it starts.
        environment: Variables that it is given; no secrets: those stay in ``.env``.

    Raises:
        UnitError: If something in it holds a control character, which no unit can.
    """

    name: str
    command: Sequence[str]
    repository: Path
    home: Path
    environment: Mapping[str, str]

    def __post_init__(self) -> None:
        places = (str(self.repository), str(self.home))
        pairs = (f"{name}={value}" for name, value in self.environment.items())
        for text in (self.name, *self.command, *places, *pairs):
            if not text.isprintable():
                raise UnitError(f"{text!r:.120}: a control character cannot stand in a unit")


def unit_text(service: Service, manager: Manager) -> str:
    """Return the whole file."""
    return _systemd(service) if manager is Manager.SYSTEMD else _launchd(service)


def unit_file(name: str, manager: Manager, user_home: Path) -> Path:
    """Return where the file belongs for one user."""
    if manager is Manager.SYSTEMD:
        return user_home / ".config" / "systemd" / "user" / f"{name}.service"
    return user_home / "Library" / "LaunchAgents" / f"{name}.plist"


def _systemd(service: Service) -> str:
    program, *arguments = _runnable(service.command)
    words = [_quoted(program), *(_quoted(word.replace("$", "$$")) for word in arguments)]
    pairs = (f"{name}={value}" for name, value in sorted(service.environment.items()))
    return _filled(
        (TEMPLATES / "deepseek-trading.service").read_text(encoding="utf-8"),
        {
            "ROOT": _percent(str(service.home)),
            "COMMAND": " ".join(words),
            "REPOSITORY": _percent(str(service.repository)),
            "ENVIRONMENT": "\n".join(f"Environment={_quoted(pair)}" for pair in pairs),
        },
    )


def _runnable(command: Sequence[str]) -> Sequence[str]:
    """Return a command whose first word systemd takes: it refuses a program with quotes in it."""
    if _REFUSED.isdisjoint(command[0]):
        return command
    return ("/bin/sh", "-c", 'exec "$0" "$@"', *command)


def _quoted(word: str) -> str:
    """Return a word as systemd.syntax(7) has it: quoted, with specifiers escaped."""
    return '"' + _percent(word.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _percent(text: str) -> str:
    return text.replace("%", "%%")


def _launchd(service: Service) -> str:
    variables = sorted(service.environment.items())
    return _filled(
        (TEMPLATES / "deepseek-trading.plist").read_text(encoding="utf-8"),
        {
            "LABEL": escape(service.name),
            "COMMAND": "\n".join(f"        <string>{escape(w)}</string>" for w in service.command),
            "REPOSITORY": escape(str(service.repository)),
            "ENVIRONMENT": "\n".join(
                f"        <key>{escape(name)}</key>\n        <string>{escape(value)}</string>"
                for name, value in variables
            ),
            "CONSOLE": escape(str(service.home / "logs" / "console.log")),
        },
    )


def _filled(template: str, values: Mapping[str, str]) -> str:
    """Put values in their places; what a value holds is never taken for another place."""
    pieces = template.split("@")
    return "".join(values.get(piece, piece) if n % 2 else piece for n, piece in enumerate(pieces))
