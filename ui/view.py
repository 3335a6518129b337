"""What one page shows, parsed from what a browser sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.model.intervals import Interval


class ViewError(ValueError):
    """A browser asked for something that is not on offer."""


@dataclass(frozen=True, slots=True)
class View:
    """One page's selection."""

    symbol: str
    interval: Interval
    overlays: tuple[str, ...] = ()

    @property
    def market(self) -> str:
        """Symbol and interval as one word: what a tick or a zoom belongs to."""
        return f"{self.symbol}|{self.interval.value}"


@dataclass(frozen=True, slots=True)
class Choices:
    """What a page may show."""

    symbols: tuple[str, ...]
    overlays: tuple[str, ...]

    def view(self, symbol: object, interval: object, overlays: object) -> View:
        """
        Turn what a browser sent into a view.

        Raises:
            ViewError: If a value is of a wrong type or not among the choices.
        """
        if not isinstance(overlays, Sequence) or isinstance(overlays, str):
            raise ViewError(f"overlays must be a list of keys, was {overlays!r:.80}")
        return View(
            str(self._member("symbol", symbol, self.symbols)),
            Interval(self._member("interval", interval, tuple(Interval))),
            tuple(str(self._member("overlay", key, self.overlays)) for key in overlays),
        )

    @staticmethod
    def _member(name: str, value: object, allowed: Collection[str]) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise ViewError(f"{name} {value!r:.80} is not one of {', '.join(allowed)}")
        return value
