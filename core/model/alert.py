"""What somebody wants to be told of: a price or a feature that reaches a level."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from core.model.instrument import is_symbol
from core.model.intervals import Interval

PRICE = "price"
"""Subject of an alert on the traded price."""

LONGEST_NOTE = 200
"""Characters; it is a line of a notice."""
MOST = 1e15
"""Beyond any price, quantity or feature; the arithmetic on them stays finite."""
_LONGEST_SUBJECT = 64  # as in the telemetry's table


class Comparison(StrEnum):
    """What must happen at the level."""

    ABOVE = "above"
    """The value is at the level or above, also when it was so from the beginning."""
    BELOW = "below"
    """The value is at the level or below, also when it was so from the beginning."""
    CROSSES = "crosses"
    """The value reaches the level from either side."""


@dataclass(frozen=True, slots=True)
class Alert:
    """
    One wish to be told.

    Attributes:
        interval: Of the bars whose feature is meant; None of a price, and of a feature it is
            the interval that the engine decides on.
        subject: `PRICE`, or the name of a feature.
        level: Above 0 of a price; a feature may have any.
        note: In somebody's words; one line, may be empty.
        once: Whether it is over when it has fired.

    Raises:
        ValueError: If a field cannot be; the words name it.
    """

    symbol: str
    interval: Interval | None
    subject: str
    comparison: Comparison
    level: float
    note: str = ""
    once: bool = True

    def __post_init__(self) -> None:
        _must_be_named(self.symbol, self.subject)
        if not isinstance(self.comparison, Comparison):
            words = f"comparison must be above, below or crosses: {self.comparison!r:.80}"
            raise ValueError(words)  # noqa: TRY004 - one kind of error, as from JSON
        if type(self.level) not in {int, float} or not -MOST < self.level < MOST:
            raise ValueError(f"level must be a finite number, was {self.level!r:.80}")
        _must_be_words(self.note)
        if type(self.once) is not bool:
            raise ValueError(f"once must be true or false, was {self.once!r:.80}")
        if self.interval is not None and not isinstance(self.interval, Interval):
            raise ValueError(f"interval must be one of the exchange's, was {self.interval!r:.80}")
        if self.of_price and (self.interval is not None or self.level <= 0.0):
            raise ValueError(f"a price has no interval and is above 0, not {self.level}")

    @property
    def of_price(self) -> bool:
        """Whether the price is watched, and not a feature."""
        return self.subject == PRICE

    def values(self) -> dict[str, Any]:
        """Return the fields as JSON knows them."""
        return {
            "symbol": self.symbol,
            "interval": None if self.interval is None else self.interval.value,
            "subject": self.subject,
            "comparison": self.comparison.value,
            "level": float(self.level),
            "note": self.note,
            "once": self.once,
        }

    @classmethod
    def of_values(cls, told: Mapping[str, Any]) -> "Alert":
        """
        Rebuild an alert from `values`.

        Raises:
            ValueError: If a field is missing, unknown or cannot be.
        """
        names = {field.name for field in fields(cls)}
        if told.keys() != names:
            wrong = ", ".join(sorted(names ^ set(map(str, told))))
            raise ValueError(f"an alert's fields are missing or unknown: {wrong:.80}")
        interval = told["interval"]
        return cls(
            symbol=told["symbol"],
            interval=None if interval is None else Interval(interval),
            subject=told["subject"],
            comparison=Comparison(told["comparison"]),
            level=told["level"],
            note=told["note"],
            once=told["once"],
        )

    def to_json(self) -> str:
        """Return the alert as a JSON object."""
        return json.dumps(self.values())

    def __str__(self) -> str:
        on = "" if self.interval is None else f" on {self.interval}"
        return f"{self.symbol} {self.subject} {self.comparison} {self.level:.10g}{on}"


def look(
    alert: Alert, was_above: bool | None, value: float, low: float, high: float
) -> tuple[bool, bool]:
    """
    Say whether an alert fires, and whether its value is on the upper side of the level now.

    Args:
        alert: What is waited for.
        was_above: As returned by the last look; None at the first.
        value: As it is now.
        low: Least value since the last look, ``value`` included.
        high: Greatest value since then, ``value`` included.
    """
    level = alert.level
    reached_up, reached_down = high >= level, low <= level
    if value == level:  # on the side that it came to
        above = alert.comparison is not Comparison.BELOW if was_above is None else not was_above
    else:
        above = value > level
    match alert.comparison:
        case Comparison.ABOVE:
            fires = reached_up and was_above is not True
        case Comparison.BELOW:
            fires = reached_down and was_above is not False
        case Comparison.CROSSES:
            fires = (was_above is False and reached_up) or (was_above is True and reached_down)
    return fires, above


def _must_be_named(symbol: object, subject: object) -> None:
    if not isinstance(symbol, str) or not is_symbol(symbol):
        raise ValueError(f"symbol must be a name of the exchange, was {symbol!r:.80}")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise ValueError(f"subject must be price or the name of a feature, was {subject!r:.80}")
    if not subject.isprintable():
        raise ValueError(f"subject must be printable, was {subject!r:.80}")


def _must_be_words(note: object) -> None:
    if not isinstance(note, str) or not (note.isprintable() and len(note) <= LONGEST_NOTE):
        raise ValueError(f"note must be one line of at most {LONGEST_NOTE} characters")
