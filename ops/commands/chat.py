"""``python main.py chat``: ask DeepSeek about a market, and read the answer as it is written."""

import asyncio
import logging
import signal
import sys
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from core.config import Home, Settings, load_settings
from core.config.secrets import secrets_of
from core.data.errors import DataError
from ops.commands.evaluate import with_interval
from ops.launch import home_of_real_market

if TYPE_CHECKING:
    from core.model.verdict import Facts
    from deepseek.chat import ChatOutcome, ChatService

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_NO_KEY = 3
EXIT_INTERRUPTED = 130


def chat_command(
    question: Annotated[str, typer.Argument(help="In quotes.")],
    symbol: Annotated[str, typer.Option(help="Default: the first that is configured.")] = "",
    interval: Annotated[str, typer.Option(help="Default: signals.interval.")] = "",
) -> None:
    """
    Ask about the newest closed bar of a market. Ctrl-C stops the answer and keeps what came.

    Exit status 1 when no whole answer came, 2 when the configuration, symbol or interval is
    wrong, 3 without a key.
    """
    from ops.newest_bar import UnknownSymbolError  # noqa: PLC0415 - `--help` is quick

    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    settings, home = with_interval(load_settings(), interval), home_of_real_market()
    if settings.deepseek.api_key is None:
        _end("There is no key for DeepSeek: put DEEPSEEK_API_KEY=... into .env.", EXIT_NO_KEY)
    named = symbol.strip().upper() or next(iter(settings.symbols), "")
    if not named or not question.strip():
        _end("A question and --symbol are needed.", EXIT_USAGE)
    home.create()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # an answer is stopped, not killed
    try:
        outcome = asyncio.run(_asked(settings, home, named, question))
    except UnknownSymbolError as error:
        _end(f"--symbol {error}", EXIT_USAGE)
    except DataError as error:
        _end(str(error), EXIT_FAILED)
    except KeyboardInterrupt:
        _end("\nStopped; what came is kept.", EXIT_INTERRUPTED)
    _judge(named, outcome)


def _judge(symbol: str, outcome: "ChatOutcome | str") -> None:
    if isinstance(outcome, str):
        _end(f"Nothing can be said of {symbol}: {outcome}", EXIT_FAILED)
    if outcome.unsaved:
        typer.echo(f"The answer could not be kept: {outcome.unsaved}", err=True)
    if not outcome.complete:
        _end(f"The answer is incomplete: {outcome.detail or outcome.reason}", EXIT_FAILED)


async def _asked(settings: Settings, home: Home, symbol: str, question: str) -> "ChatOutcome | str":
    from core.data.data_store import DataStore  # noqa: PLC0415 - `--help` is quick
    from core.journal.database import database_url  # noqa: PLC0415
    from core.journal.journal import Journal  # noqa: PLC0415
    from core.journal.reader import JournalReader  # noqa: PLC0415
    from core.model.source import Source  # noqa: PLC0415
    from deepseek.chat import ChatService  # noqa: PLC0415
    from ops.chat_memory import ChatMemory  # noqa: PLC0415
    from ops.known_accounts import known_accounts  # noqa: PLC0415
    from ops.market_facts import FactsReader  # noqa: PLC0415
    from ops.newest_bar import newest_bar  # noqa: PLC0415

    url, store, known = (
        database_url(home.database),
        DataStore(settings, home),
        FactsReader(settings),
    )
    bar = await newest_bar(
        symbol, settings=settings, generator=known.generator, store=store, say=_say
    )
    journal = Journal.open(url)
    try:
        reader = JournalReader.open(url)
        accounts = await known_accounts(
            settings,
            home,
            store,
            journal=journal,
            reader=reader,
            prices=bar.prices,
            at_ms=bar.now_ms,
        )
        facts = await known.facts(bar, accounts[Source.POLICY])
        if isinstance(facts, str):
            return facts
        memory = ChatMemory(
            journal,
            reader,
            home.logs,
            redact=secrets_of(settings),
            form=settings.logging.format,
        )
        async with aclosing(ChatService(settings.deepseek, memory)) as chat:
            return await _printed(chat, question, facts)
    finally:
        journal.close()


async def _printed(chat: "ChatService", question: str, facts: "Facts") -> "ChatOutcome | str":
    async with aclosing(chat.ask(question, facts)) as answer:
        async for told in answer:
            if not isinstance(told, str):
                sys.stdout.write("\n" if told.text else "")
                return told
            sys.stdout.write(told)
            sys.stdout.flush()
    return "the answer never ended"


def _say(words: str) -> None:
    typer.echo(words, err=True)


def _end(words: str, status: int) -> NoReturn:
    typer.echo(words, err=True)
    raise typer.Exit(status)
