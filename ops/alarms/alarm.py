"""Words of the alarms: what is the matter, what people outside believe, and what they are told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from core.model.health import Level

EVERYTHING: Final = "all"
"""In place of a component, when all of them are to be silent."""


class Kind(StrEnum):
    """What happened to an alarm."""

    RAISED = "raised"
    WORSENED = "worsened"
    EASED = "eased"
    """From critical to a warning."""
    RECOVERED = "recovered"
    REPEATED = "repeated"
    LAPSED = "lapsed"
    """Nothing has spoken of the component for so long that it is none any more."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """
    A component that is bad, or whose recovery is still to be told.

    Times are UTC by this machine's clock.

    Attributes:
        level: Now; OK once it has recovered.
        since_ms: When it became bad.
        risen_ms: When it last became bad or worse: an acknowledgement is of that moment.
        heard_ms: When a rule last knew how the component is.
        told: What people outside were told last; OK before anything.
        told_ms: When; None before.
        waits: Whether something is to be told outside and could not be yet.
        changes: Of level, since people were told last.
    """

    component: str
    level: Level
    reason: str
    since_ms: int
    risen_ms: int
    heard_ms: int
    told: Level = Level.OK
    told_ms: int | None = None
    waits: bool = False
    changes: int = 0

    def __post_init__(self) -> None:
        if not self.component.isidentifier():
            raise ValueError(f"component {self.component!r:.80}: must be a name in snake case")
        if Level.UNKNOWN in {self.level, self.told}:
            raise ValueError(f"{self.component}: what is not known is no alarm")

    @property
    def is_active(self) -> bool:
        """Whether the component is bad."""
        return self.level.is_bad

    @property
    def is_critical(self) -> bool:
        """Whether it is critical, or people believe so."""
        return Level.CRITICAL in {self.level, self.told}


@dataclass(frozen=True, slots=True)
class Event:
    """
    What happened to an alarm at ``at_ms``.

    Attributes:
        level: After it.
        before: The level before it; of what is told outside, what people believed.
        since_ms: When the component became bad.
        changes: Of level, since people were told last.
    """

    kind: Kind
    component: str
    level: Level
    before: Level
    reason: str
    since_ms: int
    at_ms: int
    changes: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """
    One message to people outside.

    Attributes:
        events: What it tells; several make a digest.
        is_last: Whether the hour's limit is reached with it.
    """

    events: tuple[Event, ...]
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Orders:
    """
    What people want of alarms.

    Attributes:
        acknowledged: `Alarm.risen_ms` of the alarm that somebody has seen, by component.
        silenced: Until when a component is not told outside, UTC ms; `EVERYTHING` for all.
    """

    acknowledged: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    silenced: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def knows(self, alarm: Alarm) -> bool:
        """Whether somebody has acknowledged an alarm as it is."""
        return self.acknowledged.get(alarm.component) == alarm.risen_ms

    def silent_until_ms(self, component: str, now_ms: int) -> int | None:
        """Return until when a component is silent; None when it is not."""
        ends = (self.silenced.get(name, 0) for name in (component, EVERYTHING))
        until_ms = max(ends)
        return until_ms if until_ms > now_ms else None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message of the last hour, and of what it told."""

    at_ms: int
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Book:
    """The alarms by component, and what was told of late."""

    alarms: Mapping[str, Alarm] = field(default_factory=lambda: MappingProxyType({}))
    sent: tuple[Sent, ...] = ()
