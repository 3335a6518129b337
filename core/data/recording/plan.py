"""What a recording is of: symbols, streams, history."""

from dataclasses import dataclass

from core.data.recording.errors import RecordingError
from core.model.intervals import Interval

# From here on each symbol costs too much weight for higher timeframes, and has no heartbeat.
_MANY_SYMBOLS = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What is recorded.

    Attributes:
        symbols: As the exchange names them.
        depth: Whether every change of the order book is kept too, with a snapshot to begin from.
        seconds: For how long; None until told to stop.
    """

    symbols: tuple[str, ...]
    depth: bool = False
    seconds: float | None = None

    def __post_init__(self) -> None:
        if not self.symbols:
            raise RecordingError(
                "no symbol to record: the configuration lists none; name some with --symbols"
            )

    @property
    def streams(self) -> dict[str, tuple[str, ...]]:
        """Names by route."""
        names = [symbol.lower() for symbol in self.symbols]
        many = len(names) > _MANY_SYMBOLS
        beats = ["!markPrice@arr@1s"] if many else [f"{name}@markPrice@1s" for name in names]
        market = [f"{name}@{kind}" for name in names for kind in ("kline_1m", "aggTrade")]
        kinds = ("bookTicker", "depth@500ms") if self.depth else ("bookTicker",)
        public = [f"{name}@{kind}" for name in names for kind in kinds]
        return {"market": (*beats, *market), "public": tuple(public)}

    @property
    def intervals(self) -> tuple[Interval, ...]:
        """Of which the history is kept."""
        return (Interval.M1,) if len(self.symbols) > _MANY_SYMBOLS else tuple(Interval)
