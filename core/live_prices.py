"""The newest price of each symbol as it is heard, and what it saw since it was last looked at."""

from dataclasses import dataclass

from core.model.candles import Candle, CandleUpdate


@dataclass(frozen=True, slots=True)
class Glance:
    """
    What an update adds to what was seen of a price.

    Attributes:
        value: The newest price.
        low, high: Of all that was traded since the last update, ``value`` included.
        at_ms: Feed time of the update.
        since_ms: What it tells of began then at the earliest.
    """

    value: float
    low: float
    high: float
    at_ms: int
    since_ms: int


def glance(before: Candle | None, update: CandleUpdate, heard: Candle | None = None) -> Glance:
    """
    Compare an update of a 1m candle with the candle of the update before it.

    Of a candle that is seen for the first time as the very first, only its price counts: its
    range may lie before anybody looked. Of an older one than the last, as it is told after a
    loss, the range counts and the price is the newest one.

    Args:
        before: Of the update before.
        update: As it is told.
        heard: How an older candle was told before; only what it has more of now is new.
    """
    now = update.candle
    at_ms = update.event_time_ms
    if before is None:
        return Glance(now.close, now.close, now.close, at_ms, at_ms)
    if now.open_time_ms < before.open_time_ms:
        low = high = before.close
        if heard is None or now.low < heard.low:
            low = min(low, now.low)
        if heard is None or now.high > heard.high:
            high = max(high, now.high)
        return Glance(before.close, low, high, at_ms, now.open_time_ms)
    low, high = min(before.close, now.close), max(before.close, now.close)
    another = now.open_time_ms > before.open_time_ms
    if another or now.low < before.low:
        low = min(low, now.low)
    if another or now.high > before.high:
        high = max(high, now.high)
    return Glance(now.close, low, high, at_ms, before.open_time_ms)


class LivePrices:
    """Keep the newest 1m candle of each symbol, closed or not."""

    def __init__(self) -> None:
        self._newest: dict[str, CandleUpdate] = {}

    def hear(self, update: CandleUpdate) -> None:
        """Take note of an update, if it is not of an older candle."""
        known = self._newest.get(update.symbol)
        if known is None or update.candle.open_time_ms >= known.candle.open_time_ms:
            self._newest[update.symbol] = update

    def price(self, symbol: str) -> float | None:
        """Return the newest price; None before the first."""
        known = self._newest.get(symbol)
        return None if known is None else known.candle.close

    def newest_ms(self, symbol: str) -> int:
        """Return the feed time of the newest update of a symbol; 0 before the first."""
        known = self._newest.get(symbol)
        return 0 if known is None else known.event_time_ms
