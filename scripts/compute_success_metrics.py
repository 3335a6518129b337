"""Tell whether the signals have been any good: reads the journal, prints a table or JSON."""

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

# Run as a file, Python looks in scripts/ only; the packages are one level up.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import typer
from rich.console import Console

from core.config import ConfigError, Home, HomeError, load_settings
from core.journal.database import database_url
from core.journal.errors import EmptyJournalError, JournalError
from core.journal.success_reader import SuccessReader
from core.model.instrument import is_symbol
from core.model.source import Source
from ops.metric_windows import Period
from ops.success_report import SuccessReport, as_document, empty_report, success_report
from ops.success_text import PLAIN_WIDTH, tables

EXIT_UNREADABLE = 2


class Sources(StrEnum):
    """Whose results are shown."""

    POLICY = "policy"
    RULES = "rules"
    RANDOM = "random"
    HAND = "hand"
    ALL = "all"

    @property
    def named(self) -> tuple[Source, ...] | None:
        """The accounts meant; None for all that there is something to tell of."""
        return None if self is Sources.ALL else (Source(self.value),)


def main(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object instead of a table.")
    ] = False,
    period: Annotated[
        Period,
        typer.Option(help="1, 7 or 30 days that end with the newest recorded instant, or all."),
    ] = Period.ALL,
    symbol: Annotated[
        str | None,
        typer.Option(help="One symbol only; figures of the equity curve are not told then."),
    ] = None,
    source: Annotated[
        Sources, typer.Option(help="As traded, rules alone, random entries, or side by side.")
    ] = Sources.ALL,
    since: Annotated[
        str | None,
        typer.Option(help="Instead of --period: a UTC date or time, such as 2026-11-21T06:00."),
    ] = None,
    database: Annotated[
        Path | None,
        typer.Option(help="Journal to read; default: data/trading_signals.db of TRADING_HOME."),
    ] = None,
) -> None:
    """
    Compute signals, win rate, profit factor, expectancy, Sharpe, Sortino, Calmar and drawdown.

    What the rules alone and random entries would have brought stands beside it.

    Exit status: 0 when the figures were told, also when nothing was traded yet; 2 when the
    journal or the configuration cannot be read, or an option is wrong.
    """
    named = _symbol(symbol)
    since_ms = _since_ms(since, period)
    try:
        path = database or Home.from_environment().database
        report = read_report(
            path,
            load_settings().paper.starting_equity_usd,
            period=period,
            since_ms=since_ms,
            symbol=named,
        )
    except (ConfigError, HomeError, JournalError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_UNREADABLE) from None
    if as_json:
        typer.echo(json.dumps(as_document(report, source.named), allow_nan=False))
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=PLAIN_WIDTH)
    console.print(tables(report, source.named))


def read_report(
    path: Path,
    starting_equity: float,
    *,
    period: Period = Period.ALL,
    since_ms: int | None = None,
    symbol: str | None = None,
) -> SuccessReport:
    """
    Judge the journal at ``path``; one in which nothing was recorded counts as empty.

    From ``since_ms``, if that is given instead of a period, until the newest recorded instant.

    Raises:
        JournalError: If there is no database, or it cannot be read.
    """
    try:
        reader = SuccessReader.open(database_url(path))
    except EmptyJournalError:
        return empty_report(starting_equity, symbol)
    newest_ms = reader.newest_ms()
    if newest_ms is None:
        return empty_report(starting_equity, symbol)
    window = period.until(newest_ms)
    if since_ms is not None:
        window = replace(
            window, name="since", start_ms=since_ms, end_ms=max(since_ms, window.end_ms)
        )
    return success_report(reader, window, starting_equity=starting_equity, symbol=symbol)


def _symbol(name: str | None) -> str | None:
    if name is None:
        return None
    upper = name.strip().upper()
    if not is_symbol(upper):
        raise typer.BadParameter(f"{name!r} cannot be a symbol", param_hint="--symbol")
    return upper


def _since_ms(text: str | None, period: Period) -> int | None:
    if text is None:
        return None
    if period is not Period.ALL:
        raise typer.BadParameter("take it or --period, not both", param_hint="--since")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is no date or time such as 2026-11-21 or 2026-11-21T06:00",
            param_hint="--since",
        ) from None
    at_utc = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return max(0, round(at_utc.timestamp() * 1000))


if __name__ == "__main__":
    typer.run(main)
