"""When people outside are told: the least level, repeats, and quiet hours of the local day."""

from dataclasses import dataclass
from typing import Final

from core.config.operations import AlarmSettings
from core.model.health import Level

_MINUTE_MS: Final = 60_000
_HOUR_MINUTES: Final = 60


@dataclass(frozen=True, slots=True)
class QuietHours:
    """
    Minutes of the local day, from the first and before the second; over midnight if it is less.

    Two that are equal are no hours at all.
    """

    from_minute: int
    to_minute: int

    @classmethod
    def parse(cls, text: str) -> "QuietHours | None":
        """Read ``22:00-07:00``, as the configuration has checked it; None of an empty text."""
        if not text:
            return None
        begin, end = text.split("-")
        return cls(_minute(begin), _minute(end))

    def include(self, minute: int) -> bool:
        """Whether a minute of the day is quiet."""
        if self.from_minute <= self.to_minute:
            return self.from_minute <= minute < self.to_minute
        return minute >= self.from_minute or minute < self.to_minute


def _minute(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * _HOUR_MINUTES + int(minutes)


@dataclass(frozen=True, slots=True)
class Policy:
    """
    What `core.config.operations.AlarmSettings` say, as the book needs it.

    Attributes:
        least: Milder ones are not told outside.
        repeat_ms: After which a critical one that nobody has acknowledged is told again.
    """

    least: Level = Level.WARNING
    repeat_ms: int = 240 * _MINUTE_MS
    quiet: QuietHours | None = None
    quiet_critical: bool = True

    @classmethod
    def of(cls, settings: AlarmSettings) -> "Policy":
        """Return that of a configuration."""
        return cls(
            Level(settings.least),
            settings.repeat_minutes * _MINUTE_MS,
            QuietHours.parse(settings.quiet_hours),
            settings.quiet_critical,
        )

    def outside(self, level: Level) -> Level:
        """Return what a level is to people outside."""
        return level if level.rank >= self.least.rank else Level.OK


@dataclass(frozen=True, slots=True)
class Moment:
    """
    Now.

    Attributes:
        at_ms: UTC by this machine's clock.
        local_minute: Of the local day, 0 to 1439.
    """

    at_ms: int
    local_minute: int
