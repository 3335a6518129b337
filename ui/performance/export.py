"""Figures and trades as CSV (RFC 4180), for spreadsheets."""

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import StringIO

from core.model.trade import Trade
from ops.success_report import SuccessReport, told_accounts
from ui.performance.desk import Judged
from ui.performance.metric_rows import METRICS

Cell = str | int | float | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A text that begins with one of them is run by spreadsheets (OWASP, CSV injection)."""
_TRADE_COLUMNS = (
    "account", "id", "symbol", "direction", "quantity", "confidence",
    "decided", "entry", "entry_price", "exit", "exit_price", "exit_reason",
    "stop", "target", "fees_usd", "funding_usd", "pnl_usd", "r_multiple", "signal_id", "part_of",
)  # fmt: skip


def metrics_csv(report: SuccessReport) -> str:
    """Return a line per account and figure, with its 95 % interval; empty where not known."""
    head = ("account", "metric", "value", "low_95", "high_95", "symbol", "start", "end", "reason")
    window = report.window
    lines: list[Sequence[Cell]] = []
    for source in told_accounts(report):
        account = report.accounts[source]
        for metric in METRICS:
            value, bounds = metric.value(account), metric.bounds(account)
            lines.append(
                (
                    source.value,
                    metric.key,
                    value,
                    None if bounds is None else bounds.low,
                    None if bounds is None else bounds.high,
                    report.symbol,
                    _utc(window.start_ms),
                    _utc(window.end_ms),
                    metric.reason(account) if value is None else "",
                )
            )
    return _text(head, lines)


def trades_csv(judged: Judged) -> str:
    """Return a line per closed trade of every account, each account in the order of exits."""
    trades = [trade for found in judged.trades.values() for trade in found]
    return _text(_TRADE_COLUMNS, (_line(trade) for trade in trades))


def _line(trade: Trade) -> Sequence[Cell]:
    return (
        trade.source.value,
        trade.id,
        trade.symbol,
        trade.direction.value,
        trade.quantity,
        trade.confidence,
        _utc(trade.decided_ms),
        _utc(trade.entry_ms),
        trade.entry_price,
        _utc(trade.exit_ms),
        trade.exit_price,
        None if trade.exit_reason is None else trade.exit_reason.value,
        trade.stop if trade.entry_stop is None else trade.entry_stop,
        trade.target,
        trade.fees,
        trade.funding,
        trade.pnl,
        trade.r_multiple,
        trade.signal_id,
        trade.part_of,
    )


def _text(head: Sequence[str], lines: Iterable[Sequence[Cell]]) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([safe(cell) for cell in line] for line in lines)
    return out.getvalue()


def safe(cell: Cell) -> Cell:
    """Return what a spreadsheet shows as it is: a text that it would run gets an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _utc(at_ms: int | None) -> str | None:
    if at_ms is None:
        return None
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
