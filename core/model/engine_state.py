"""What a watcher knows of the engine."""

from dataclasses import dataclass, field
from enum import StrEnum

from core.model.telemetry import FeatureCost


class EngineActivity(StrEnum):
    """Whether the engine trades, as far as a watcher can tell."""

    RUNNING = "running"
    STOPPED = "stopped"
    STALE = "stale"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class EngineState:
    """
    The engine as another process sees it.

    Attributes:
        detail: One line for people: since when, or why it is not known.
        analyst: Who is asked for a view, or why nobody is; empty when unknown.
        costs: What overlays and features have cost it. They change with every bar, so an
            engine whose costs alone differ counts as the same.
    """

    activity: EngineActivity
    detail: str = ""
    analyst: str = ""
    costs: tuple[FeatureCost, ...] = field(default=(), compare=False)
