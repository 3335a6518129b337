"""
From what is found to what is told: pure, so that each rule of it can be shown.

People outside are told of the difference between how a component is and what they believe. What
may not be told yet - quiet hours, silence, the limits below - just stays a difference: when it
may, what is still true is told in one digest, and nothing twice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from core.model.health import Finding, Level
from ops.alarms.alarm import Alarm, Book, Event, Kind, Notice, Orders, Sent
from ops.alarms.policy import Moment, Policy

HOUR_MS: Final = 3_600_000
MOST_OF_COMPONENT: Final = 4
"""Messages an hour of one component: raised, recovered, and once more; repeats are not counted."""
MOST_WARNINGS: Final = 12
"""Messages an hour; from here on only what is critical is told at once."""
MOST_MESSAGES: Final = 20
"""Messages an hour; what comes then waits for the digest."""
MOST_AT_ONCE: Final = 3
"""Messages of one look; when more is the matter, one tells all."""
LAPSES_AFTER_MS: Final = 7 * 24 * HOUR_MS
"""A component nobody speaks of for a week is none any more: its rule was configured away."""


@dataclass(frozen=True, slots=True)
class Looked:
    """
    What one look has changed.

    Attributes:
        events: For the log and the page, in the order of the findings.
        notices: For people outside.
    """

    book: Book
    events: tuple[Event, ...]
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True)
class _Due:
    alarm: Alarm
    kind: Kind

    @property
    def is_counted(self) -> bool:
        return self.kind is not Kind.REPEATED


def look(
    book: Book, findings: Iterable[Finding], orders: Orders, policy: Policy, now: Moment
) -> Looked:
    """
    Take in what was found, and tell what is to be told.

    Components that are not among the findings, or not known, stay as they are.
    """
    alarms = dict(book.alarms)
    events: list[Event] = []
    for finding in findings:
        alarm, event = _heard(alarms.get(finding.component), finding, now.at_ms)
        if alarm is not None:
            alarms[finding.component] = alarm
        events += [event] if event else []
    events += _lapse(alarms, now.at_ms)
    sent = tuple(one for one in book.sent if 0 <= now.at_ms - one.at_ms < HOUR_MS)
    notices = []
    for due in _urgent_first(_due(alarms, orders, policy, now)):
        told = _allowed(due, sent, policy, now, alarms)
        for notice in _notices(told, sent, now, alarms):
            notices.append(notice)
            sent = (*sent, Sent(now.at_ms, tuple(e.component for e in notice.events)))
            _tell(notice, alarms, policy, now.at_ms)
            events += [e for e in notice.events if e.kind is Kind.REPEATED]
    kept = {name: alarm for name, alarm in alarms.items() if alarm.is_active or alarm.told.is_bad}
    return Looked(Book(kept, sent), tuple(events), tuple(notices))


def _heard(alarm: Alarm | None, finding: Finding, now_ms: int) -> tuple[Alarm | None, Event | None]:
    before = Level.OK if alarm is None else alarm.level
    if finding.level is Level.UNKNOWN or (alarm is None and not finding.level.is_bad):
        return alarm, None
    since_ms = _since_ms(finding, now_ms) if alarm is None or not before.is_bad else alarm.since_ms
    kind = _kind(before, finding.level)
    risen = kind in {Kind.RAISED, Kind.WORSENED}
    after = replace(
        alarm or Alarm(finding.component, finding.level, "", since_ms, now_ms, now_ms),
        level=finding.level,
        reason=finding.reason,
        heard_ms=now_ms,
    )
    if kind is None:
        return after, None
    after = replace(
        after,
        since_ms=since_ms,
        risen_ms=now_ms if risen else after.risen_ms,
        changes=after.changes + 1,
    )
    return after, _event(after, kind, before, now_ms)


def _since_ms(finding: Finding, now_ms: int) -> int:
    return now_ms if finding.since_ms is None else min(finding.since_ms, now_ms)


def _kind(before: Level, after: Level) -> Kind | None:
    if before is after:
        return None
    if not after.is_bad:
        return Kind.RECOVERED
    if not before.is_bad:
        return Kind.RAISED
    return Kind.WORSENED if after.rank > before.rank else Kind.EASED


def _event(alarm: Alarm, kind: Kind, before: Level, now_ms: int) -> Event:
    return Event(
        kind,
        alarm.component,
        alarm.level,
        before,
        alarm.reason,
        alarm.since_ms,
        now_ms,
        alarm.changes,
    )


def _lapse(alarms: dict[str, Alarm], now_ms: int) -> Iterator[Event]:
    for alarm in [a for a in alarms.values() if now_ms - a.heard_ms > LAPSES_AFTER_MS]:
        del alarms[alarm.component]
        if alarm.is_active:
            yield _event(replace(alarm, level=Level.OK), Kind.LAPSED, alarm.level, now_ms)


def _due(alarms: dict[str, Alarm], orders: Orders, policy: Policy, now: Moment) -> list[_Due]:
    """Return what people do not know yet; settle what somebody knows without being told."""
    found = []
    for component, alarm in list(alarms.items()):
        outside = policy.outside(alarm.level)
        silent = orders.silent_until_ms(component, now.at_ms) is not None
        eased = outside.is_bad and outside.rank < alarm.told.rank
        if eased or (orders.knows(alarm) and outside.is_bad) or (silent and not outside.is_bad):
            alarms[component] = replace(alarm, told=outside, waits=False)
            continue
        kind = _due_kind(alarm, outside, policy, now.at_ms)
        if kind is None or silent:
            alarms[component] = replace(alarm, waits=kind is not None)
        else:
            found.append(_Due(alarm, kind))
    return found


def _due_kind(alarm: Alarm, outside: Level, policy: Policy, now_ms: int) -> Kind | None:
    if outside is not alarm.told:
        kind = _kind(alarm.told, outside)
        return Kind.EASED if kind is Kind.RECOVERED and alarm.is_active else kind
    if outside is not Level.CRITICAL or alarm.told_ms is None:
        return None
    # A clock that was set back must not silence it.
    waited_ms = abs(now_ms - alarm.told_ms)
    return Kind.REPEATED if waited_ms >= policy.repeat_ms else None


def _urgent_first(due: list[_Due]) -> Iterator[list[_Due]]:
    yield [one for one in due if one.alarm.is_critical]
    yield [one for one in due if not one.alarm.is_critical]


def _allowed(
    due: list[_Due],
    sent: tuple[Sent, ...],
    policy: Policy,
    now: Moment,
    alarms: dict[str, Alarm],
) -> list[_Due]:
    """Return what may be told now but for the limit of all; the rest waits."""
    quiet = policy.quiet is not None and policy.quiet.include(now.local_minute)
    told = []
    for one in due:
        held = quiet and not (one.alarm.is_critical and policy.quiet_critical)
        of_it = sum(one.alarm.component in message.components for message in sent)
        if held or (one.is_counted and of_it >= MOST_OF_COMPONENT):
            alarms[one.alarm.component] = replace(one.alarm, waits=True)
        else:
            told.append(one)
    return told


def _notices(
    due: list[_Due], sent: tuple[Sent, ...], now: Moment, alarms: dict[str, Alarm]
) -> tuple[Notice, ...]:
    if not due:
        return ()
    most = MOST_MESSAGES if due[0].alarm.is_critical else MOST_WARNINGS
    room = most - len(sent)
    if room <= 0:
        for one in due:
            alarms[one.alarm.component] = replace(one.alarm, waits=True)
        return ()
    events = tuple(_event(o.alarm, o.kind, o.alarm.told, now.at_ms) for o in due)
    together = any(o.alarm.waits for o in due) or len(due) > min(room, MOST_AT_ONCE)
    groups = [events] if together else [(event,) for event in events]
    left = range(room - 1, -1, -1)
    return tuple(Notice(group, n == 0) for group, n in zip(groups, left, strict=False))


def _tell(notice: Notice, alarms: dict[str, Alarm], policy: Policy, now_ms: int) -> None:
    for event in notice.events:
        alarm = alarms[event.component]
        alarms[event.component] = replace(
            alarm, told=policy.outside(alarm.level), told_ms=now_ms, waits=False, changes=0
        )
