"""What the engine says of itself, to whoever watches it from another process."""

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class EngineReport:
    """
    One heartbeat.

    Attributes:
        beats: Counts up while the engine lives; a watcher measures silence by it.
        feed_age_s: Monotonic age of the newest frame; None before the first.
        analyst: Who is asked, or why nobody is.
        equity: Of the paper account, with open P&L, in quote currency.
    """

    beats: int
    feed_state: str
    feed_age_s: float | None
    market_time_ms: int | None
    analyst: str
    equity: float
    open_trades: int

    def to_json(self) -> str:
        """Return the report as a JSON object."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "EngineReport":
        """
        Read what `to_json` wrote.

        Raises:
            ValueError: If it is something else.
        """
        try:
            return cls(**json.loads(text))
        except TypeError as error:
            raise ValueError(f"not an engine report: {text[:80]!r}") from error
