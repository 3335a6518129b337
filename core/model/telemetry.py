"""What was measured of one computation."""

from dataclasses import dataclass


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
