"""Reads the health alarms from the watchers' files, for the page."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from core.config import Home
from core.model.health import Level
from ops.alarms.alarm import EVERYTHING, Kind
from ops.alarms.reading import Overview, Shown, overview
from ops.alarms.state_file import TargetState
from ui.figures.numbers import typeset
from ui.notifications.events import Event
from ui.view import View

_TITLES = {
    Kind.RAISED: "is",
    Kind.WORSENED: "is now",
    Kind.EASED: "is only",
    Kind.REPEATED: "is still",
}
_TONES = {Level.OK: "good", Level.WARNING: "warning", Level.CRITICAL: "critical"}


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class AlarmReader:
    """
    Args:
        home: Where the watchers keep their alarms.
        clock_ms: UTC by this machine's clock.
    """

    def __init__(self, home: Home, clock_ms: Callable[[], int] = _now_ms) -> None:
        self._home = home
        self._clock_ms = clock_ms

    def alarms(self, _: View | None = None) -> Overview:
        """Read them; files that cannot be read are among the troubles."""
        return overview(self._home, self._clock_ms())


def told(seen: Overview) -> dict[str, Any]:
    """Return it as ``alarms.js`` reads it."""
    notes = [_begun(seen.outside)] if seen.outside else []
    return {
        "rows": [_row(shown) for shown in seen.alarms],
        "silenced": [_silence(name, ms) for name, ms in sorted(seen.orders.silenced.items())],
        "notes": [*notes, *map(_target, seen.targets), *map(_begun, seen.troubles)],
    }


def alarm_events(seen: Overview) -> Iterator[Event]:
    """Yield what happened to alarms, for the list behind the bell."""
    open_ms = {
        (shown.alarm.component, shown.alarm.risen_ms)
        for shown in seen.alarms
        if shown.alarm.level is Level.CRITICAL and shown.is_current and not shown.is_acknowledged
    }
    for event in seen.recent:
        yield Event(
            f"alarm-{event.kind}-{event.component}-{event.at_ms}",
            event.at_ms,
            _TONES.get(event.level, "info"),
            _title(event.kind, event.component, event.level),
            typeset(event.reason),
            now=(event.component, event.at_ms) in open_ms,
        )


def _title(kind: Kind, component: str, level: Level) -> str:
    if kind is Kind.RECOVERED:
        return f"Health: {component} has recovered"
    if kind is Kind.LAPSED:
        return f"Health: nothing speaks of {component} any more"
    article = "a warning" if level is Level.WARNING else level.value
    return f"Health: {component} {_TITLES[kind]} {article}"


def _row(shown: Shown) -> dict[str, Any]:
    alarm = shown.alarm
    stale = "" if shown.is_current else f"as the {shown.watcher} last said; it does not run"
    return {
        "component": alarm.component,
        "level": alarm.level.value,
        "since_ms": alarm.since_ms,
        "reason": typeset(alarm.reason),
        "acknowledged": shown.is_acknowledged,
        "silent_until_ms": shown.silent_until_ms,
        "stale": stale,
    }


def _silence(component: str, until_ms: int) -> dict[str, Any]:
    name = "everything" if component == EVERYTHING else component
    return {"component": component, "name": name, "until_ms": until_ms}


def _target(target: TargetState) -> str:
    counts = [f"{target.sent} sent"]
    counts += [f"{target.waiting} waiting"] if target.waiting else []
    counts += [f"{target.dropped} lost"] if target.dropped else []
    trouble = f"; {target.trouble}" if target.trouble else ""
    return f"Told outside, {target.name}: {', '.join(counts)}{trouble}"


def _begun(words: str) -> str:
    """Return words of a log as a sentence begins."""
    return words[:1].upper() + words[1:]
