"""Packs a backup into a file no larger than allowed: its oldest decisions are thinned for that."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ops.backup.archive import pack, sum_of
from ops.backup.contents import DATABASE
from ops.backup.errors import BackupError
from ops.backup.manifest import Manifest
from ops.backup.selection import Heard, Selection
from ops.backup.thinning import Thinned, packed_guess, thin

_ROUGH_PIECES: Final = 256
_FINE_PIECES: Final = 512
_CERTAINLY: Final = 1.05  # of what is allowed: a rough guess above it is right about that
_GUESS_SPARE: Final = 0.01  # of what is allowed: so that packing once is enough
_SPARE: Final = 0.005  # of what is allowed, once its size is known
_THINNINGS: Final = 3  # after packing: what is over then is little
# What is saved for each byte that samples tell of: 1.09 of a journal of ninety days.
_SAVED_AT_LEAST: Final = 1.0
_SAVED_AT_MOST: Final = 1.2


def summed(manifest: Manifest, files: Mapping[str, Path]) -> Manifest:
    """
    Return a manifest that tells size and sum of each file.

    Raises:
        OSError: If one cannot be read.
    """
    members = {}
    for name, path in files.items():
        with path.open("rb") as file:
            members[name] = sum_of(file)
    return replace(manifest, members=members)


@dataclass(slots=True)
class Fitting:
    """
    Packs the files of a backup.

    Attributes:
        target: Of the archive.
        name: Of the folder in it.
        manifest: Sums are filled in when it is packed.
        files: Copies by their paths in the backup, of which the journal may be thinned.
        selection: How large the archive may be, and how hard it is packed.
        heard: Told what is done next.
    """

    target: Path
    name: str
    manifest: Manifest
    files: Mapping[str, Path]
    selection: Selection
    heard: Heard

    def pack(self) -> None:
        """
        Pack them, again where that is still too large.

        Raises:
            BackupError: If the journal cannot be thinned.
            OSError: If something cannot be read or written.
        """
        largest_bytes = self.selection.largest_bytes
        if largest_bytes is None or DATABASE not in self.files:
            self._packed()
            return
        self._thin_by_guess(largest_bytes)
        # Thinning makes no room for Parquet.
        rest = (path.stat().st_size for path in self.files.values() if path.suffix == ".parquet")
        largest_bytes += sum(rest)
        for _ in range(_THINNINGS):
            excess = self._packed() - largest_bytes
            # Rather too much than packing once more.
            if excess <= 0 or not self._thinned(excess + largest_bytes * _SPARE):
                return
        self._packed()

    def _thin_by_guess(self, largest_bytes: int) -> None:
        """Thin a journal that is certainly too large before it is packed, which takes longest."""
        rough = self._guessed(_ROUGH_PIECES)
        if rough <= largest_bytes * _CERTAINLY:
            return
        # Rather too little than too much: what is emptied does not come back.
        thinned = self._thinned((rough - largest_bytes) / _SAVED_AT_MOST)
        if thinned is None:
            return
        fine = self._guessed(_FINE_PIECES)
        saved = (rough - fine) / thinned.told_bytes
        excess = fine - largest_bytes * (1.0 - _GUESS_SPARE)
        if excess > 0:
            self._thinned(excess / min(max(saved, _SAVED_AT_LEAST), _SAVED_AT_MOST))

    def _guessed(self, pieces: int) -> int:
        return packed_guess(self.files[DATABASE], self.selection.effort, pieces)

    def _packed(self) -> int:
        self.heard("packing")
        self.target.unlink(missing_ok=True)
        manifest = summed(self.manifest, self.files)
        pack(self.target, self.name, manifest, self.files, self.selection.effort)
        return self.target.stat().st_size

    def _thinned(self, told_bytes: float) -> Thinned | None:
        self.heard("leaving out features and votes of old decisions")
        try:
            thinned = thin(self.files[DATABASE], told_bytes, self.selection.effort)
        except sqlite3.Error as error:
            raise BackupError(f"the copied journal cannot be thinned: {error}") from error
        if thinned is not None:
            self.manifest = replace(self.manifest, thinned_before_ms=thinned.before_ms)
        return thinned
