"""The success report for people."""

from datetime import UTC, datetime
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from core.model.source import SOURCE_WORDS, Source
from core.signals.metrics import Bounds
from core.signals.metrics.calibration import LEAST_TRADES, Calibration
from ops.success_report import AccountReport, SuccessReport, told_accounts

PLAIN_WIDTH = 120
_NOT_TOLD = "-"


def as_text(report: SuccessReport) -> str:
    """Return the report as plain text of 120 columns."""
    console = Console(file=StringIO(), width=PLAIN_WIDTH, color_system=None)
    with console.capture() as captured:
        console.print(tables(report))
    return captured.get()


def tables(report: SuccessReport, sources: tuple[Source, ...] | None = None) -> RenderableType:
    """
    Return accounts side by side, and how far the traded one's confidence is to be believed.

    Without ``sources`` they are those of `told_accounts`. What is entered by hand has none.
    """
    sources = told_accounts(report) if sources is None else sources
    accounts = [report.accounts[source] for source in sources]
    parts: list[RenderableType] = []
    if all(account.metrics.closed_trades == 0 for account in accounts):
        parts.append("No closed trades yet")
    parts.append(_metrics_table(report, sources))
    parts += [Text(note) for note in dict.fromkeys(a.equity_note for a in accounts) if note]
    for source, account in zip(sources, accounts, strict=True):
        if source not in {Source.RANDOM, Source.HAND} and account.calibration.count:
            parts += _calibration_parts(source, account.calibration)
    return Group(*parts)


def _metrics_table(report: SuccessReport, sources: tuple[Source, ...]) -> Table:
    table = Table(title=_title(report), title_justify="left")
    table.add_column("metric", overflow="fold")
    for source in sources:
        table.add_column(SOURCE_WORDS[source], justify="right", overflow="fold")
    evaluations = [f"{report.evaluations:,}", *[""] * (len(sources) - 1)]
    table.add_row("evaluations (closed bars that were judged)", *evaluations)
    columns = [_rows(report.accounts[source]) for source in sources]
    for cells in zip(*columns, strict=True):
        table.add_row(cells[0][0], *(Text(value) for _, value in cells))
    return table


def _title(report: SuccessReport) -> str:
    window = report.window
    stretch = window.name
    if window.end_ms:
        times = (datetime.fromtimestamp(at / 1000, UTC) for at in (window.start_ms, window.end_ms))
        start, end = (at.strftime("%Y-%m-%d %H:%M") for at in times)
        stretch += f", {start} to {end} UTC" if window.start_ms else f", until {end} UTC"
    return f"Success metrics: {stretch}" + (f", {report.symbol}" if report.symbol else "")


def _rows(account: AccountReport) -> list[tuple[str, str]]:
    m, bounds = account.metrics, account.bounds
    recovered = {None: "", True: ", recovered", False: ", not recovered"}[m.drawdown_recovered]
    return [
        ("signals", f"{m.signals:,}"),
        ("open trades", f"{account.open_trades:,}"),
        ("closed trades", f"{m.closed_trades:,}"),
        ("win rate", _with_bounds(m.win_rate, bounds.win_rate, ".1%")),
        ("profit factor", _with_bounds(m.profit_factor, bounds.profit_factor, ".2f")),
        ("expectancy", _with_bounds(m.expectancy_usd, bounds.expectancy_usd, ",.2f", " USD")),
        ("average R", _with_bounds(m.expectancy_r, bounds.expectancy_r, ".2f", " R")),
        ("Sharpe ratio, annualised", _with_bounds(m.sharpe, bounds.sharpe, ".2f")),
        ("Sortino ratio, annualised", _with_bounds(m.sortino, bounds.sortino, ".2f")),
        ("Calmar ratio", _shown(m.calmar, ".2f")),
        ("maximum drawdown", _shown(m.max_drawdown, ".2%")),
        ("length of it", _shown(m.drawdown_days, ".1f", f" days{recovered}")),
        ("exposure, mean multiple of equity", _shown(m.exposure, ".2f")),
        ("share of time in the market", _shown(m.time_in_market, ".1%")),
        ("fees", _shown(m.fees_usd, ",.2f", " USD")),
        ("funding paid", _shown(m.funding_usd, ",.2f", " USD")),
        ("LLM cost, not in the P&L", _shown(m.llm_usd, ",.4f", " USD")),
        ("net P&L, after fees and funding", _shown(m.net_pnl_usd, ",.2f", " USD")),
    ]


def _calibration_parts(source: Source, found: Calibration) -> list[RenderableType]:
    table = Table(title=f"Confidence and outcome, {SOURCE_WORDS[source]}", title_justify="left")
    for name in ("confidence", "trades", "mean confidence", "hit rate", "95 %", "probability"):
        table.add_column(name, justify="right")
    for bucket in found.buckets:
        table.add_row(
            f"{bucket.low}-{bucket.high}",
            f"{bucket.count:,}",
            f"{bucket.mean_confidence:.1f}",
            f"{bucket.hit_rate:.1%}",
            _range(bucket.bounds, ".1%"),
            _shown(bucket.probability, ".1%"),
        )
    brier = (
        f"Brier score {_shown(found.brier, '.3f')} over {found.count:,} closed trades "
        f"(always saying the overall hit rate: {_shown(found.brier_of_base_rate, '.3f')})"
    )
    parts: list[RenderableType] = [table, Text(brier)]
    if found.count < LEAST_TRADES:
        parts.append(Text(f"Probabilities are shown from {LEAST_TRADES} closed trades on"))
    return parts


def _with_bounds(value: float | None, bounds: Bounds | None, form: str, unit: str = "") -> str:
    shown = _shown(value, form, unit)
    return shown if value is None or bounds is None else f"{shown}\n{_range(bounds, form)}"


def _range(bounds: Bounds, form: str) -> str:
    high = "no limit" if bounds.high is None else f"{bounds.high:{form}}"
    return f"{bounds.low:{form}} to {high}"


def _shown(value: float | None, form: str, unit: str = "") -> str:
    return _NOT_TOLD if value is None else f"{value:{form}}{unit}"
