"""All that one closed bar led to."""

from dataclasses import dataclass

from core.model.regime import Regime
from core.model.signal import Decision, Signal
from core.model.telemetry import Reading
from core.model.verdict import LlmCall


@dataclass(frozen=True, slots=True)
class Evaluation:
    """
    A decision with what it rests on and what follows from it.

    Attributes:
        signal: Only with the outcome SIGNAL.
        call: What was asked of the analyst, when it was.
        readings: Telemetry of the computations.
        regime: Of the market at the newest candle; None where it could not be told.
    """

    decision: Decision
    signal: Signal | None
    call: LlmCall | None
    readings: tuple[Reading, ...]
    regime: Regime | None = None
