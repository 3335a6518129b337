"""Pure computations one by one: each is measured, and none can stop the others."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from core.model.candles import CandleSeries
from core.telemetry import Telemetry, reason_of

T = TypeVar("T")

FAILURES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What goes wrong in a pure computation."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a computation has no result, as one line."""

    reason: str


class Attempts:
    """
    Try computations; any thread may call.

    Args:
        telemetry: Gets a reading of each, with the reason where one failed.
        logger: Is told of each key and kind of failure once.
    """

    def __init__(self, telemetry: Telemetry, logger: logging.Logger) -> None:
        self._telemetry = telemetry
        self._logger = logger
        self._told: set[tuple[str, type[BaseException]]] = set()

    def attempt(self, key: str, series: CandleSeries, compute: Callable[[], T]) -> T | Fault:
        """Return what a pure ``compute`` returns, or why it cannot."""
        try:
            return self._telemetry.measure(key, series, compute)
        except FAILURES as error:
            self._tell(key, error, series)
            return Fault(reason_of(error))

    def _tell(self, key: str, error: BaseException, series: CandleSeries) -> None:
        if (key, type(error)) in self._told:
            return
        self._told.add((key, type(error)))
        self._logger.error(
            "left out key=%s symbol=%s interval=%s reason=%s",
            key,
            series.symbol,
            series.interval.value,
            reason_of(error),
            exc_info=error,
        )
