"""How each component does, as everybody else is told it: the findings as rows."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from core.model.health import Finding, Level
from ops.health.watch import HealthWatch
from ui.figures.numbers import typeset
from ui.system.facts import Facts, Row, age_words
from ui.view import View

_TONES: Final = {
    Level.OK: "good",
    Level.UNKNOWN: "unknown",
    Level.WARNING: "warning",
    Level.CRITICAL: "critical",
}
_BAD: Final = {Level.WARNING: 1, Level.CRITICAL: 2}
_AGAIN: Final = 3
_Told = TypeVar("_Told")


class HealthReader:
    """
    Args:
        watch: Who looks.
        clock: Seconds since the epoch, of this machine.
    """

    def __init__(self, watch: HealthWatch, clock: Callable[[], float] = time.time) -> None:
        self._watch = watch
        self._clock = clock

    def health(self, _: View) -> Facts:
        """Return a row of each component: how it is, for how long, and why."""
        pairs = zip(self._watch.rules, self._watch.findings(), strict=False)
        # What is bad comes first; the others stay where people look for them.
        ordered = sorted(pairs, key=lambda pair: -_BAD.get(pair[1].level, 0))
        rows = tuple(self._row(rule.title, finding) for rule, finding in ordered)
        if not rows:
            return Facts(note="Nothing has been looked at yet.")
        age_s = self._watch.age_s() or 0.0
        late = age_s > 2 * self._watch.every_s
        return Facts(rows, f"Looked at {age_words(age_s)} ago." if late else "")

    def _row(self, title: str, finding: Finding) -> Row:
        since_s = None if finding.since_ms is None else self._clock() - finding.since_ms / 1000.0
        cells = (title, finding.level.value, age_words(since_s), typeset(finding.reason))
        return Row(cells, _TONES[finding.level])


def told_whole(ask: Callable[[], _Told]) -> _Told | None:
    """
    Return what a part of the feed says; None if it changed each time while it was asked.

    The feed lives on the event loop and is read here from a thread; a dictionary that grows
    meanwhile is a RuntimeError.
    """
    for _ in range(_AGAIN):
        try:
            return ask()
        except RuntimeError:
            continue
    return None
