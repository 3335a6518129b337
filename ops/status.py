"""What `make status` says: a line for each process of a home, and how it does."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import psutil

from core.config import Home
from core.emergency_latch import EmergencyLatch
from ops.launch import demo_home, health
from ops.processes import ProcessIdentity, Role, running

NEEDED: Final = (Role.ENGINE, Role.DASHBOARD)
_MINUTE_S: Final = 60
_HOUR_S: Final = 3_600
_DAY_S: Final = 86_400
_MB: Final = 1_000_000


def status_lines(
    home: Home,
    *,
    answers: Callable[[int], Mapping[str, object] | None] = health,
    clock: Callable[[], float] = time.time,
) -> tuple[list[str], bool]:
    """
    Return what to say of a home and its demo, and whether engine and dashboard run.

    Args:
        home: Of the live system; its demo lies in it.
        answers: What a port's ``/health`` says; None when nobody answers.
        clock: Seconds since the epoch.
    """
    alive: set[Role] = set()
    lines: list[str] = []
    for place in (home, demo_home(home)):
        lines += latched(place)
        for role, identity in _alive(place):
            alive.add(role)
            lines.append(_line(place, role, identity, answers, clock()))
    missing = [role for role in NEEDED if role not in alive]
    lines += [f"{role:<11} stopped  (start: make start, or make demo)" for role in missing]
    return lines, not missing


def latched(home: Home) -> list[str]:
    """Return a line when the emergency latch of a home that exists is set."""
    why = EmergencyLatch(home.emergency_latch)()
    if not why or not home.emergency_latch.parent.is_dir():
        return []
    return [f"Emergency stop: {why}. No engine trades; go on with: make resume"]


def duration(seconds: float) -> str:
    """Return a time for people: ``45 s``, ``12 min``, ``3 h 05 min``, ``2 d 4 h``."""
    whole = max(round(seconds), 0)
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} min"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S:02} min"
    return f"{whole // _DAY_S} d {whole % _DAY_S // _HOUR_S} h"


def level(told: Mapping[str, object] | None) -> str:
    """Return in a word how a process does that answered so; it says ``level`` or ``status``."""
    if told is None:
        return "does not answer"
    for key in ("level", "status"):
        word = told.get(key)
        if isinstance(word, str):
            return word
    return "ok" if told.get("healthy") is True else "degraded"


def _alive(home: Home) -> Iterator[tuple[Role, ProcessIdentity]]:
    for role in Role:
        identity = running(home.run, role)
        if identity:
            yield role, identity


def _line(
    home: Home,
    role: Role,
    identity: ProcessIdentity,
    answers: Callable[[int], Mapping[str, object] | None],
    now_s: float,
) -> str:
    parts = [f"{role:<11} running", f"pid {identity.pid}"]
    parts.append(f"up {duration(now_s - identity.started_s)}")
    try:
        process = identity.process()
        parts.append(f"{process.memory_info().rss / _MB:.0f} MB" if process else "ending")
    except psutil.Error:  # it has just ended, or is not ours to look at
        parts.append("? MB")
    if identity.port:
        parts.append(f"port {identity.port}")
    if identity.port and role in NEEDED:
        parts.append(level(answers(identity.port)))
    return "  ".join([*parts, f"home {home.root}"])
