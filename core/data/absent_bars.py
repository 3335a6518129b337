"""Bars that REST could not tell of one symbol, and when it is to be asked for them again. Pure."""

from collections.abc import Iterable

from core.model.gap import Gap
from core.model.intervals import MINUTE_MS

# Late bars mostly come soon or not at all; the last wait is repeated for as long as they matter.
ASK_AGAIN_S = (5.0, 60.0, 300.0, 1800.0)


class AbsentBars:
    """
    The 1m holes of one symbol that stay visible until somebody has the bars after all.

    Times in seconds are monotonic.
    """

    def __init__(self) -> None:
        self._asks: dict[int, tuple[int, float]] = {}

    def __len__(self) -> int:
        return len(self._asks)

    def lacks(self, open_time_ms: int) -> bool:
        """Whether this bar is known to be absent."""
        return open_time_ms in self._asks

    def add(self, gap: Gap, now_s: float) -> None:
        """Take note of bars that REST was asked for in vain; known ones keep their turn."""
        for open_time_ms in range(gap.start_ms, gap.end_ms + 1, MINUTE_MS):
            self._asks.setdefault(open_time_ms, (0, now_s + ASK_AGAIN_S[0]))

    def filled(self, open_times_ms: Iterable[int]) -> None:
        """Forget bars that have come."""
        for open_time_ms in open_times_ms:
            self._asks.pop(open_time_ms, None)

    def forget_before(self, open_time_ms: int) -> None:
        """Forget what nobody looks at any more."""
        if self._asks and min(self._asks) < open_time_ms:
            kept = {at: ask for at, ask in self._asks.items() if at >= open_time_ms}
            self._asks = kept

    def gaps(self, start_ms: int = 0) -> tuple[Gap, ...]:
        """Return the holes from a bar on, oldest first."""
        return _joined(at for at in self._asks if at >= start_ms)

    def due(self, now_s: float) -> tuple[Gap, ...]:
        """Return what REST should be asked for again by now."""
        return _joined(at for at, (_, due_s) in self._asks.items() if due_s <= now_s)

    def asked(self, gap: Gap, now_s: float) -> None:
        """Take note that REST was asked again; what it has not told waits longer."""
        for open_time_ms in range(gap.start_ms, gap.end_ms + 1, MINUTE_MS):
            if (ask := self._asks.get(open_time_ms)) is not None:
                turn = min(ask[0] + 1, len(ASK_AGAIN_S) - 1)
                self._asks[open_time_ms] = (turn, now_s + ASK_AGAIN_S[turn])


def _joined(open_times_ms: Iterable[int]) -> tuple[Gap, ...]:
    found: list[Gap] = []
    for open_time_ms in sorted(open_times_ms):
        if found and found[-1].end_ms + MINUTE_MS == open_time_ms:
            found[-1] = Gap(found[-1].start_ms, open_time_ms)
        else:
            found.append(Gap(open_time_ms, open_time_ms))
    return tuple(found)
