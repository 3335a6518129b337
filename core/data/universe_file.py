"""The last known universe on disk, so that a start without REST knows what to follow."""

import logging
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import msgspec

from core.config import UniverseSettings
from core.model.instrument import is_symbol

logger = logging.getLogger(__name__)


class _Document(msgspec.Struct, forbid_unknown_fields=True):
    exchange: str
    quote: str | None
    top_by_volume: int | None
    symbols: tuple[str, ...]


class UniverseFile:
    """
    Members of one universe of one exchange; what was saved for another is ignored.

    Args:
        exchange: Its REST address.
    """

    def __init__(self, path: Path, exchange: str, wanted: UniverseSettings) -> None:
        self._path = path
        self._exchange = exchange
        self._wanted = wanted

    def read(self) -> tuple[str, ...]:
        """Return what was saved; nothing when that is damaged or of another universe."""
        try:
            document = msgspec.json.decode(self._path.read_bytes(), type=_Document)
        except FileNotFoundError:
            return ()
        except (OSError, msgspec.DecodeError) as error:
            logger.warning("saved universe not used: path=%s reason=%s", self._path, error)
            return ()
        if document != self._document(document.symbols):
            return ()
        symbols = document.symbols
        if len(set(symbols)) < len(symbols) or not all(map(is_symbol, symbols)):
            logger.warning("saved universe not used: path=%s reason=symbols", self._path)
            return ()
        return symbols

    def write(self, symbols: Sequence[str]) -> None:
        """
        Replace what is saved, at once or not at all.

        Raises:
            OSError: If the disk does not take it.
        """
        self._path.parent.mkdir(parents=True, exist_ok=True)
        # A name of its own: engine and dashboard may write at the same time.
        number, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
        draft = Path(name)
        try:
            with os.fdopen(number, "wb") as file:
                file.write(msgspec.json.encode(self._document(tuple(symbols))))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._path)
        finally:
            draft.unlink(missing_ok=True)

    def _document(self, symbols: tuple[str, ...]) -> _Document:
        return _Document(self._exchange, self._wanted.quote, self._wanted.top_by_volume, symbols)
