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
        halts: Why nothing may be entered; empty when entries are free.
        llm_usd_today: Spent today on questions.
        llm_usd_limit: The day's budget for them; 0.0 when nobody is asked.
    """

    activity: EngineActivity
    detail: str = ""
    analyst: str = ""
    costs: tuple[FeatureCost, ...] = field(default=(), compare=False)
    halts: tuple[str, ...] = ()
    llm_usd_today: float = 0.0
    llm_usd_limit: float = 0.0
