"""All that one closed bar led to."""

from dataclasses import dataclass

from core.model.regime import Regime
from core.model.signal import Decision, Signal
from core.model.source import Source
from core.model.telemetry import Reading
from core.model.trade import ExitReason
from core.model.verdict import LlmCall


@dataclass(frozen=True, slots=True)
class Exit:
    """An account leaves its position in the symbol that was decided on; no gate is asked."""

    source: Source
    reason: ExitReason


@dataclass(frozen=True, slots=True)
class Evaluation:
    """
    A decision with what it rests on and what follows from it.

    Attributes:
        signal: Only with the outcome SIGNAL.
        calls: What was asked of the analyst, attempt by attempt.
        readings: Telemetry of the computations.
        regime: Of the market at the newest candle; None where it could not be told.
        shadows: What the shadow accounts enter, whatever the outcome.
        exits: Positions to be left.
    """

    decision: Decision
    signal: Signal | None
    calls: tuple[LlmCall, ...]
    readings: tuple[Reading, ...]
    regime: Regime | None = None
    shadows: tuple[Signal, ...] = ()
    exits: tuple[Exit, ...] = ()
