"""Writes the audit trail: the file first, then what the journal's table lacks of it."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.config import Home
from core.journal.audit_rows import PATIENCE_MS, AuditRows
from core.journal.errors import JournalError
from ops.audit.audit_file import AUDIT_FILE, AuditFile, Tail, held
from ops.audit.entry import Action, Entry, EntryError, entry_of, follows, sealed
from ops.audit.errors import AuditError

logger = logging.getLogger(__name__)

Clock = Callable[[], int]
Words = Callable[[AuditFile], str | None]
"""What to say after what the file holds; None when there is nothing to say."""

_TORN_SHOWN = 200  # bytes


def now_ms() -> int:
    """Return this machine's clock."""
    return time.time_ns() // 1_000_000


def audit_file(home: Home) -> Path:
    """Return where the trail of a home is."""
    return home.logs / AUDIT_FILE


def append_audit(
    home: Home, action: Action, *, who: str, detail: str, clock_ms: Clock = now_ms
) -> bool:
    """
    Write down who did what; for good once this returns.

    It blocks for some milliseconds, and for four seconds where another process holds file and
    journal: call it in a thread. It raises nothing, as what was done is done: an entry that
    cannot be written is logged. A journal that cannot be written now is caught up later.

    Args:
        home: Whose trail.
        action: What kind of thing.
        who: An account of this machine, or a process of ours such as ``engine``.
        detail: What exactly; no secret. Long words are cut, and put on one line.
        clock_ms: For tests.

    Returns:
        Whether it is written.
    """
    return append_if(home, action, who=who, words=lambda _: detail, clock_ms=clock_ms)


def append_if(
    home: Home,
    action: Action,
    *,
    who: str,
    words: Words,
    clock_ms: Clock = now_ms,
    journal_patience_ms: int = PATIENCE_MS,
) -> bool:
    """
    Do as `append_audit`, with words that depend on what is there.

    Nobody else writes between ``words`` and the entry. True also when there was nothing to say;
    file and table are completed from each other all the same.
    """
    try:
        with held(audit_file(home)) as file:
            rows = AuditRows(home.database, journal_patience_ms)
            _write(file, rows, _Saying(action, who, words, clock_ms))
            return True
    except (AuditError, OSError) as error:
        logger.warning("audit entry not written: action=%s who=%s reason=%s", action, who, error)
        return False


@dataclass(frozen=True, slots=True)
class _Saying:
    action: Action
    who: str
    words: Words
    clock_ms: Clock


def _write(file: AuditFile, rows: AuditRows, saying: _Saying) -> None:
    tail = file.tail()
    detail = saying.words(file)
    try:
        beyond = rows.after(0 if tail.last is None else tail.last.sequence)
    except JournalError as error:
        logger.warning("audit entries not compared with the journal: reason=%s", error)
        _extend(file, tail, (), detail, saying)
        return
    new = _extend(file, tail, _following(tail.last, beyond), detail, saying)
    restored = saying.action is Action.RESTORE
    try:
        if beyond == () and not restored and _has_all(rows, tail.last):
            rows.add([asdict(entry) for entry in new])
        elif beyond is not None:
            # A restored journal may be another machine's: what this one knows replaces its trail.
            fill_table(file, rows, replace_others=restored)
    except JournalError as error:
        logger.warning("audit entries not yet in the journal: reason=%s", error)


def _extend(
    file: AuditFile, tail: Tail, back: Sequence[Entry], detail: str | None, saying: _Saying
) -> Sequence[Entry]:
    """Write what is to be said, after what has to be said of the trail; returns what is new."""
    new = list(back)

    def add(action: Action, who: str, words: str) -> None:
        before = new[-1] if new else tail.last
        new.append(sealed(before, saying.clock_ms(), action, who=who, detail=words))

    if back:
        add(Action.TRAIL, "trail", f"put back from the journal: {len(back)} entries")
    if tail.torn:
        shown = tail.torn[:_TORN_SHOWN]
        add(Action.TRAIL, "trail", f"taken away a torn line of {len(tail.torn)} bytes: {shown!r}")
    if detail is not None:
        add(saying.action, saying.who, detail)
    if new:
        file.append(tail.end + "".join(entry.line() for entry in new), tail.whole_bytes)
    return new


def _has_all(rows: AuditRows, last: Entry | None) -> bool:
    """Whether the table has all of the file, so that it need not be compared line by line."""
    return last is not None and rows.has_all_up_to(last.sequence, last.hash)


def _following(last: Entry | None, rows: Sequence[Mapping[str, Any]] | None) -> list[Entry]:
    """Return the journal's entries that go on where the file ends."""
    found: list[Entry] = []
    for row in rows or ():
        try:
            entry = entry_of(row)
        except EntryError:
            return []
        if not entry.is_sound or not follows(found[-1] if found else last, entry):
            return []
        found.append(entry)
    return found


def fill_table(file: AuditFile, rows: AuditRows, *, replace_others: bool) -> None:
    """
    Add what the journal's table lacks of the file.

    Raises:
        JournalError: If it cannot be written.
    """
    kept = rows.after(0) or ()
    there = [asdict(entry) for entry in file.entries()]
    foreign = replace_others and list(kept) != there[: len(kept)]
    missing = there if foreign else _beyond(there, kept)
    if missing:
        rows.add(missing, afresh=foreign)


def _beyond(
    there: Sequence[Mapping[str, Any]], kept: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    known = {row["sequence"] for row in kept}
    return [entry for entry in there if entry["sequence"] not in known]
