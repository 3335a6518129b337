"""What people do about alarms, from a command or the page: written down, with who did it."""

import time

from core.config import Home
from ops.alarms.advice import ADVICE, GUIDE
from ops.alarms.alarm import EVERYTHING
from ops.alarms.opening import orders_of
from ops.alarms.reading import overview
from ops.alarms.writing import utc_words
from ops.audit.entry import Action
from ops.audit.trail import append_audit


class NoSuchAlarmError(Exception):
    """There is no such active alarm; the message names those that there are."""


def acknowledge(home: Home, component: str, who: str) -> str:
    """
    Stop the repeats of an alarm until it recovers or worsens; return what was done.

    Raises:
        NoSuchAlarmError: If the component has no active alarm.
        OrderError: If it cannot be written.
    """
    seen = overview(home, _now_ms())
    alarm = seen.alarm(component)
    if alarm is None:
        there = ", ".join(shown.alarm.component for shown in seen.alarms) or "none"
        raise NoSuchAlarmError(f"No alarm of {component!r:.80} is active. Active: {there}.")
    orders_of(home).acknowledge(alarm)
    append_audit(home, Action.ALARM, who=who, detail=f"acknowledged {component}: {alarm.reason}")
    return f"Acknowledged {component}: it is told again when it worsens, and when it recovers."


def silence(home: Home, component: str, hours: float, who: str) -> str:
    """
    Tell nobody outside of a component, or of all, for some hours; return what was done.

    Raises:
        ValueError: If it is no component, or not such a time.
        OrderError: If it cannot be written.
    """
    _require_component(component)
    until_ms = orders_of(home).silence(component, hours)
    append_audit(
        home, Action.ALARM, who=who, detail=f"silenced {component} until {utc_words(until_ms)}"
    )
    return f"{_subject(component)} silent outside until {utc_words(until_ms)}."


def unsilence(home: Home, component: str, who: str) -> str:
    """Tell of a component again; return what was done. Raises as `silence` does."""
    _require_component(component)
    if not orders_of(home).unsilence(component):
        if component == EVERYTHING:
            return "There is no silence of all; those of single components stay: alarms list."
        return f"{component} is not silent."
    append_audit(home, Action.ALARM, who=who, detail=f"unsilenced {component}")
    return f"{_subject(component)} told outside again."


def _require_component(component: str) -> None:
    if component not in ADVICE and component != EVERYTHING:
        raise ValueError(f"{component!r:.80} is no component; {GUIDE} lists them")


def _subject(component: str) -> str:
    return "All alarms are" if component == EVERYTHING else f"{component} is"


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
