"""
Breakers: losses after which nothing is entered any more. Pure; they never stop an exit.

The daily breaker measures equity, open P&L included, against 00:00 UTC of market time, and
stands until the next UTC day, also when the equity recovers. The drawdown breaker measures it
against its peak and stands until somebody resumes by hand.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from core.model.intervals import MINUTE_MS, Interval
from core.trading.account import Halt

_DAY_MS = Interval.D1.duration_ms
# The last word before midnight is the day's start, unless nobody looked for so long: equity is
# valued once a minute and kept every five.
_FRESH_MS = 10 * MINUTE_MS
# Symbols close their minutes at slightly different times; more than this is no such difference.
_BACKWARDS_MS = 60 * MINUTE_MS
_MOST_PCT = 100.0


class BreakerStateError(ValueError):
    """A text is no state of breakers; whoever finds it lets nothing be entered."""


@dataclass(frozen=True, slots=True)
class BreakerLimits:
    """
    Attributes:
        daily_loss_pct: Percent of the equity at 00:00 UTC.
        max_drawdown_pct: Percent of the highest equity.

    Raises:
        ValueError: If one of them is not above 0 and at most 100.
    """

    daily_loss_pct: float
    max_drawdown_pct: float

    def __post_init__(self) -> None:
        for name in ("daily_loss_pct", "max_drawdown_pct"):
            if not 0.0 < getattr(self, name) <= _MOST_PCT:
                raise ValueError(f"{name} is out of bounds: {getattr(self, name)}")


@dataclass(frozen=True, slots=True)
class Breakers:
    """
    What one account's breakers know.

    Attributes:
        at_ms: Market time of the newest observation.
        equity: Seen then, in quote currency.
        day_start: Equity at 00:00 UTC of that day, as near as it was seen.
        peak: Highest equity since the beginning, or since trading was resumed by hand; once
            the drawdown breaker has tripped, the one it was measured against.
        daily_loss_at: Equity at which the daily breaker tripped today; None while it has not.
        drawdown_at: Equity at which the drawdown breaker tripped; None while it has not.

    Raises:
        ValueError: If a number is not finite, or ``equity`` above a peak that still counts.
    """

    at_ms: int
    equity: float
    day_start: float
    peak: float
    daily_loss_at: float | None = None
    drawdown_at: float | None = None

    def __post_init__(self) -> None:
        # Written out: each account has a new one each minute.
        if not (
            self.at_ms >= 0
            and math.isfinite(self.equity)
            and math.isfinite(self.day_start)
            and math.isfinite(self.peak)
            and (self.daily_loss_at is None or math.isfinite(self.daily_loss_at))
            and (self.drawdown_at is None or math.isfinite(self.drawdown_at))
        ):
            told = (self.equity, self.day_start, self.peak, self.daily_loss_at, self.drawdown_at)
            raise ValueError(f"observed at {self.at_ms}: {told}")
        if self.equity > self.peak and self.drawdown_at is None:
            raise ValueError(f"equity {self.equity} is above its peak {self.peak}")

    @classmethod
    def begun(cls, at_ms: int, equity: float) -> "Breakers":
        """Begin with the first observation of an account: it is the day's start and the peak."""
        return cls(at_ms, equity, day_start=equity, peak=equity)

    def observed(self, at_ms: int, equity: float, limits: BreakerLimits) -> "Breakers":
        """
        Take note of an equity; one from before the newest changes nothing.

        Raises:
            ValueError: If ``equity`` is not finite.
        """
        if not math.isfinite(equity):
            raise ValueError(f"equity is {equity}")
        if at_ms < self.at_ms:
            return self
        new_day = _day(at_ms) != _day(self.at_ms)
        start = self._start_of_day(at_ms, equity) if new_day else self.day_start
        peak = self.peak if self.drawdown_at is not None else max(self.peak, equity)
        daily_loss_at = None if new_day else self.daily_loss_at
        if daily_loss_at is None and _lost(start, equity, limits.daily_loss_pct):
            daily_loss_at = equity
        drawdown_at = self.drawdown_at
        if drawdown_at is None and _lost(peak, equity, limits.max_drawdown_pct):
            drawdown_at = equity
        return Breakers(at_ms, equity, start, peak, daily_loss_at, drawdown_at)

    def resumed(self) -> "Breakers":
        """Let go of the drawdown breaker: the peak begins anew at the newest equity."""
        return replace(self, peak=self.equity, drawdown_at=None)

    def halts(self, at_ms: int) -> tuple[Halt, ...]:
        """Return why nothing may be entered at an instant of market time; empty if it may."""
        tripped = self.daily_loss_at is not None or self.drawdown_at is not None
        if not tripped and at_ms >= self.at_ms - _BACKWARDS_MS:
            return ()
        found = []
        if self.daily_loss_at is not None and _day(at_ms) <= _day(self.at_ms):
            words = _words("the equity at 00:00 UTC", self.day_start, self.daily_loss_at)
            found.append(Halt("daily_loss", f"{words}; until the next UTC day"))
        if self.drawdown_at is not None:
            words = _words("its peak", self.peak, self.drawdown_at)
            found.append(Halt("drawdown", f"{words}; until resumed by hand"))
        if at_ms < self.at_ms - _BACKWARDS_MS:
            words = f"the market's time went back from {self.at_ms} to {at_ms}"
            found.append(Halt("market_time", f"{words}: losses are not measured until it is past"))
        return tuple(found)

    @property
    def standing(self) -> tuple[object, ...]:
        """What a restart must not lose: all but the newest observation itself."""
        day = _day(self.at_ms)
        return day, self.day_start, self.peak, self.daily_loss_at, self.drawdown_at

    def to_json(self) -> str:
        """Return the state as a JSON object."""
        return json.dumps({f.name: getattr(self, f.name) for f in fields(self)})

    @classmethod
    def from_json(cls, text: str) -> "Breakers":
        """
        Read what `to_json` wrote, and nothing else.

        Raises:
            BreakerStateError: If a field is missing, unknown, twice there or of another type,
                or the state cannot be.
        """
        try:
            told = json.loads(text, object_pairs_hook=_distinct)
            return cls(**_typed(told, {f.name for f in fields(cls)}))
        except (ValueError, RecursionError) as error:
            raise BreakerStateError(f"not the state of breakers: {text[:80]!r}: {error}") from error

    def _start_of_day(self, at_ms: int, equity: float) -> float:
        """The equity at the last midnight, seen by an observation of a later day than the last."""
        midnight_ms = _day(at_ms) * _DAY_MS
        if at_ms == midnight_ms:
            return equity
        if self.at_ms >= midnight_ms - _FRESH_MS:
            return self.equity
        # Nobody looked at midnight: of what is known around it, the one that halts sooner.
        return max(self.equity, equity)


def _day(at_ms: int) -> int:
    return at_ms // _DAY_MS


def _lost(from_equity: float, equity: float, pct: float) -> bool:
    """Whether so many percent are gone; also when there is nothing left to lose."""
    return equity <= 0.0 or from_equity - equity >= from_equity * pct / _MOST_PCT


def _words(what: str, from_equity: float, equity: float) -> str:
    pct = (1.0 - equity / from_equity) * _MOST_PCT if from_equity > 0.0 else _MOST_PCT
    return f"equity fell to {equity:,.2f}, {pct:.2f} % below {what}, {from_equity:,.2f}"


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise ValueError("a field is there twice")
    return told


def _typed(told: object, names: set[str]) -> Mapping[str, Any]:
    if not isinstance(told, dict) or told.keys() != names:
        raise ValueError("other fields than expected")
    if type(told["at_ms"]) is not int:
        raise ValueError("at_ms is no whole number")
    may_lack = {"daily_loss_at", "drawdown_at"}
    for name in names - {"at_ms"}:
        lacks = told[name] is None and name in may_lack
        if type(told[name]) is not float and not lacks:
            raise ValueError(f"{name} is no decimal number")
    return told
