"""The market as it arrives in this process: feed, clock, and the store behind it."""

import time
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, Protocol

from core.model.health import Level
from ops.feed_status import FeedStatus
from ops.health.rule import Observation, not_known

_WHOLE_PCT: Final = 100.0
_COMPARED_WITHIN_S: Final = 2.0
"""Age of the newest frame up to which its time says something of a clock."""
_BEGINNING: Final = frozenset({"STARTING", "BACKFILLING"})
_LIVE: Final = "LIVE"
_LEVELS: Final = {
    _LIVE: Level.OK,
    "STARTING": Level.WARNING,
    "BACKFILLING": Level.WARNING,
    "RECONNECTING": Level.WARNING,
}
"""Of states after the first time the feed was live; those besides are critical."""


class Feed(Protocol):
    """A `MarketFeed`, as far as it is looked at here."""

    @property
    def symbols(self) -> tuple[str, ...]:
        """What is followed."""

    @property
    def market_label(self) -> str | None:
        """What marks a market that is not real."""

    def status(self) -> FeedStatus:
        """Return how it is now; on the event loop."""

    def market_time_ms(self) -> int | None:
        """Return the newest exchange time seen."""


class FeedLook:
    """
    Args:
        feed: On whose event loop this is called.
        clock: Seconds since the epoch, of this machine.
    """

    def __init__(self, feed: Feed, clock: Callable[[], float] = time.time) -> None:
        self._feed = feed
        self._clock = clock
        self._was_live = False

    def feed(self) -> Observation:
        """Return the age of the newest frame, and what the feed says of itself."""
        status = self._feed.status()
        state = status.state.upper()
        self._was_live |= state == _LIVE
        words = status.detail or f"{len(self._feed.symbols)} symbols, {status.frames:,} frames"
        words = f"{state.lower()}: {words}"
        if not self._was_live and state in _BEGINNING:
            return Observation(words, level=Level.UNKNOWN, age_s=status.age_s)
        return Observation(
            words, status.age_s, _LEVELS.get(state, Level.CRITICAL), age_s=status.age_s
        )

    def clock_offset(self) -> Observation:
        """Return how far this machine's clock is from the newest event of the exchange."""
        if self._feed.market_label is not None:
            return not_known("simulated market")
        market_ms, age_s = self._feed.market_time_ms(), self._feed.status().age_s
        if market_ms is None or age_s is None:
            return not_known("the market's time is not known yet")
        if age_s > _COMPARED_WITHIN_S:
            return not_known("nothing new of the exchange to compare with")
        off_s = self._clock() - age_s - market_ms / 1000.0
        return Observation(f"{off_s:+.2f} s from the exchange's newest event", abs(off_s))


class CacheLook:
    """
    Args:
        report: Counters and sizes, as `DataStore.get_cache_stats` returns them; looks at files.
        symbols: What must be in the cache.
        reads_least: Below so many reads a rate says nothing.
    """

    def __init__(
        self,
        report: Callable[[], Mapping[str, Any]],
        symbols: Callable[[], Collection[str]],
        *,
        reads_least: int,
        fresh_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._report = report
        self._symbols = symbols
        self._reads_least = reads_least
        self._fresh_s = fresh_s
        self._monotonic = monotonic
        self._told: tuple[Mapping[str, Any], float] | None = None

    def hit_rate(self) -> Observation:
        """Return the percentage of reads that memory answered, over all processes."""
        told = self._now()
        reads = told["hits"] + told["misses"]
        rate = _WHOLE_PCT * told["hits"] / reads if reads else 0.0
        words = f"{rate:.0f} % of {reads:,} reads"
        if reads < self._reads_least:
            return Observation(f"{words}; {self._reads_least} are needed", level=Level.UNKNOWN)
        return Observation(words, rate)

    def populated(self) -> Observation:
        """Say whether there are candles of all that is followed."""
        symbols = self._symbols()
        if not symbols:
            return not_known("nothing is followed yet")
        rows = self._now()["series"]
        absent = sorted(symbol for symbol in symbols if f"{symbol} 1m" not in rows)
        if absent:
            words = f"no candles of {len(absent)} of {len(symbols)} symbols: {absent[0]}"
            return Observation(words, level=Level.WARNING)
        bars = sum(row["bars"] for row in rows.values())
        return Observation(f"{bars:,} candles in {len(rows)} series", level=Level.OK)

    def saving(self) -> Observation:
        """Say whether candles can be saved."""
        alarm = str(self._now().get("alarm") or "")
        if alarm:
            return Observation(alarm, level=Level.CRITICAL)
        return Observation("candles are saved", level=Level.OK)

    def _now(self) -> Mapping[str, Any]:
        now_s = self._monotonic()
        if self._told is None or now_s - self._told[1] >= self._fresh_s:
            self._told = self._report(), now_s
        return self._told[0]
