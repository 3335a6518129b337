"""One side of an order book, sorted."""

import math
from bisect import bisect_left, insort
from collections.abc import Iterable

from core.data.market_events import Level

# Beyond this many levels the farthest are forgotten, so that a book stays small for weeks.
MOST_LEVELS = 6_000
KEPT_LEVELS = 4_000


class BookSide:
    """
    Levels of the bids (``sign`` +1) or asks (-1), the best last inside.

    Below ``_floor`` (in price times sign) nothing was told by the snapshot; what updates say of
    it is not kept, because it would look like depth and be only a part of it.
    """

    def __init__(self, sign: float) -> None:
        self._sign = sign
        self._keys: list[float] = []
        self._quantities: dict[float, float] = {}
        self._floor = -math.inf

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def best(self) -> float | None:
        """Best price; None where there is no level."""
        return self._sign * self._keys[-1] if self._keys else None

    def fill(self, levels: Iterable[Level], *, whole: bool) -> None:
        """Forget everything and hold these levels, which are all there are if ``whole``."""
        self._quantities = {self._sign * price: quantity for price, quantity in levels}
        self._keys = sorted(self._quantities)
        self._floor = -math.inf if whole or not self._keys else self._keys[0]

    def change(self, levels: Iterable[Level]) -> None:
        """Set quantities; 0 removes a level, also one that is not there."""
        quantities, keys, sign, floor = self._quantities, self._keys, self._sign, self._floor
        for price, quantity in levels:
            key = sign * price
            if key < floor:
                continue
            if quantity > 0.0:
                if key not in quantities:
                    insort(keys, key)
                quantities[key] = quantity
            elif quantities.pop(key, None) is not None:
                del keys[bisect_left(keys, key)]
        if len(keys) > MOST_LEVELS:
            self._forget_farthest()

    def reaches(self, levels: int) -> bool:
        """Whether the best so many levels are all known."""
        return self._floor == -math.inf or len(self._keys) >= levels

    def top(self, levels: int) -> tuple[Level, ...]:
        """Return the best levels, best first."""
        best = reversed(self._keys[-levels:])
        return tuple((self._sign * key, self._quantities[key]) for key in best)

    def _forget_farthest(self) -> None:
        far = self._keys[:-KEPT_LEVELS]
        del self._keys[: len(far)]
        for key in far:
            del self._quantities[key]
        self._floor = self._keys[0]
