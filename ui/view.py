"""What one page shows, parsed from what a browser sent."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from core.data.symbol_names import nearest_symbols
from core.model.instrument import is_symbol
from core.model.intervals import Interval
from ui.look import PLAIN, Look, LookError, look_of


class ViewError(ValueError):
    """A browser asked for something that is not on offer."""


Shown: TypeAlias = int | tuple[int, int] | None
"""What is visible: the newest so many candles, or first and last millisecond; None if not told."""
_LATEST_MS = 2**53
"""Beyond it a browser's numbers are not whole any more."""
_MOST_SHOWN = 100_000


@dataclass(frozen=True, slots=True)
class View:
    """
    One page's selection.

    Attributes:
        shown: Told only while an overlay depends on it.
    """

    symbol: str
    interval: Interval
    overlays: tuple[str, ...] = ()
    shown: Shown = None
    look: Look = PLAIN

    @property
    def market(self) -> str:
        """Symbol and interval as one word: what a tick or a zoom belongs to."""
        return f"{self.symbol}|{self.interval.value}"


class NotFollowedError(ViewError):
    """
    A page shows a symbol that is not followed: never was, or no more since it was settled.

    Attributes:
        view: What was asked for.
    """

    def __init__(self, view: View, followed: Collection[str]) -> None:
        nearest = ", ".join(nearest_symbols(view.symbol, followed))
        hint = f"; did you mean {nearest}?" if nearest else ""
        super().__init__(f"{view.symbol} is not followed{hint}")
        self.view = view


@dataclass(frozen=True, slots=True)
class Choices:
    """What a page may show."""

    symbols: tuple[str, ...]
    overlays: tuple[str, ...]

    def view(
        self,
        symbol: object,
        interval: object,
        overlays: object,
        shown: object = None,
        look: object = None,
    ) -> View:
        """
        Turn what a browser sent into a view.

        Raises:
            NotFollowedError: If all is well but for the symbol.
            ViewError: If a value is of a wrong type or not among the choices.
        """
        if not isinstance(symbol, str) or not is_symbol(symbol):
            raise ViewError(f"symbol {symbol!r:.80} is none")
        if not isinstance(overlays, Sequence) or isinstance(overlays, str):
            raise ViewError(f"overlays must be a list of keys, was {overlays!r:.80}")
        view = View(
            symbol,
            Interval(self._member("interval", interval, tuple(Interval))),
            tuple(dict.fromkeys(self._member("overlay", key, self.overlays) for key in overlays)),
            _shown(shown),
            _look(look),
        )
        if symbol not in self.symbols:
            raise NotFollowedError(view, self.symbols)
        return view

    @staticmethod
    def _member(name: str, value: object, allowed: Collection[str]) -> str:
        if not isinstance(value, str) or value not in allowed:
            raise ViewError(f"{name} {value!r:.80} is not one of {', '.join(allowed)}")
        return value


def _look(value: object) -> Look:
    try:
        return look_of(value)
    except LookError as error:
        raise ViewError(str(error)) from None


def _shown(value: object) -> Shown:
    match value:
        case None:
            return None
        case bool():
            pass
        case int() if 0 < value <= _MOST_SHOWN:
            return value
        case [int(first_ms), int(last_ms)] if 0 <= first_ms <= last_ms <= _LATEST_MS:
            return first_ms, last_ms
    raise ViewError(f"shown {value!r:.80} is neither a number of candles nor a range of time")
