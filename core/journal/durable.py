"""What all that must survive a power cut is written with."""

from collections.abc import Callable

from sqlalchemy import Engine

from core.journal.records import utc_text


class DurableRows:
    """
    Connections for what must not be lost, and the clock its rows are stamped with.

    Args:
        durable: Their writes survive a power cut once acknowledged.
        clock: Seconds since the epoch, for ``recorded_at`` only.
    """

    def __init__(self, durable: Engine, clock: Callable[[], float]) -> None:
        self._durable = durable
        self._clock = clock

    def _now_text(self) -> str:
        return utc_text(int(self._clock() * 1000))
