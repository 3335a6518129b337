"""Entries that nobody thought about: what is left of a result without the thinking."""

import hashlib
import math

from core.model.signal import Direction, SignalKey

_WORD_BYTES = 8


def random_direction(key: SignalKey, *, share: float, seed: int) -> Direction:
    """
    Enter a share of all bars by chance, long as often as short.

    The same for the same seed, symbol, interval and bar, whatever the strategy is: so the
    baseline of two strategies is one.

    Raises:
        ValueError: If the share is out of bounds.
    """
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"a share is 0 to 1, was {share}")
    text = f"{seed}|{key.symbol}|{key.interval.value}|{key.open_time_ms}"
    drawn = hashlib.sha256(text.encode()).digest()
    chance = math.ldexp(int.from_bytes(drawn[:_WORD_BYTES]), -8 * _WORD_BYTES)
    if chance >= share and share < 1.0:
        return Direction.FLAT
    return Direction.LONG if drawn[_WORD_BYTES] & 1 else Direction.SHORT
