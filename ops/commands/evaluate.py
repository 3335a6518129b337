"""``python main.py evaluate``: judge the newest closed bar of a market once, by hand."""

import asyncio
import json
import logging
import signal
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.config import Home, Policy, Settings, load_settings
from core.data.errors import DataError
from ops.launch import home_of_real_market

if TYPE_CHECKING:
    from core.journal.reader import JournalReader
    from deepseek.client import DeepSeekBrain

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


def evaluate_command(
    symbol: Annotated[str, typer.Option(help="Perpetual, such as BTCUSDT.")],
    interval: Annotated[str, typer.Option(help="Default: signals.interval.")] = "",
    ask: Annotated[bool, typer.Option("--ask/--no-ask", help="Ask DeepSeek too.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """
    Judge the newest closed bar and print what it comes to; nothing is traded or recorded.

    What asking DeepSeek costs is recorded. Exit status 1 when there are not enough candles or
    the exchange fails, 2 when the configuration, symbol or interval is wrong.
    """
    from ops.evaluation_report import evaluation_lines  # noqa: PLC0415 - `--help` is quick
    from ops.newest_bar import UnknownSymbolError  # noqa: PLC0415 - likewise

    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    settings, home = with_interval(load_settings(), interval), home_of_real_market()
    home.create()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # what was asked is still recorded
    try:
        told = asyncio.run(_evaluated(settings, home, symbol.strip().upper(), ask=ask))
    except UnknownSymbolError as error:
        typer.echo(f"--symbol {error}", err=True)
        raise typer.Exit(EXIT_USAGE) from None
    except DataError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(EXIT_FAILED) from None
    except KeyboardInterrupt:
        raise typer.Exit(EXIT_INTERRUPTED) from None
    typer.echo(json.dumps(told, allow_nan=False) if as_json else "\n".join(evaluation_lines(told)))
    if told["rules"] is None:
        raise typer.Exit(EXIT_FAILED)


def with_interval(settings: Settings, text: str) -> Settings:
    """Return the settings with another ``signals.interval``; one that is none is a usage error."""
    from core.model.intervals import Interval  # noqa: PLC0415 - `--help` is quick

    if not text:
        return settings
    try:
        changed = {"interval": Interval(text)}
    except ValueError:
        words = f"--interval {text!r}: there are {', '.join(Interval)}"
        typer.echo(words, err=True)
        raise typer.Exit(EXIT_USAGE) from None
    return settings.model_copy(update={"signals": settings.signals.model_copy(update=changed)})


async def _evaluated(settings: Settings, home: Home, symbol: str, *, ask: bool) -> dict[str, Any]:
    from core.data.data_store import DataStore  # noqa: PLC0415 - `--help` is quick
    from core.journal.database import database_url  # noqa: PLC0415
    from core.journal.journal import Journal  # noqa: PLC0415
    from core.journal.reader import JournalReader  # noqa: PLC0415
    from core.model.source import Source  # noqa: PLC0415
    from core.overlays import load_overlays  # noqa: PLC0415
    from core.signal_generator import SignalGenerator  # noqa: PLC0415
    from core.telemetry import Telemetry  # noqa: PLC0415
    from ops.analyst_session import analyst_session  # noqa: PLC0415
    from ops.evaluation_report import evaluation_document  # noqa: PLC0415
    from ops.known_accounts import known_accounts  # noqa: PLC0415
    from ops.newest_bar import newest_bar  # noqa: PLC0415

    url = database_url(home.database)
    store, journal = DataStore(settings, home), Journal.open(url)
    reader = JournalReader.open(url)
    brain = _brain(settings, reader) if ask else None
    try:
        async with analyst_session(brain, url) if brain else nullcontext():
            generator = SignalGenerator(
                settings, overlays=load_overlays(), telemetry=Telemetry(), analyst=brain
            )
            bar = await newest_bar(
                symbol, settings=settings, generator=generator, store=store, say=_say
            )
            accounts = await known_accounts(
                settings, home, store, journal=journal, reader=reader, prices=bar.prices,
                at_ms=bar.now_ms, symbol=symbol,
            )  # fmt: skip
            evaluation = await generator.evaluate(
                bar.view,
                closed_ms=bar.closed_ms,
                accounts=accounts.__getitem__,
                instrument=bar.instrument,
                whole=bar.whole,
            )
        journal.add_calls(
            evaluation.calls, symbol=symbol, interval=settings.signals.interval, at_ms=bar.now_ms
        )
    finally:
        journal.close()
    return evaluation_document(evaluation, bar, accounts[Source.POLICY])


def _brain(settings: Settings, reader: "JournalReader") -> "DeepSeekBrain | None":
    if settings.deepseek.api_key is None or settings.signals.policy is Policy.RULES:
        return None
    from core.model.verdict import Purpose  # noqa: PLC0415 - `--help` is quick
    from deepseek.budget import DAY_MS  # noqa: PLC0415
    from deepseek.client import DeepSeekBrain, utc_now_ms  # noqa: PLC0415

    today_ms = utc_now_ms() // DAY_MS * DAY_MS
    return DeepSeekBrain(settings.deepseek, spent=reader.spent(Purpose.DECISION, today_ms))


def _say(words: str) -> None:
    typer.echo(words, err=True)
