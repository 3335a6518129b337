"""What a watcher keeps on disk: never in the journal, which may be what is broken."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from core.config import Home
from core.model.health import Level
from ops.alarms.alarm import Alarm, Book, Event, Kind, Sent
from ops.alarms.json_file import DamagedError, read_object, replace_object
from ops.alarms.message import Message, Tone

MOST_RECENT: Final = 60
"""Events kept for the page; a day of a bad one."""
_VERSION: Final = 1
_LATEST: Final = 253_402_300_799_999
"""The end of the year 9999 in milliseconds: no time and no count is beyond it."""
_Kept = TypeVar("_Kept", Alarm, Event, "TargetState")


@dataclass(frozen=True, slots=True)
class TargetState:
    """
    How telling one target goes.

    Attributes:
        name: Which one it is; never its address.
        waiting: Messages that are still to be sent.
        dropped: Messages that were given up.
        trouble: Why the last attempt failed; empty when it did not.
        messages: The newest of those that wait: they survive a restart.
    """

    name: str
    sent: int = 0
    failed: int = 0
    dropped: int = 0
    waiting: int = 0
    trouble: str = ""
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Kept:
    """
    Attributes:
        recent: Newest last.
        outside: How telling the targets goes, or why nobody is told.
    """

    book: Book = field(default_factory=Book)
    recent: tuple[Event, ...] = ()
    targets: tuple[TargetState, ...] = ()
    outside: str = ""


def alarm_folder(home: Home) -> Path:
    """Return where a home keeps its alarms."""
    return home.database.with_name("alarms")


def state_path(home: Home, watcher: str) -> Path:
    """Return the file of one watcher: a process that raises alarms."""
    return alarm_folder(home) / f"{watcher}.json"


def save_state(path: Path, kept: Kept) -> None:
    """
    Write it.

    Raises:
        OSError: If it cannot be written.
    """
    replace_object(
        path,
        {
            "version": _VERSION,
            "alarms": [asdict(alarm) for alarm in kept.book.alarms.values()],
            "sent": [asdict(one) for one in kept.book.sent],
            "recent": [asdict(event) for event in kept.recent[-MOST_RECENT:]],
            "targets": [asdict(target) for target in kept.targets],
            "outside": kept.outside,
        },
    )


def read_state(path: Path) -> Kept:
    """
    Return what a watcher last wrote; nothing where it never did.

    Raises:
        DamagedError: If the file holds something else.
        OSError: If it cannot be read.
    """
    told = read_object(path)
    if not told:
        return Kept()
    try:
        if told["version"] != _VERSION:
            raise DamagedError(f"{path}: of another version of this program")
        alarms = [_alarm(one) for one in told["alarms"]]
        sent = [Sent(int(one["at_ms"]), tuple(map(str, one["components"]))) for one in told["sent"]]
        return Kept(
            Book({alarm.component: alarm for alarm in alarms}, tuple(sent)),
            tuple(_event(one) for one in told["recent"]),
            tuple(_target(one) for one in told["targets"]),
            str(told["outside"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedError(f"{path}: not what was written there") from error


def _alarm(told: Mapping[str, Any]) -> Alarm:
    levels = {"level": Level(told["level"]), "told": Level(told["told"])}
    alarm = Alarm(**{**told, **levels})
    numbers = ("since_ms", "risen_ms", "heard_ms", "changes")
    told_ms = () if alarm.told_ms is None else ("told_ms",)
    return _checked(alarm, ("component", "reason"), (*numbers, *told_ms))


def _event(told: Mapping[str, Any]) -> Event:
    words = {
        "kind": Kind(told["kind"]),
        "level": Level(told["level"]),
        "before": Level(told["before"]),
    }
    event = Event(**{**told, **words})
    return _checked(event, ("component", "reason"), ("since_ms", "at_ms", "changes"))


def _target(told: Mapping[str, Any]) -> TargetState:
    messages = [Message(str(m["title"]), str(m["body"]), Tone(m["tone"])) for m in told["messages"]]
    target = TargetState(**{**told, "messages": tuple(messages)})
    return _checked(target, ("name", "trouble"), ("sent", "failed", "dropped", "waiting"))


def _checked(kept: _Kept, words: tuple[str, ...], numbers: tuple[str, ...]) -> _Kept:
    if not all(type(getattr(kept, name)) is str for name in words):
        raise ValueError("words that are none")
    for number in (getattr(kept, name) for name in numbers):
        if type(number) is not int or abs(number) > _LATEST:
            raise ValueError("a number that is none")
    return kept
