"""What the header says of the paper account, from the journal the engine writes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.journal.errors import EmptyJournalError, JournalError, MissingJournalError
from core.journal.overview import JournalOverview
from core.journal.success_reader import SuccessReader
from core.model.engine_report import EngineReport
from core.model.source import Source

DAY_MS = 86_400_000
Journal = TypeVar("Journal")


class Opened(Generic[Journal]):
    """
    A journal that is opened when it is first needed: the engine may never have run.

    Args:
        open_it: Raises `MissingJournalError` or `EmptyJournalError` while there is none.
    """

    def __init__(self, open_it: Callable[[], Journal]) -> None:
        self._open_it = open_it
        self._journal: Journal | None = None

    def journal(self) -> Journal | None:
        """
        Return it, None while there is none yet.

        Raises:
            JournalError: If there is one that cannot be opened.
        """
        if self._journal is None:
            try:
                self._journal = self._open_it()
            except (MissingJournalError, EmptyJournalError):
                return None
        return self._journal


@dataclass(frozen=True, slots=True)
class Account:
    """
    Attributes:
        equity: With open P&L; None before the engine told any.
        day_pnl: Since 00:00 UTC; None where the day's beginning is not known.
        llm_usd, llm_limit_usd: Spent on decisions today, and the day's budget.
        at_ms: Feed time that the equity is of, once no engine tells it any more; None for now.
    """

    equity: float | None = None
    day_pnl: float | None = None
    llm_usd: float = 0.0
    llm_limit_usd: float = 0.0
    at_ms: int | None = None


class AccountReader:
    """
    Read the account; what cannot be read is not known, which the notices above the chart explain.

    Args:
        overview: Where the engine's report is.
        equity: Where the account's curve is.
        starting_usd: What the account began with.
    """

    def __init__(
        self,
        overview: Callable[[], JournalOverview],
        equity: Callable[[], SuccessReader],
        starting_usd: float,
    ) -> None:
        self._overview = Opened(overview)
        self._equity = Opened(equity)
        self._starting_usd = starting_usd

    def account(self, now_ms: int | None, *, is_told: bool = True) -> Account:
        """
        Return what is known at a moment of feed time.

        Args:
            now_ms: None where it is not known.
            is_told: Whether an engine tells it now; otherwise it is what was told last.
        """
        try:
            report = self._report()
            if report is None:
                return Account()
            if not is_told:
                return Account(report.equity, at_ms=report.market_time_ms)
            begun = None if now_ms is None else self._at_midnight(now_ms)
        except (JournalError, ValueError):
            return Account()
        day = None if begun is None else report.equity - begun
        return Account(report.equity, day, report.llm_usd_today, report.llm_usd_limit)

    def _report(self) -> EngineReport | None:
        overview = self._overview.journal()
        control = overview.control("engine") if overview is not None else None
        return EngineReport.from_json(control.value) if control is not None else None

    def _at_midnight(self, now_ms: int) -> float | None:
        """What the account was worth at 00:00 UTC; what it began with if it was made today."""
        reader = self._equity.journal()
        if reader is None:
            return None
        worth = reader.equity_at(now_ms - now_ms % DAY_MS, Source.POLICY)
        return self._starting_usd if worth is None else worth
