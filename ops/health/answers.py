"""What the health addresses answer, on both servers alike: always from what is known already."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from core.journal.tables import REVISION
from core.model.health import Finding, Level, worst
from ops.health.probes import Health
from ops.health.rule import Rule

OK: Final = 200
UNAVAILABLE: Final = 503
_LIVE: Final = "LIVE"
_ROUNDS_MISSED: Final = 6.0
"""After so many rounds that should have ended, what was found last is no news any more."""


@dataclass(frozen=True, slots=True)
class Answer:
    """
    Attributes:
        status: Of HTTP.
        told: The JSON document.
    """

    status: int
    told: Mapping[str, Any]


def alive() -> Answer:
    """Answer as long as the server runs, whatever becomes of the rest."""
    return Answer(OK, {"status": "alive"})


def ready(health: Health) -> Answer:
    """Tell whether work can be done: the feed is live, and the journal answers."""
    feed, fault = health.feed.status(), health.journal.fault()
    is_live = feed.state.upper() == _LIVE
    reasons = []
    if not is_live:
        reasons.append(f"feed is {feed.state.lower()}{f': {feed.detail}' if feed.detail else ''}")
    if fault:
        reasons.append(f"journal: {fault}")
    is_ready = not reasons
    told = {
        "status": "ready" if is_ready else "not ready",
        "feed": is_live,
        "database": not fault,
        "reasons": reasons,
    }
    return Answer(OK if is_ready else UNAVAILABLE, told)


def database(health: Health) -> Answer:
    """Tell how the journal is."""
    state, check, fault = (
        health.journal.state,
        health.journal.integrity_state,
        health.journal.fault(),
    )
    writes = _found(health, "database_write")
    judged = [f for f in (_found(health, "database"), _found(health, "integrity"), writes) if f]
    is_sound = not fault and worst(tuple(judged)) is not Level.CRITICAL
    told = {
        "status": "ok" if is_sound else "unavailable",
        "reachable": not fault,
        "reason": fault,
        "revision": state.revision or None,
        "revision_of_program": REVISION,
        "size_bytes": state.size_bytes,
        "wal_bytes": state.wal_bytes,
        "read_ms": state.read_ms,
        "slowest_write_ms": writes.value if writes else None,
        "integrity": asdict(check),
        "age_s": health.watch.age_s(),
    }
    return Answer(OK if is_sound else UNAVAILABLE, told)


def detailed(health: Health) -> Answer:
    """
    Tell of every component; 503 when one is critical, or nobody looks any more.

    A warning is for people to look at, and what is not known is not bad.
    """
    watch = health.watch
    age_s, found = watch.age_s(), watch.findings()
    is_watched = age_s is not None and age_s <= _ROUNDS_MISSED * watch.every_s
    level = worst(found)
    is_healthy = is_watched and level is not Level.CRITICAL
    told = {
        "healthy": is_healthy,
        "level": level.value if is_watched else Level.UNKNOWN.value,
        "looked_s_ago": age_s,
        "every_s": watch.every_s,
        "components": {
            finding.component: _component(rule, finding)
            for rule, finding in zip(watch.rules, found, strict=False)
        },
    }
    return Answer(OK if is_healthy else UNAVAILABLE, told)


def _component(rule: Rule, finding: Finding) -> dict[str, Any]:
    limits = rule.limits
    return {
        "title": rule.title,
        "state": finding.level.value,
        "value": finding.value,
        "unit": finding.unit,
        "warning": limits.warning if limits else None,
        "critical": limits.critical if limits else None,
        "rising": limits.rising if limits else None,
        "age_s": finding.age_s,
        "since_ms": finding.since_ms,
        "reason": finding.reason,
    }


def _found(health: Health, component: str) -> Finding | None:
    return next((f for f in health.watch.findings() if f.component == component), None)
