"""Carries out what people ask for through the journal: each command whole, and only once."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from core.alert_book import AlertBook
from core.attempts import FAILURES
from core.decision_book import LATEST_ROW_S, DecisionBook
from core.hand_orders import Answer, HandOrders, refuse
from core.journal.command_records import AlertRow, CommandRow
from core.journal.commands import CarriedOut, Effects
from core.journal.errors import JournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.command import (
    AddAlert,
    Close,
    Command,
    CommandState,
    Enter,
    Flatten,
    MoveLevels,
    PauseSymbol,
    RemoveAlert,
    ResumeSymbol,
)
from core.model.source import Source
from core.paper_trades import PaperTrades
from core.pause_book import PAUSED_SYMBOLS, PauseBook
from core.telemetry import reason_of

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 0.5
Answered = Callable[[CommandRow, CommandState, str], None]
_ORDERS = (Enter, Close, MoveLevels, Flatten)
OLDEST_MS = 30_000
"""Of a command when the engine finds it: whoever asked has given up, and prices have moved on."""


class CommandDesk:
    """
    Look for commands, do what they say, and answer them.

    What a command does and that it is done are one transaction. So a command that was begun when
    the engine was killed either still waits, or is done: never twice, never half.

    Args:
        write: Runs a journal method on the process's one writer thread.
        clock: This machine's, in seconds, as whoever wrote the command used it.
        monotonic: Measures how long a command waited for the journal.
        answered: Told of each command once it is answered, on the writer thread.
    """

    def __init__(  # noqa: PLR0913 - each is one thing it works with
        self,
        journal: Journal,
        reader: JournalReader,
        trades: PaperTrades,
        orders: HandOrders,
        alerts: AlertBook,
        pauses: PauseBook,
        *,
        book: DecisionBook,
        write: Callable[..., Awaitable[Any]],
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        answered: Answered = lambda *_: None,
    ) -> None:
        self._journal = journal
        self._reader = reader
        self._trades = trades
        self._orders = orders
        self._alerts = alerts
        self._pauses = pauses
        self._book = book
        self._write = write
        self._clock = clock
        self._monotonic = monotonic
        self._answered = answered
        self._unread = ""

    async def run(self) -> None:
        """
        Carry out commands until cancelled.

        Raises:
            JournalError: If the journal cannot be written for a reason that waiting does
                not cure.
        """
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Carry out the commands that wait now, in their order."""
        try:
            waiting = await asyncio.to_thread(self._reader.waiting_commands)
        except JournalError as error:
            if str(error) != self._unread:
                logger.warning("commands not read: reason=%s", error)
            self._unread = str(error)
            return
        self._unread = ""
        for row in waiting:
            while not await self._carried_out(row):
                pass

    async def _carried_out(self, row: CommandRow) -> bool:
        """Carry out a command; False when there was more to lock, and nothing is done."""
        command = row.command
        symbols = self._symbols(command)
        async with AsyncExitStack() as locks:
            for symbol in sorted(symbols):  # in one order, so that no two wait for each other
                await locks.enter_async_context(self._trades.lock(symbol))
            if not self._symbols(command) <= symbols:  # a trade began while we waited
                return False
            at_ms = self._orders.now_ms(symbols)
            answer = self._answer(row, symbols, at_ms)
            answer, carried = await self._write(self._settle, row, answer, self._monotonic())
            logger.info(
                "command %s: id=%d who=%s command=%s answer=%s",
                "refused" if answer.refused else "done",
                row.id,
                row.who,
                type(command).__name__,
                answer.words,
            )
            if carried is not None:
                self._take_over(command, answer, carried)
        return True

    def _symbols(self, command: Command | None) -> frozenset[str]:
        return self._orders.symbols(command) if isinstance(command, _ORDERS) else frozenset()

    def _answer(self, row: CommandRow, symbols: frozenset[str], at_ms: int | None) -> Answer:
        if row.command is None:
            return refuse(f"this is no command: {row.fault}")
        # Nor one of the future: its age is not known once the clock was put back.
        if abs(self._clock() * 1e3 - row.recorded_ms) > OLDEST_MS:
            return refuse("the engine was not there when this was asked for")
        if at_ms is None and isinstance(row.command, _ORDERS):
            return refuse("the market's time is not known yet")
        try:
            return self._decided(row.command, symbols, at_ms or 0)
        except FAILURES as error:  # a defect of ours; everything else goes on
            logger.exception("command failed: id=%d", row.id)
            return refuse(f"it failed: {reason_of(error)}")

    def _decided(self, command: Command, symbols: frozenset[str], at_ms: int) -> Answer:
        match command:
            case PauseSymbol() | ResumeSymbol():
                return self._paused(command, at_ms)
            case AddAlert():
                fault = self._alerts.refusal(command.alert)
                if fault:
                    return refuse(fault)
                effects = Effects(new_alert=command.alert, added_ms=at_ms)
                return Answer(f"watching for {command.alert}", effects=effects)
            case RemoveAlert():
                if not self._alerts.knows(command.alert_id):
                    return refuse(f"there is no alert {command.alert_id}")
                effects = Effects(removed_alert=command.alert_id)
                return Answer(f"alert {command.alert_id} is removed", effects=effects)
            case _:
                return self._orders.answer(command, symbols, at_ms)

    def _paused(self, command: PauseSymbol | ResumeSymbol, at_ms: int) -> Answer:
        symbol, now = command.symbol, set(self._pauses.symbols)
        pausing = isinstance(command, PauseSymbol)
        after = now | {symbol} if pausing else now - {symbol}
        words = f"{symbol} is paused: no entries by the policy" if pausing else f"{symbol} resumes"
        value = self._pauses.text(after)
        return Answer(words, effects=Effects(control=(PAUSED_SYMBOLS, value, at_ms)))

    def _settle(
        self, row: CommandRow, answer: Answer, since_s: float
    ) -> tuple[Answer, CarriedOut | None]:
        """Write it as it is, or, when it waited too long for the journal, as refused."""
        if self._monotonic() - since_s > LATEST_ROW_S:
            answer = refuse("the journal could not be written in time")
        state = CommandState.REFUSED if answer.refused else CommandState.DONE
        carried = self._journal.settle_command(row.id, state, answer.words, answer.effects)
        if carried is not None:
            self._answered(row, state, answer.words)
        return answer, carried

    def _take_over(self, command: Command | None, answer: Answer, carried: CarriedOut) -> None:
        """Let the running engine know what is written; nobody sees half of it."""
        effects = answer.effects
        numbered = zip(effects.new_trades, carried.trade_ids, strict=True)
        added = tuple(replace(trade, id=number) for trade, number in numbered)
        self._trades.replaced(answer.changes, added)
        for trade in added:
            if trade.part_of is None:
                self._book.entered(Source.HAND, trade.decided_ms)
        if effects.removed_alert is not None:
            self._alerts.remove(effects.removed_alert)
        if effects.new_alert is not None and carried.alert_id is not None:
            row = AlertRow(carried.alert_id, effects.new_alert, effects.added_ms)
            self._alerts.add(row)
        if effects.control is not None and isinstance(command, PauseSymbol | ResumeSymbol):
            paused = set(self._pauses.symbols)
            pausing = isinstance(command, PauseSymbol)
            change = paused.add if pausing else paused.discard
            change(command.symbol)
            self._pauses.take_over(paused)
