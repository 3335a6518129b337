"""Tell whether the signals have been any good: reads the journal, prints a table or JSON."""

import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

# Run as a file, Python looks in scripts/ only; the packages are one level up.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from core.config import ConfigError, Home, HomeError, load_settings
from core.journal.database import database_url
from core.journal.errors import EmptyJournalError, JournalError
from core.journal.overview import JournalOverview
from core.journal.reader import JournalReader
from core.signals.metrics import SuccessMetrics, success_metrics

EXIT_UNREADABLE = 2
_PIPED_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the journal holds besides closed trades."""

    evaluations: int
    open_trades: int


def main(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of a table.")
    ] = False,
    database: Annotated[
        Path | None,
        typer.Option(help="Journal to read; default: data/trading_signals.db of TRADING_HOME."),
    ] = None,
) -> None:
    """Compute signals, win rate, profit factor, expectancy, Sharpe ratio and drawdown."""
    try:
        path = database or Home.from_environment().database
        metrics, counts = read_metrics(path, load_settings().paper.starting_equity_usd)
    except (ConfigError, HomeError, JournalError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_UNREADABLE) from None
    if as_json:
        typer.echo(json.dumps(asdict(metrics) | asdict(counts), allow_nan=False))
    else:
        _print_table(metrics, counts)


def read_metrics(path: Path, starting_equity: float) -> tuple[SuccessMetrics, Counts]:
    """
    Judge the journal at ``path``; one in which nothing was recorded counts as empty.

    Raises:
        JournalError: If there is no database, or it cannot be read.
    """
    url = database_url(path)
    try:
        reader, overview = JournalReader.open(url), JournalOverview.open(url)
    except EmptyJournalError:
        return success_metrics((), (), signals=0, starting_equity=starting_equity), Counts(0, 0)
    rows = overview.row_counts()
    metrics = success_metrics(
        reader.closed_trades(),
        reader.equity_curve(),
        signals=rows["signals"],
        starting_equity=starting_equity,
    )
    return metrics, Counts(rows["decisions"], len(reader.open_trades()))


def _print_table(metrics: SuccessMetrics, counts: Counts) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PIPED_WIDTH)
    table = Table(title="Success metrics", title_justify="left")
    table.add_column("metric", overflow="fold")
    table.add_column("value", justify="right", overflow="fold")
    table.add_column("meaning", overflow="fold")
    for name, value, meaning in _rows(metrics, counts):
        table.add_row(name, Text(value), meaning)
    if metrics.closed_trades == 0:
        console.print("No closed trades yet")
    console.print(table)


def _rows(metrics: SuccessMetrics, counts: Counts) -> list[tuple[str, str, str]]:
    return [
        ("evaluations", f"{counts.evaluations:,}", "closed bars that were judged"),
        ("signals", f"{metrics.signals:,}", "decisions somebody could act on"),
        ("open trades", f"{counts.open_trades:,}", "waiting for entry or exit"),
        ("closed trades", f"{metrics.closed_trades:,}", "the base of what follows"),
        ("win rate", _shown(metrics.win_rate, ".1%"), "closed trades that earned money"),
        ("profit factor", _shown(metrics.profit_factor, ".2f"), "money won / money lost"),
        ("expectancy", _shown(metrics.expectancy_usd, ",.2f", " USD"), "mean result of a trade"),
        (
            "expectancy in R",
            _shown(metrics.expectancy_r, ".2f", " R"),
            "mean result / money risked",
        ),
        ("Sharpe ratio", _shown(metrics.sharpe, ".2f"), "daily returns, annualised"),
        ("maximum drawdown", _shown(metrics.max_drawdown, ".2%"), "deepest fall from a peak"),
        ("fees", _shown(metrics.fees_usd, ",.2f", " USD"), "paid on closed trades"),
        ("net P&L", _shown(metrics.net_pnl_usd, ",.2f", " USD"), "of closed trades, after fees"),
    ]


def _shown(value: float | None, form: str, unit: str = "") -> str:
    return "-" if value is None else f"{value:{form}}{unit}"


if __name__ == "__main__":
    typer.run(main)
