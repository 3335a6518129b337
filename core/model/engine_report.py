"""What the engine says of itself, to whoever watches it from another process."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from core.model.telemetry import FeatureCost

RESTART_FEED = "restart_feed"
"""Key of the control table; the engine replaces its sockets whenever the number grows."""

_BEGINNING_FEEDS = frozenset({"STARTING", "BACKFILLING"})


@dataclass(frozen=True, slots=True)
class EngineReport:
    """
    One heartbeat.

    Attributes:
        beats: Counts up while the engine lives; a watcher measures silence by it.
        feed_age_s: Monotonic age of the newest frame; None before the first.
        analyst: Who is asked, or why nobody is.
        equity: Of the paper account, with open P&L, in quote currency.
        feed_restart: Number of the newest restart of the feed that was asked for and done.
        feed_detail: What the feed waits for or lacks, for people.
        gaps: Bars of the followed symbols that the exchange could not tell.
        reconnects: How often a socket was lost.
        malformed: Frames that could not be read.
        streams: How many streams are in each state.
        books: How many order books are in each phase.
        troubled: How many symbols' candles are not current or not whole.
        troubles: Why, for the first of them.
        alarm: Why candles or the journal cannot be saved; empty when they can.
        was_live: Whether the feed has been live since the start.
        regimes: The last known regime of symbols that are evaluated, as a word.
        telemetry: What overlays and features have cost, the dearest first.
        halts: Why nothing may be entered, for people; empty when entries are free.
        llm_usd_today: Spent on decisions' questions in the UTC day of the engine's clock.
        llm_usd_limit: The day's budget for them; 0.0 when nobody is asked.
        paused: Symbols in which the policy enters nothing, because somebody wants it so.
        told_ms: When this was told, by this machine's clock; 0 by an older program.
        began_ms: Market time when it first knew it; None before, and by an older program.
        journal_write_ms: Duration of the slowest write of the last minute; None of none.
    """

    beats: int
    feed_state: str
    feed_age_s: float | None
    market_time_ms: int | None
    analyst: str
    equity: float
    open_trades: int
    feed_restart: int = 0
    feed_detail: str = ""
    gaps: int = 0
    reconnects: int = 0
    malformed: int = 0
    streams: Mapping[str, int] = field(default_factory=dict)
    books: Mapping[str, int] = field(default_factory=dict)
    troubled: int = 0
    troubles: Mapping[str, str] = field(default_factory=dict)
    alarm: str = ""
    was_live: bool = False
    regimes: Mapping[str, str] = field(default_factory=dict)
    telemetry: tuple[FeatureCost, ...] = ()
    halts: tuple[str, ...] = ()
    llm_usd_today: float = 0.0
    llm_usd_limit: float = 0.0
    paused: tuple[str, ...] = ()
    told_ms: int = 0
    began_ms: int | None = None
    journal_write_ms: float | None = None

    @property
    def healthy(self) -> bool:
        """Whether the feed delivers all there is, or has only just begun to."""
        return self.feed_state == "LIVE" or (
            not self.was_live and self.feed_state in _BEGINNING_FEEDS
        )

    def to_json(self) -> str:
        """Return the report as a JSON object."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "EngineReport":
        """
        Read what `to_json` wrote, also that of an older or newer program.

        Raises:
            ValueError: If it is something else.
        """
        try:
            told: dict[str, Any] = json.loads(text)
            told["telemetry"] = tuple(map(FeatureCost.parse, told.get("telemetry", ())))
            told["halts"] = tuple(map(str, told.get("halts", ())))
            told["paused"] = tuple(map(str, told.get("paused", ())))
            known = {f.name for f in fields(cls)}
            return cls(**{name: value for name, value in told.items() if name in known})
        except (TypeError, AttributeError) as error:
            raise ValueError(f"not an engine report: {text[:80]!r}") from error
