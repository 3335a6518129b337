"""Symbols in which the policy enters nothing until somebody resumes them; kept in the journal."""

import json
import logging
from collections.abc import Collection

from core.journal.reader import JournalReader
from core.model.instrument import is_symbol
from core.model.source import Source
from core.trading.account import Halt

logger = logging.getLogger(__name__)

PAUSED_SYMBOLS = "paused_symbols"
"""Key of the control table: a JSON list of names, written with the command that changed it."""


class PauseBook:
    """Tell which symbols are paused; a list that cannot be read pauses everything."""

    def __init__(self, reader: JournalReader) -> None:
        self._reader = reader
        self._paused: frozenset[str] = frozenset()
        self._unreadable = ""

    @property
    def symbols(self) -> tuple[str, ...]:
        """The paused symbols, by name."""
        return tuple(sorted(self._paused))

    def recover(self) -> None:
        """
        Read what was paused before us.

        Raises:
            JournalError: If the journal cannot be read.
        """
        text = self._reader.control(PAUSED_SYMBOLS)
        try:
            self._paused = frozenset() if text is None else names_in(text)
        except ValueError as error:
            self._unreadable = f"{PAUSED_SYMBOLS} in the journal is {error}"
            logger.error("entries are blocked: reason=%s", self._unreadable)  # noqa: TRY400 - it says it all

    def halts(self, symbol: str, source: Source) -> tuple[Halt, ...]:
        """Return why an account may not enter a symbol; people themselves may."""
        if source is not Source.POLICY:
            return ()
        if self._unreadable:
            return (Halt("paused", self._unreadable),)
        if symbol in self._paused:
            return (Halt("paused", f"{symbol} is paused by hand"),)
        return ()

    def text(self, symbols: Collection[str]) -> str:
        """Return the value of the control table that stands for paused symbols."""
        return json.dumps(sorted(symbols))

    def take_over(self, symbols: Collection[str]) -> None:
        """Pause these symbols and no other, now that it is written."""
        self._paused = frozenset(symbols)
        self._unreadable = ""
        logger.info("paused by hand: symbols=%s", ",".join(sorted(symbols)) or "none")


def names_in(text: str) -> frozenset[str]:
    """
    Return the symbols that a value of the control table pauses.

    Raises:
        ValueError: If it is no list of symbols; it pauses everything then.
    """
    try:
        told = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(told, list) or not all(isinstance(n, str) and is_symbol(n) for n in told):
        raise ValueError(f"no list of symbols: {text:.80}")
    return frozenset(told)
