"""Reads evaluations from the journal, for the card, the list and the drawer."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from core.journal.decision_reader import DecisionLine, DecisionReader, Story
from core.journal.errors import JournalError
from core.model.engine_state import EngineActivity
from core.model.source import Source
from core.signals.metrics.calibration import Calibration, calibration_of
from ui.figures.numbers import decimals_of
from ui.services import Services
from ui.shell.account import Opened
from ui.view import View

LINES_SHOWN = 300
_MOST_KEPT = 64
_CALIBRATION_S = 30.0
"""How long a calibration counts as of now: it reads every closed trade."""


@dataclass(frozen=True, slots=True)
class LatestReading:
    """
    The latest evaluation of a symbol.

    Attributes:
        story: None before the first one, and where the journal cannot be read.
        fault: Why the journal cannot be read; else empty.
        engine: What is wrong with the engine; empty while it runs.
    """

    symbol: str
    interval: str
    story: Story | None = None
    calibration: Calibration | None = None
    decimals: int = 2
    fault: str = ""
    engine: str = ""


@dataclass(frozen=True, slots=True)
class LinesReading:
    """The newest evaluations of all symbols; ``fault`` says why they could not be read."""

    lines: tuple[DecisionLine, ...] = ()
    fault: str = ""


class DecisionDesk:
    """
    Args:
        services: Settings, instruments and the engine's state.
        open_journal: Opens the journal once there is one.
    """

    def __init__(self, services: Services, open_journal: Callable[[], DecisionReader]) -> None:
        self._services = services
        self._opened = Opened(open_journal)
        self._latest: dict[str, Story] = {}
        self._calibration: tuple[float, Calibration] | None = None

    @property
    def threshold(self) -> float:
        """|score| from which the rules propose."""
        return self._services.settings.signals.threshold

    def latest(self, view: View) -> LatestReading:
        """Read the latest evaluation of a view's symbol, on whichever interval is evaluated."""
        interval = self._services.settings.signals.interval
        nothing = LatestReading(view.symbol, interval.value, engine=self._engine_words())
        try:
            journal = self._opened.journal()
            latest = None if journal is None else journal.latest(view.symbol, interval)
            if journal is None or latest is None:
                return nothing
            story = self._story(journal, view.symbol, latest)
            calibration = self._calibrated(journal)
        except JournalError as error:
            return replace(nothing, fault=str(error))
        if story is None:
            return nothing
        return replace(nothing, story=story, calibration=calibration, decimals=self.decimals(story))

    def lines(self, _: View) -> LinesReading:
        """Read the newest evaluations."""
        try:
            journal = self._opened.journal()
            return LinesReading(() if journal is None else tuple(journal.lines(LINES_SHOWN)))
        except JournalError as error:
            return LinesReading(fault=str(error))

    def story(self, decision_id: int) -> Story | None:
        """
        Return one evaluation; None where there is none of that number.

        Raises:
            JournalError: If the journal cannot be read.
        """
        journal = self._opened.journal()
        return None if journal is None else journal.story(decision_id)

    def story_of_signal(self, signal_id: int) -> Story | None:
        """
        Return the evaluation a signal came from; None where it is gone.

        Raises:
            JournalError: If the journal cannot be read.
        """
        journal = self._opened.journal()
        found = None if journal is None else journal.of_signal(signal_id)
        return None if journal is None or found is None else journal.story(found)

    def decimals(self, story: Story) -> int:
        """Return how many decimals the prices of its symbol have."""
        decision = story.decision
        return decimals_of(self._services.feed.instruments.get(decision.key.symbol), decision.close)

    def _story(self, journal: DecisionReader, symbol: str, latest: int) -> Story | None:
        """Read a story once; what may still change of it, its trades, each time."""
        known = self._latest.get(symbol)
        if known is not None and known.id == latest:
            trades = journal.trades_on(known.decision.key)
            return known if trades == known.trades else replace(known, trades=trades)
        story = journal.story(latest)
        if story is not None:
            self._latest.pop(symbol, None)
            self._latest[symbol] = story
            if len(self._latest) > _MOST_KEPT:
                self._latest.pop(next(iter(self._latest)), None)
        return story

    def _calibrated(self, journal: DecisionReader) -> Calibration:
        now_s = self._services.monotonic()
        known = self._calibration
        if known is None or now_s - known[0] >= _CALIBRATION_S:
            known = now_s, calibration_of(journal.closed_trades(Source.POLICY))
            self._calibration = known
        return known[1]

    def _engine_words(self) -> str:
        state = self._services.engine.state()
        match state.activity:
            case EngineActivity.RUNNING:
                return ""
            case EngineActivity.STOPPED:
                return f"The engine is stopped, nothing is evaluated; {state.detail}."
            case EngineActivity.STALE:
                return "The engine does not report any more; nothing new may come."
            case EngineActivity.UNKNOWN:
                return "It is not known whether the engine runs."
