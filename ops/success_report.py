"""The success of every account over a window, read from the journal."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from core.journal.success_reader import SuccessReader
from core.model.equity import EquityPoint
from core.model.source import Source
from core.model.trade import Trade
from core.signals.metrics import (
    Calibration,
    SuccessBounds,
    SuccessMetrics,
    calibration_of,
    success_bounds,
    success_metrics,
)
from ops.metric_windows import Window

OF_ONE_SYMBOL = "equity is of the whole account: not told for one symbol"
NOTHING_LEFT = "the account was worth nothing when this stretch began"


@dataclass(frozen=True, slots=True)
class AccountReport:
    """
    What came of one account.

    Attributes:
        open_trades: Pending or open now, whatever the window.
        equity_note: Why nothing is told that needs the equity curve; empty when it is.
    """

    metrics: SuccessMetrics
    bounds: SuccessBounds
    calibration: Calibration
    open_trades: int
    equity_note: str = ""


@dataclass(frozen=True, slots=True)
class SuccessReport:
    """
    Accounts side by side.

    Attributes:
        symbol: None for all of them.
        evaluations: Closed bars that were judged; forgotten by the journal after 90 days.
    """

    window: Window
    symbol: str | None
    evaluations: int
    accounts: Mapping[Source, AccountReport]


def empty_report(starting_equity: float, symbol: str | None = None) -> SuccessReport:
    """Return what is told of a journal in which nothing was recorded."""
    nothing = _judged((), (), signals=0, open_trades=0, start=starting_equity, llm_usd=0.0)
    if symbol is not None:
        nothing = replace(nothing, equity_note=OF_ONE_SYMBOL)
    return SuccessReport(Window("all", 0, 0), symbol, 0, dict.fromkeys(Source, nothing))


def success_report(
    reader: SuccessReader, window: Window, *, starting_equity: float, symbol: str | None = None
) -> SuccessReport:
    """
    Judge every account over a window of feed time.

    Trades belong to the window they were closed in, signals to the one they were decided in.
    Equity is measured against the last point up to the window's start; before an account's
    first point that is ``starting_equity``.

    Raises:
        JournalError: If the journal cannot be read.
    """
    evaluations = reader.evaluations(window.start_ms, window.end_ms, symbol)
    waiting = [
        trade.source for trade in reader.open_trades() if symbol is None or trade.symbol == symbol
    ]
    accounts = {}
    for source in Source:
        trades = tuple(
            trade
            for trade in reader.closed_trades(source, since_ms=window.start_ms, symbol=symbol)
            if trade.exit_ms is not None and trade.exit_ms < window.end_ms
        )
        start, curve, note = _equity(reader, source, window, starting_equity, symbol)
        llm_usd = 0.0
        if source is Source.POLICY:
            llm_usd = reader.llm_usd(window.start_ms, window.end_ms, symbol)
        signals = reader.signals(source, window.start_ms, window.end_ms, symbol)
        report = _judged(
            trades,
            curve,
            signals=signals,
            open_trades=waiting.count(source),
            start=start,
            llm_usd=llm_usd,
        )
        accounts[source] = replace(report, equity_note=note)
    return SuccessReport(window, symbol, evaluations, accounts)


def told_accounts(report: SuccessReport) -> tuple[Source, ...]:
    """Return the accounts worth telling of: that by hand only once somebody traded in it."""
    hand = report.accounts[Source.HAND]
    used = hand.open_trades or hand.metrics.signals or hand.metrics.closed_trades
    return tuple(source for source in Source if source is not Source.HAND or used)


def as_document(report: SuccessReport, sources: tuple[Source, ...] | None = None) -> Any:
    """
    Return the report for machines; docs/metrics.md describes the keys.

    At the top are the figures of the policy's account, whatever ``sources`` names; without them
    the accounts are those of `told_accounts`.
    """
    sources = told_accounts(report) if sources is None else sources
    policy = report.accounts[Source.POLICY]
    return asdict(policy.metrics) | {
        "evaluations": report.evaluations,
        "open_trades": policy.open_trades,
        "window": asdict(report.window)
        | {
            "start": _utc(report.window.start_ms),
            "end": _utc(report.window.end_ms),
        },
        "symbol": report.symbol,
        "accounts": {
            source.value: _account_document(report.accounts[source]) for source in sources
        },
    }


def _account_document(account: AccountReport) -> dict[str, Any]:
    return asdict(account.metrics) | {
        "open_trades": account.open_trades,
        "intervals": asdict(account.bounds),
        "calibration": asdict(account.calibration),
        "equity_note": account.equity_note,
    }


def _equity(
    reader: SuccessReader,
    source: Source,
    window: Window,
    starting_equity: float,
    symbol: str | None,
) -> tuple[float, tuple[EquityPoint, ...], str]:
    """Return the equity at the start, the points after it until the end, and why there are none."""
    if symbol is not None:
        return starting_equity, (), OF_ONE_SYMBOL
    start = reader.equity_at(window.start_ms, source)
    if start is None:
        start = starting_equity
    if start <= 0.0:
        return starting_equity, (), NOTHING_LEFT
    # A day's last point is that of midnight.
    points = reader.equity_curve(window.start_ms + 1, source)
    return start, tuple(point for point in points if point.at_ms <= window.end_ms), ""


def _judged(
    trades: tuple[Trade, ...],
    curve: tuple[EquityPoint, ...],
    *,
    signals: int,
    open_trades: int,
    start: float,
    llm_usd: float,
) -> AccountReport:
    return AccountReport(
        success_metrics(trades, curve, signals=signals, starting_equity=start, llm_usd=llm_usd),
        success_bounds(trades, curve, starting_equity=start),
        calibration_of(trades),
        open_trades,
    )


def _utc(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")
