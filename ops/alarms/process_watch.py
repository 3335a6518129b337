"""
What the supervisor finds of its children: the dead cannot tell, nor the stuck.

A deliberate end is no finding at all: who stops the system knows it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from core.model.health import Finding, Level
from ops.processes import Role
from ops.supervisor import ChildNews, News

SETTLED_AFTER_S: Final = 30.0
"""A child that has run for so long after a crash has recovered."""
SILENT_AFTER_S: Final = 30.0
STARTING_S: Final = 120.0
"""From the start to the first answer: reading candles and the journal of a slow machine."""
FRESH_S: Final = 10.0
"""Two questions; an older answer says nothing of now."""
_REPEATEDLY: Final = 3
"""Crashes within the supervisor's window: once is a fault, again a loop."""
_GRAVE: Final = {Role.ENGINE: Level.CRITICAL, Role.SIMULATOR: Level.CRITICAL}
"""Without the page trading goes on."""


@dataclass(frozen=True, slots=True)
class _Child:
    news: ChildNews
    at_s: float
    crash: ChildNews | None = None
    answered_s: float | None = None


class ProcessWatch:
    """
    How the children are, from the supervisor's news and their ports' answers.

    Args:
        ports: Of the roles that answer ``/health/live``.
    """

    def __init__(self, ports: Mapping[Role, int]) -> None:
        self.ports = dict(ports)
        self._children: dict[Role, _Child] = {}

    def hear(self, news: ChildNews, now_s: float) -> None:
        """Take what the supervisor tells; ``now_s`` is monotonic."""
        before = self._children.get(news.role)
        crash = before.crash if before else None
        if news.kind is not News.STARTED:
            crash = None if news.kind is News.ENDED else news
        self._children[news.role] = _Child(news, now_s, crash)

    def answered(self, role: Role, now_s: float) -> None:
        """Take that a child's port has answered."""
        child = self._children.get(role)
        if child is not None and child.news.kind is News.STARTED:
            self._children[role] = replace(child, answered_s=now_s)

    def pid(self, role: Role) -> int | None:
        """Return the process that should answer for ``role``; None while there is none."""
        child = self._children.get(role)
        return child.news.pid if child is not None and child.news.kind is News.STARTED else None

    def findings(self, now_s: float, stopped: frozenset[Role] = frozenset()) -> tuple[Finding, ...]:
        """
        Return what is to be said now; ask the ports before.

        Args:
            now_s: Monotonic.
            stopped: Roles whose process a signal holds.
        """
        found = []
        for role, child in self._children.items():
            found.append(_process(role, child, now_s))
            if role in self.ports:
                found.append(_silence(role, child, self.ports[role], now_s, role in stopped))
        return tuple(found)


def _process(role: Role, child: _Child, now_s: float) -> Finding:
    component = f"{role.value}_process"
    news, crash = child.news, child.crash
    if news.kind is News.STARTED and now_s - child.at_s >= SETTLED_AFTER_S:
        return Finding(component, Level.OK, f"the {role} runs, pid {news.pid}")
    if crash is None:
        return Finding(component, Level.UNKNOWN, f"the {role} was {news.kind.value}")
    grave = _GRAVE.get(role, Level.WARNING)
    how = "could not be started" if crash.status is None else f"crashed, status {crash.status}"
    if crash.kind is News.GIVEN_UP:
        words = f"the {role} {how}, {crash.crashes} times in a row: it is not started any more"
        return Finding(component, grave, words)
    again = crash.crashes >= _REPEATEDLY
    words = f"the {role} {how}" + (f", {crash.crashes} times in a row" if again else "")
    return Finding(component, grave if again else Level.WARNING, f"{words}; it is started again")


def _silence(role: Role, child: _Child, port: int, now_s: float, is_stopped: bool) -> Finding:
    component = f"{role.value}_silent"
    if child.news.kind is not News.STARTED:
        return Finding(component, Level.UNKNOWN, f"the {role} does not run")
    silent_s = now_s - (child.at_s if child.answered_s is None else child.answered_s)
    limit_s = STARTING_S if child.answered_s is None else SILENT_AFTER_S
    if silent_s >= limit_s:
        held = ", held by a stop signal" if is_stopped else ""
        return Finding(
            component,
            _GRAVE.get(role, Level.WARNING),
            f"the {role} lives (pid {child.news.pid}{held}) but has not answered on port {port} "
            f"for {silent_s:.0f} s",
        )
    if child.answered_s is None or silent_s >= FRESH_S:
        return Finding(component, Level.UNKNOWN, f"no answer for {silent_s:.0f} s")
    return Finding(component, Level.OK, f"the {role} answers on port {port}")
