"""Puts a ``.env`` back: never readable by others, and never in the place of one that is lost."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_MODE: Final = 0o600


@dataclass(frozen=True, slots=True)
class PutBack:
    """
    What became of the secrets.

    Attributes:
        path: Where they are.
        replaced: Where those that were there are kept; None where there were none, or the same.
    """

    path: Path
    replaced: Path | None


@dataclass(frozen=True, slots=True)
class SecretsFile:
    """A file of secrets that is to be written."""

    path: Path
    text: bytes

    @contextmanager
    def laid_ready(self) -> Iterator[None]:
        """
        Write it beside its place, so that `put` needs no room; it goes with the block.

        Raises:
            OSError: If it cannot be written.
        """
        self._draft.unlink(missing_ok=True)
        try:
            _write(self._draft, self.text)
            yield
        finally:
            self._draft.unlink(missing_ok=True)

    def put(self, now_s: float) -> PutBack:
        """
        Put what is laid ready in place; what was there is copied first.

        Raises:
            OSError: If it cannot.
        """
        replaced, present = None, self._present()
        if present is not None and present != self.text:
            replaced = self._free_name(now_s)
            _write(replaced, present)
        self._draft.replace(self.path)
        return PutBack(self.path, replaced)

    @property
    def _draft(self) -> Path:
        return self.path.with_name(f"{self.path.name}.new")

    def _present(self) -> bytes | None:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return None

    def _free_name(self, now_s: float) -> Path:
        while True:
            stamp = f"{datetime.fromtimestamp(now_s, UTC):%Y%m%d_%H%M%S}"
            path = self.path.with_name(f"{self.path.name}.replaced_{stamp}")
            if not os.path.lexists(path):
                return path
            now_s += 1.0


def _write(path: Path, text: bytes) -> None:
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    with os.fdopen(opened, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
