"""Tells whether the audit trail is whole: each entry bound to the one before, none altered."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.config import Home
from core.journal.audit_rows import AuditRows
from core.journal.errors import JournalError
from ops.audit.entry import Entry, EntryError, entry_of_line, follows
from ops.audit.errors import AuditError
from ops.audit.trail import audit_file


@dataclass(frozen=True, slots=True)
class Verified:
    """
    Attributes:
        entries: Of the file, up to the first fault.
        kept: How many of them the journal has as well; None where it has no such table yet.
        torn: What stands behind the last whole line; a crash leaves it, and the next entry
            takes it away and says so.
        fault: What is broken first, with its place; empty when nothing is.
    """

    entries: tuple[Entry, ...]
    kept: int | None
    torn: bytes
    fault: str


def read_trail(home: Home) -> tuple[Entry, ...]:
    """
    Return every line that is an entry, oldest first; their chain is not looked at.

    Raises:
        AuditError: If the file cannot be read.
    """
    lines = _lines(audit_file(home))
    return tuple(found for line in lines if isinstance(found := _parsed(line), Entry))


def verify(home: Home) -> Verified:
    """
    Look at the whole trail; the journal's table has to be a part of the file.

    Raises:
        AuditError: If file or journal cannot be read.
    """
    try:
        # First: the file is never behind the table.
        rows = AuditRows(home.database).after(0)
    except JournalError as error:
        raise AuditError(f"the journal's part cannot be read: {error}") from error
    path = audit_file(home)
    entries, torn, fault = _entries(path)
    sound, broken = _sound(entries)
    fault = (f"{path}:{len(sound) + 1}: {broken}" if broken else "") or fault
    kept = None if rows is None else len(rows)
    if not fault:
        fault = _unlike(sound, rows or (), home.database)
    return Verified(sound, kept, torn, fault)


def _entries(path: Path) -> tuple[tuple[Entry, ...], bytes, str]:
    """Return entries, what is torn at the end, and what the first line is that is no entry."""
    *lines, last = _lines(path)
    found: list[Entry] = []
    for number, line in enumerate(lines, 1):
        entry = _parsed(line)
        if isinstance(entry, EntryError):
            return tuple(found), b"", f"{path}:{number}: {entry}"
        found.append(entry)
    entry = _parsed(last)
    if isinstance(entry, EntryError):
        return tuple(found), last, ""
    return (*found, entry), b"", ""


def _lines(path: Path) -> list[bytes]:
    """Return the lines of a file; behind its last end stands one more, empty or torn."""
    try:
        return path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return [b""]
    except OSError as error:
        raise AuditError(f"{path}: {error.strerror}") from error


def _parsed(line: bytes) -> Entry | EntryError:
    try:
        return entry_of_line(line)
    except EntryError as error:
        return error


def _sound(entries: tuple[Entry, ...]) -> tuple[tuple[Entry, ...], str]:
    before: Entry | None = None
    for number, entry in enumerate(entries):
        fault = _fault_of(before, entry)
        if fault:
            return entries[:number], fault
        before = entry
    return entries, ""


def _fault_of(before: Entry | None, entry: Entry) -> str:
    if not entry.is_sound:
        return f"entry {entry.sequence} has been altered: its hash is of other words"
    if not follows(before, entry):
        after = "nothing" if before is None else f"entry {before.sequence}"
        return f"entry {entry.sequence} does not follow {after}: something is missing or was put in"
    return ""


def _unlike(entries: tuple[Entry, ...], rows: tuple[Mapping[str, Any], ...], database: Path) -> str:
    for row in rows:
        number = row["sequence"]
        if not 1 <= number <= len(entries):
            return f"entry {number} is in {database} but not in the file"
        if asdict(entries[number - 1]) != dict(row):
            return f"entry {number} is another one in {database}"
    return ""
