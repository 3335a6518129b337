"""Sets a damaged journal aside; until somebody decides, no engine starts on an empty one."""

import logging
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import time
from typing import Final

from core.config import Home
from core.journal.errors import DamagedJournalError
from core.synced_directory import sync_directory
from ops.audit.entry import Action
from ops.audit.trail import append_audit
from ops.backup.places import SUFFIX, backups
from ops.backup.rotation import is_sound
from ops.database.soundness import damage_of

logger = logging.getLogger(__name__)

_LONGEST_DAMAGE: Final = 200  # characters of what SQLite says
_BESIDE: Final = ("-wal", "-shm", "-journal")


def refuse_damaged(home: Home, *, clock: Callable[[], float] = time) -> None:
    """
    Make sure that the journal of a home can be used; the engine must be kept out.

    A damaged one is moved to ``data/corrupt_YYYYMMDD_HHMMSS/`` with what lies beside it.

    Raises:
        DamagedJournalError: If it is, or was and nobody has decided since; says how to go on.
        OSError: If it cannot be moved.
    """
    mark, database = home.damage_mark, home.database
    if not database.exists() and mark.exists():
        _move(home, _folder_in(mark))  # what a crash has left
        raise DamagedJournalError(_offer(home, _words(mark)))
    if not database.exists():
        return
    damage = (_empty(home) or damage_of(database))[:_LONGEST_DAMAGE]
    if not damage:
        mark.unlink(missing_ok=True)  # somebody has put a sound one there
        return
    folder = _free_folder(home, clock())
    words = f"{database}: damaged: {damage}; set aside in {folder}"
    _write(mark, f"{folder}\n{words}\n")
    _move(home, folder)
    logger.error("journal set aside: %s", words)
    append_audit(home, Action.TRAIL, who="engine", detail=words)
    raise DamagedJournalError(_offer(home, words))


def damage_told(home: Home) -> str:
    """Say what was set aside and waits for a decision, for a page; empty when nothing does."""
    mark = home.damage_mark
    if home.database.exists() or not mark.exists():
        return ""
    return f"{_words(mark)}; make restore BACKUP=latest, or python main.py db new"


def copy_aside(home: Home, epoch_s: float) -> Path:
    """Copy a damaged journal with what lies beside it; returns the folder."""
    folder = _free_folder(home, epoch_s)
    folder.mkdir()
    for path in _files(home):
        shutil.copy2(path, folder)
        with (folder / path.name).open("rb+") as file:
            os.fsync(file.fileno())
    return folder


def start_empty(home: Home) -> bool:
    """Let the next engine begin an empty journal; False when a journal is there."""
    if home.database.exists():
        return False
    mark = home.damage_mark
    if mark.exists():
        _move(home, _folder_in(mark))
    mark.unlink(missing_ok=True)
    return True


def newest_sound_backup(home: Home) -> str | None:
    """Return the name of the newest backup that opens and is sound."""
    return next((p.name.removesuffix(SUFFIX) for p in backups(home) if is_sound(p)), None)


def _offer(home: Home, words: str) -> str:
    newest = newest_sound_backup(home)
    begin = "python main.py db new begins an empty one"
    if newest is None:
        return f"{words}. There is no sound backup; {begin}"
    return f"{words}. The newest sound backup: make restore BACKUP={newest} ({begin})"


def _empty(home: Home) -> str:
    """A file of no bytes is what a crash of the disk leaves, or a look at what never was."""
    if home.database.stat().st_size:
        return ""
    wal = home.database.with_name(f"{home.database.name}-wal")
    known = (wal.exists() and wal.stat().st_size) or backups(home)
    return "it is empty, and it was not" if known else ""


def _move(home: Home, folder: Path | None) -> None:
    """Move the journal, then what lies beside it; each move can be repeated."""
    if folder is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    for path in _files(home):
        os.replace(path, folder / path.name)
    for directory in (folder, home.database.parent):
        sync_directory(directory)


def _files(home: Home) -> list[Path]:
    paths = (home.database.with_name(home.database.name + end) for end in ("", *_BESIDE))
    return [path for path in paths if path.exists()]


def _free_folder(home: Home, epoch_s: float) -> Path:
    while True:
        name = f"corrupt_{datetime.fromtimestamp(epoch_s, UTC):%Y%m%d_%H%M%S}"
        folder = home.database.with_name(name)
        if not os.path.lexists(folder):
            return folder
        epoch_s += 1.0


def _folder_in(mark: Path) -> Path | None:
    first = mark.read_text(encoding="utf-8", errors="replace").partition("\n")[0]
    folder = mark.parent / Path(first).name
    return folder if folder.name.startswith("corrupt_") else None


def _words(mark: Path) -> str:
    lines = mark.read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[1] if len(lines) > 1 else f"{mark}: a damaged journal was set aside"


def _write(path: Path, words: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(words)
        file.flush()
        os.fsync(file.fileno())
