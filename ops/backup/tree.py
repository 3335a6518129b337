"""Copies what belongs into a backup, each file as it is at one instant."""

import hashlib
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Final

from core.config import Home
from core.journal.signal_archive import archive_dir
from ops.backup.contents import ARCHIVE, CANDLES, CONFIG, DATABASE, SECRETS
from ops.backup.errors import BackupError
from ops.backup.places import INCIDENTS
from ops.backup.sealed import LARGEST_BYTES, seal
from ops.backup.secrets import without_secrets
from ops.backup.selection import Heard, Selection
from ops.backup.snapshot import compact, copy_database
from ops.logs.known_secrets import secrets_at_hand

_LARGEST_SECRETS: Final = LARGEST_BYTES // 2


def gather(
    home: Home, config: Path, tree: Path, selection: Selection, heard: Heard, *, lasting: bool
) -> Mapping[str, Path]:
    """
    Fill an empty folder with what a backup of a home holds, but for its manifest.

    Args:
        home: Whose.
        config: The configuration in force.
        tree: The folder.
        selection: What else is to be in it.
        heard: Told what is done next.
        lasting: Whether the copied journal is the backup itself, and not packed and deleted.

    Returns:
        The copies, by their paths in the backup.

    Raises:
        BackupError: If the journal cannot be copied, or secrets that are asked for are absent.
        OSError: If something cannot be read or written.
    """
    for folder in ("data", "config", "prompts", "reports"):
        (tree / folder).mkdir(parents=True)
    tree.chmod(0o700)
    if selection.passphrase is not None:
        _seal(config.parent / ".env", tree / SECRETS, selection.passphrase)
    if home.database.exists():
        heard("copying the journal")
        copy_database(home.database, tree / DATABASE, lasting=lasting)
        compact(tree / DATABASE, lasting=lasting)
    # After the journal: what leaves it meanwhile is in both, and never in neither.
    archive = archive_dir(home.database)
    _copy_all(archive, archive.glob("*.parquet"), tree / ARCHIVE)
    with suppress(FileNotFoundError, UnicodeDecodeError):
        text = without_secrets(config.read_text(encoding="utf-8"), secrets_at_hand(config))
        (tree / CONFIG).write_text(text, encoding="utf-8")
    for name, text in prompts().items():
        (tree / "prompts" / f"{name}.txt").write_text(text, encoding="utf-8")
    _copy_all(home.reports, _reports(home.reports), tree / "reports")
    if selection.candles:
        heard("copying the candles")
        _copy_all(home.cache, home.cache.glob("*.parquet"), tree / CANDLES)
    return files_of(tree)


def files_of(tree: Path) -> Mapping[str, Path]:
    """Return the files of a tree by their paths in it."""
    return {
        path.relative_to(tree).as_posix(): path
        for path in sorted(tree.rglob("*"))
        if path.is_file()
    }


def prompts() -> Mapping[str, str]:
    """Return the texts that tell DeepSeek what it is to do, by name."""
    from deepseek.chat_prompt import SYSTEM as CHAT  # noqa: PLC0415 - restoring needs none
    from deepseek.prompt import SYSTEM as DECISION  # noqa: PLC0415 - likewise

    return MappingProxyType({"chat": CHAT, "decision": DECISION})


def prompt_sums() -> Mapping[str, str]:
    """Return the SHA-256 of each text, by name: which version asked."""
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in prompts().items()}


def _seal(source: Path, target: Path, passphrase: str) -> None:
    try:
        text = source.read_bytes()
    except FileNotFoundError:
        raise BackupError(f"{source}: there are no secrets to back up") from None
    if len(text) > _LARGEST_SECRETS:
        raise BackupError(f"{source}: is too large for a file of secrets")
    target.parent.mkdir()
    target.write_bytes(seal(text, passphrase))


def _copy_all(directory: Path, found: Iterator[Path], target: Path) -> None:
    for path in found:
        if path.is_symlink() or not path.is_file() or not path.name.isprintable():
            continue
        copy = target / path.relative_to(directory)
        copy.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # an old one may go at any time
            shutil.copyfile(path, copy)


def _reports(directory: Path) -> Iterator[Path]:
    for path in directory.rglob("*"):
        parts = path.relative_to(directory).parts
        if parts[0] != INCIDENTS and not any(part.startswith(".") for part in parts):
            yield path
