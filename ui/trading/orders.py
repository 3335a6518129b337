"""Asks the engine for something through the journal, and waits for its answer."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from core.journal.command_records import CommandRow
from core.journal.errors import JournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.command import Command, CommandState
from core.model.engine_state import EngineActivity
from ui.services import Services

_WHO = "dashboard"
_PATIENCE_S = 5.0
"""The engine looks for commands twice a second."""
_POLL_S = 0.25
_NO_JOURNAL = "There is no journal yet: start the engine once, with make start. Nothing was asked."


class NotAskedError(Exception):
    """Nothing was asked of the engine; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Answered:
    """
    What came of a command.

    Attributes:
        number: Of its row.
        said: A sentence for people.
    """

    number: int
    state: CommandState
    said: str


class Orders:
    """
    Args:
        services: Market time, and whether an engine runs.
        journal: Returns the journal as it is read; None while there is none.
        writer: Opens it for writing.
        patience_s: How long an answer is waited for.
    """

    def __init__(
        self,
        services: Services,
        journal: Callable[[], JournalReader | None],
        writer: Callable[[], Journal],
        *,
        patience_s: float = _PATIENCE_S,
    ) -> None:
        self._services = services
        self._journal = journal
        self._writer = writer
        self._patience_s = patience_s

    async def ask(self, command: Command) -> Answered:
        """
        Put a command into the journal, and wait a while for the engine's answer.

        Raises:
            NotAskedError: If there is no journal, no engine, or nothing could be written.
        """
        number = await asyncio.to_thread(self._put, command)
        until_s = self._services.monotonic() + self._patience_s
        while True:
            found = await self.answer(number)
            if found.state is not CommandState.WAITING or self._services.monotonic() >= until_s:
                return found
            await asyncio.sleep(_POLL_S)

    async def answer(self, number: int) -> Answered:
        """
        Return what has become of a command.

        Raises:
            NotAskedError: If there is none of that number, or it cannot be read.
        """
        row = await asyncio.to_thread(self._row, number)
        if row.state is CommandState.WAITING:
            said = "The engine does not answer: is it running? It refuses what waits for 30 s."
            return Answered(number, row.state, said)
        return Answered(number, row.state, row.answer)

    def _put(self, command: Command) -> int:
        if self._services.engine.state().activity is EngineActivity.STOPPED:
            words = "The engine does not run: start it with make start. Nothing was asked."
            raise NotAskedError(words)
        try:
            if self._journal() is None:
                raise NotAskedError(_NO_JOURNAL)
            writer = self._writer()
            try:
                now_ms = self._services.feed.market_time_ms() or 0
                return writer.add_command(command, who=_WHO, at_ms=now_ms)
            finally:
                writer.close()
        except JournalError as error:
            raise NotAskedError(f"Nothing was asked: {error}") from error

    def _row(self, number: int) -> CommandRow:
        try:
            journal = self._journal()
            if journal is None:
                raise NotAskedError(_NO_JOURNAL)
            return journal.command(number)
        except JournalError as error:
            raise NotAskedError(f"The answer cannot be read: {error}") from error
