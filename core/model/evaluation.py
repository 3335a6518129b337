"""All that one closed bar led to."""

from dataclasses import dataclass

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
    """

    decision: Decision
    signal: Signal | None
    call: LlmCall | None
    readings: tuple[Reading, ...]
