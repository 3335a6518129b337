"""How a page shows its market: theme, kind of candles, scale, how far back, until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MOST_BARS = 20_000
"""Candles of one chart; panning left loads more until there are so many."""
MOST_FACTS = 6
"""Panes with facts that are no overlays, such as funding."""
_LATEST_MS = 2**53
"""Beyond it a browser's numbers are not whole any more."""


class LookError(ValueError):
    """A browser asked for a look that is not on offer."""


class Theme(StrEnum):
    """Which palette is used."""

    DARK = "dark"
    LIGHT = "light"


class Candles(StrEnum):
    """How prices are drawn."""

    PLAIN = "candles"
    HEIKIN_ASHI = "heikin-ashi"


class FactPane(StrEnum):
    """A pane of what the exchange tells besides candles."""

    FUNDING = "funding"
    OPEN_INTEREST = "open-interest"


@dataclass(frozen=True, slots=True)
class Look:
    """
    Attributes:
        is_log: Whether prices are on a logarithmic axis.
        bars: Closed candles to draw; None for as many as configured.
        until_ms: Replay: nothing is drawn that was not known then; None for now.
        facts: Further panes, from the top.
    """

    theme: Theme = Theme.DARK
    candles: Candles = Candles.PLAIN
    is_log: bool = False
    bars: int | None = None
    until_ms: int | None = None
    facts: tuple[FactPane, ...] = ()

    def told(self) -> dict[str, Any]:
        """Return it as a browser tells it, with nothing left out."""
        return {
            "theme": self.theme.value,
            "candles": self.candles.value,
            "log": self.is_log,
            "bars": self.bars,
            "until_ms": self.until_ms,
            "facts": [pane.value for pane in self.facts],
        }


PLAIN = Look()
_KEYS = frozenset({"theme", "candles", "log", "bars", "until_ms", "facts"})


def look_of(told: object) -> Look:
    """
    Read what a browser sent.

    Args:
        told: None, or an object with any of ``theme``, ``candles``, ``log``, ``bars``,
            ``until_ms`` and ``facts``.

    Raises:
        LookError: If it is anything else.
    """
    if told is None:
        return PLAIN
    if not isinstance(told, Mapping) or not _KEYS.issuperset(told):
        raise LookError(f"look {told!r:.80} is none")
    try:
        return Look(
            Theme(told.get("theme", Theme.DARK)),
            Candles(told.get("candles", Candles.PLAIN)),
            _flag(told.get("log", False)),
            _count(told.get("bars"), MOST_BARS),
            _count(told.get("until_ms"), _LATEST_MS),
            _facts(told.get("facts", ())),
        )
    except ValueError as error:
        raise LookError(f"look: {error}") from None


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise LookError(f"{value!r:.40} is neither true nor false")
    return value


def _count(value: object, most: int) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
        raise LookError(f"{value!r:.40} is not a whole number from 1 to {most}")
    return value


def _facts(value: object) -> tuple[FactPane, ...]:
    if not isinstance(value, list | tuple) or len(value) > MOST_FACTS:
        raise LookError(f"{value!r:.40} is no list of panes")
    return tuple(dict.fromkeys(FactPane(pane) for pane in value))
