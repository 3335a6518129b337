"""Check a configuration file the way the product does when it starts; start nothing."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

# Run as a file, Python looks in scripts/ only; the packages are one level up.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import typer

from core.config import ConfigError, Settings, load_settings
from core.data.binance_rest import BinanceRest
from core.data.errors import RestError
from core.data.universe import Universe

EXIT_UNANSWERED = 1
EXIT_INVALID = 2


def main(
    path: Annotated[
        Path | None,
        typer.Argument(help="File to check; default: TRADING_CONFIG, else the checkout's."),
    ] = None,
    online: Annotated[
        bool, typer.Option("--online", help="Also ask the exchange whether it lists the symbols.")
    ] = False,
) -> None:
    """Say whether the configuration, with .env and the environment, can be used."""
    try:
        settings = load_settings(path)
    except ConfigError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_INVALID) from None
    shown = path or Path(os.environ.get("TRADING_CONFIG") or "config.yaml")
    typer.echo(f"{shown.name}: valid")
    typer.echo(summary(settings))
    if online:
        _check_online(settings)


def summary(settings: Settings) -> str:
    """Say in one line what a start would do; never shows the key."""
    symbols = ", ".join([*settings.symbols, *_universe(settings)])
    analyst = settings.deepseek.model if settings.deepseek.api_key else "rules alone, no key"
    return (
        f"{symbols} on {settings.signals.interval.value} from {settings.exchange.rest_url}; "
        f"analyst: {analyst}; dashboard: {settings.dashboard.host}:{settings.dashboard.port}"
    )


def market_faults(universe: Universe) -> list[str]:
    """Say of each configured symbol that the exchange does not list what may be meant."""
    return [
        f"symbols: {symbol}: the exchange does not list it"
        + (f"; did you mean {', '.join(nearest)}?" if nearest else "")
        for symbol, nearest in universe.unknown.items()
    ]


def _universe(settings: Settings) -> list[str]:
    wanted = settings.universe
    if wanted is None:
        return []
    of_quote = f" of {wanted.quote}" if wanted.quote else ""
    number = f"the {wanted.top_by_volume} largest" if wanted.top_by_volume else "all perpetuals"
    return [f"{number}{of_quote}"]


def _check_online(settings: Settings) -> None:
    try:
        universe, notes = asyncio.run(_asked(settings))
    except RestError as error:
        typer.echo(f"{settings.exchange.rest_url}: {error}", err=True)
        raise typer.Exit(EXIT_UNANSWERED) from None
    faults = market_faults(universe)
    for line in faults:
        typer.echo(line, err=True)
    if faults:
        raise typer.Exit(EXIT_INVALID)
    for note in notes:
        typer.echo(note)
    typer.echo(f"the exchange lists all of it; {len(universe.symbols)} symbols to follow")


async def _asked(settings: Settings) -> tuple[Universe, tuple[str, ...]]:
    async with BinanceRest(settings) as rest:
        universe = Universe(settings, rest, cache=None)
        changes = await universe.refresh()
    return universe, changes.notes


if __name__ == "__main__":
    typer.run(main)
