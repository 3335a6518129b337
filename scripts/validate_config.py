"""Check a configuration file the way the product does when it starts; start nothing."""

import os
import sys
from pathlib import Path
from typing import Annotated

# Run as a file, Python looks in scripts/ only; the packages are one level up.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import typer

from core.config import ConfigError, Settings, load_settings

EXIT_INVALID = 2


def main(
    path: Annotated[
        Path | None,
        typer.Argument(help="File to check; default: TRADING_CONFIG, else the checkout's."),
    ] = None,
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


def summary(settings: Settings) -> str:
    """Say in one line what a start would do; never shows the key."""
    symbols = ", ".join(settings.symbols)
    analyst = settings.deepseek.model if settings.deepseek.api_key else "rules alone, no key"
    return (
        f"{symbols} on {settings.signals.interval.value} from {settings.exchange.rest_url}; "
        f"analyst: {analyst}; dashboard: {settings.dashboard.host}:{settings.dashboard.port}"
    )


if __name__ == "__main__":
    typer.run(main)
