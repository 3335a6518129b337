"""What was measured of computations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reading:
    """
    One computation of one feature.

    Attributes:
        feature: Overlay key or feature group.
        at_ms: Feed time of the candle it was computed for.
        latency_ms: Wall time, monotonic.
        peak_kb: Peak memory allocated while computing; None when not sampled.
        rows: Candles looked at.
        error: Empty when it succeeded.
    """

    feature: str
    symbol: str
    interval: str
    at_ms: int
    latency_ms: float
    peak_kb: float | None
    rows: int
    error: str = ""


@dataclass(frozen=True, slots=True)
class FeatureCost:
    """
    What one feature has cost since its process started; failed computations count too.

    Attributes:
        feature: Overlay key or feature group.
        count: How often it was computed.
        errors: How often that failed.
        last_ms: Wall time of the newest computation.
        median_ms, p95_ms: Wall time over the newest `COST_WINDOW` computations.
        peak_kb: Peak memory of the newest sample; None before the first.
        share: Of the wall time of all features, 0 to 1.
        recent_ms: Wall time of the newest `COST_RECENT` computations, oldest first, to the
            microsecond.
        error: Why the newest computation failed; empty when it did not.
    """

    feature: str
    count: int
    errors: int
    last_ms: float
    median_ms: float
    p95_ms: float
    peak_kb: float | None
    share: float
    recent_ms: tuple[float, ...]
    error: str = ""

    @classmethod
    def parse(cls, told: Mapping[str, Any]) -> "FeatureCost":
        """
        Read what JSON made of one, also that of a newer program.

        Raises:
            TypeError: If something is absent, or it is something else.
        """
        known = {name: told[name] for name in cls.__dataclass_fields__ if name in told}
        return cls(**known | {"recent_ms": tuple(known.get("recent_ms", ()))})


COST_WINDOW = 256
COST_RECENT = 30
