"""Judging: from what was seen of a component to what is said of it. Pure."""

import math
from dataclasses import dataclass, replace

from core.config.health import Limits
from core.model.health import Finding, Level

_WHOLE_PCT = 100.0


@dataclass(frozen=True, slots=True)
class Observation:
    """
    What was seen of a component.

    Attributes:
        words: For people; names the value if there is one.
        value: To be held against the limits; None where it is not known or none is meant.
        level: What is known without limits; UNKNOWN overrules them, as with a small sample.
        age_s: Of what was seen, by the monotonic clock; None where it does not age.
    """

    words: str
    value: float | None = None
    level: Level | None = None
    age_s: float | None = None

    @property
    def is_known(self) -> bool:
        """Whether it can be judged."""
        if self.value is not None and not math.isfinite(self.value):
            return False
        return self.level is not Level.UNKNOWN and (
            self.value is not None or self.level is not None
        )


def not_known(words: str) -> Observation:
    """Return that nothing can be said, and why."""
    return Observation(words, level=Level.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Standing:
    """
    What has been judged so far.

    Attributes:
        counted: The level that counts; it outlasts moments in which nothing is known.
        warning_s, critical_s: Since when, by the monotonic clock, the level has been reached
            without a break; None while it is not.
    """

    finding: Finding
    counted: Level = Level.OK
    warning_s: float | None = None
    critical_s: float | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """
    How one component is judged.

    Attributes:
        component: Name in snake case.
        title: The same for people.
        limits: None where what was seen says itself how it is.
        hold_s: A level must be reached for so long before it counts; 0 for what counts at once.
        clear_pct: A limit must be left by so much of itself before it no longer counts.
    """

    component: str
    title: str
    limits: Limits | None = None
    unit: str = ""
    hold_s: float = 0.0
    clear_pct: float = 0.0

    def judge(
        self, before: Standing | None, seen: Observation, *, now_s: float, now_ms: int
    ) -> Standing:
        """
        Return how the component stands now.

        Args:
            before: How it stood; None at first.
            seen: Newly, or once more.
            now_s: Monotonic.
            now_ms: UTC, by this machine's clock.
        """
        if not seen.is_known:
            kept = before or Standing(self._finding(None, Level.UNKNOWN, seen, "", now_ms))
            found = self._finding(before, Level.UNKNOWN, seen, "", now_ms)
            return replace(kept, finding=found)
        counted = before.counted if before else Level.OK
        warning_s = self._since(before.warning_s if before else None, Level.WARNING, seen, now_s)
        critical_s = self._since(before.critical_s if before else None, Level.CRITICAL, seen, now_s)
        level, note = Level.OK, ""
        for grade, since_s in ((Level.WARNING, warning_s), (Level.CRITICAL, critical_s)):
            stays = counted.rank >= grade.rank and self._lingers(grade, seen)
            counts = since_s is not None and now_s - since_s >= self.hold_s
            if stays or counts:
                level, note = grade, self._limit_words(grade)
            elif since_s is not None:
                note = f"{self._limit_words(grade)} in {self.hold_s - (now_s - since_s):.0f} s"
        # What says itself that it is bad is not called sound while that does not count yet.
        is_doubtful = level is Level.OK and seen.level is not None and seen.level.is_bad
        shown = Level.UNKNOWN if is_doubtful else level
        found = self._finding(before, shown, seen, note, now_ms)
        return Standing(found, level, warning_s, critical_s)

    def _since(
        self, before_s: float | None, grade: Level, seen: Observation, now_s: float
    ) -> float | None:
        if not self._reaches(grade, seen):
            return None
        return now_s if before_s is None else before_s

    def _reaches(self, grade: Level, seen: Observation, leeway_pct: float = 0.0) -> bool:
        if seen.level is not None and seen.level.rank >= grade.rank:
            return True
        limit = self._limit(grade)
        if limit is None or seen.value is None or self.limits is None:
            return False
        leeway = abs(limit) * leeway_pct / _WHOLE_PCT
        if self.limits.rising:
            return seen.value >= limit - leeway
        return seen.value <= limit + leeway

    def _lingers(self, grade: Level, seen: Observation) -> bool:
        return self._reaches(grade, seen, self.clear_pct)

    def _limit(self, grade: Level) -> float | None:
        if self.limits is None:
            return None
        return self.limits.warning if grade is Level.WARNING else self.limits.critical

    def _limit_words(self, grade: Level) -> str:
        limit = self._limit(grade)
        return "" if limit is None else f"{grade.value} from {limit:,g} {self.unit}".rstrip()

    def _finding(
        self, before: Standing | None, level: Level, seen: Observation, note: str, now_ms: int
    ) -> Finding:
        same = before is not None and before.finding.level is level
        return Finding(
            self.component,
            level,
            "; ".join(filter(None, (seen.words, note.strip()))),
            value=seen.value if seen.value is None or math.isfinite(seen.value) else None,
            unit=self.unit,
            age_s=seen.age_s,
            since_ms=before.finding.since_ms if before is not None and same else now_ms,
        )
