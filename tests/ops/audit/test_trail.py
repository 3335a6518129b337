"""The audit trail is a chain that crashes, restores and edits do not leave whole unnoticed."""

import fcntl
import json
import os
import resource
import signal
import sqlite3
import threading
from dataclasses import asdict

import pytest

from core.config import Home
from core.journal.audit_rows import AuditRows
from ops.audit.audit_file import held
from ops.audit.entry import (
    LONGEST_DETAIL,
    START,
    Action,
    Entry,
    EntryError,
    entry_of_line,
    sealed,
    sum_of,
)
from ops.audit.errors import AuditError
from ops.audit.trail import append_audit, append_if, audit_file
from ops.audit.verify import read_trail, verify
from tests.ops.audit.catching_up import catch_up
from tests.ops.database.builders import filled

AT_MS = 1_795_231_800_000


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def said(home, *details, action=Action.MANUAL):
    for detail in details:
        assert append_audit(home, action, who="ann", detail=detail, clock_ms=lambda: AT_MS)


def lines_of(home):
    return audit_file(home).read_text().splitlines(keepends=True)


def kept(home):
    return [(row["sequence"], row["detail"]) for row in AuditRows(home.database).after(0)]


def test_each_entry_carries_the_hash_of_the_one_before(home):
    said(home, "first", "second")
    first, second = (Entry(**json.loads(line)) for line in lines_of(home))
    assert (first.sequence, first.previous) == (1, START)
    assert (second.sequence, second.previous) == (2, first.hash)
    assert second.who == "ann"
    values = asdict(second)
    assert values.pop("hash") == sum_of(values)


def test_the_hash_is_over_a_form_that_anybody_can_make_again():
    # Made outside of Python, of the bytes between the quotes:
    # {"action":"stop","at_ms":1,"detail":"\u00e4","previous":"000…","sequence":1,"who":"ann"}
    entry = sealed(None, 1, Action.STOP, who="ann", detail="ä")
    assert entry.hash == "e450bd4daf0306f08d8d905850130b99c1d43a6f9c2c381c7b571c64f442f6cd"


def test_words_stay_on_one_line_and_huge_ones_are_cut(home):
    said(home, "a\nb\x00\x1b[31m\udc80 ä\u2028" + "x" * 10_000_000)
    assert len(audit_file(home).read_bytes().splitlines()) == 1
    (entry,) = read_trail(home)
    assert entry.detail.startswith("a\\nb\\x00\\x1b[31m\\udc80 ä\\u2028xxx")
    assert len(entry.detail) == LONGEST_DETAIL
    assert entry.detail.endswith("…")
    assert not verify(home).fault


def test_a_journal_that_is_made_later_is_filled_from_the_file(home):
    said(home, "before there is a journal")
    assert not home.database.exists()
    filled(home)
    said(home, "with one")
    assert kept(home) == [(1, "before there is a journal"), (2, "with one")]


def test_a_journal_that_was_put_back_is_filled_up_again(home):
    filled(home)
    said(home, "one")
    older = home.database.read_bytes()
    said(home, "two", "three")
    home.database.write_bytes(older)
    said(home, "of backup_x", action=Action.RESTORE)
    assert [number for number, _ in kept(home)] == [1, 2, 3, 4]
    assert not verify(home).fault


def test_the_trail_of_a_journal_from_elsewhere_gives_way_to_ours(home, tmp_path):
    other = Home(tmp_path / "other")
    filled(other)
    said(other, "theirs", "theirs too", "and this")
    said(home, "ours")
    filled(home)
    home.database.write_bytes(other.database.read_bytes())
    assert "entry 1 is another one" in verify(home).fault
    said(home, "of theirs", action=Action.RESTORE)
    assert kept(home) == [(1, "ours"), (2, "of theirs")]
    assert not verify(home).fault


def test_a_file_that_is_gone_comes_back_from_the_journal_and_says_so(home):
    filled(home)
    said(home, "one", "two")
    audit_file(home).unlink()
    catch_up(home)
    assert [entry.detail for entry in read_trail(home)] == [
        "one",
        "two",
        "put back from the journal: 2 entries",
    ]
    assert not verify(home).fault


def test_a_locked_journal_is_caught_up_with_later(home):
    filled(home)
    blocker = sqlite3.connect(home.database, isolation_level=None)
    blocker.execute("BEGIN EXCLUSIVE")
    words = {"who": "ann", "words": lambda _: "while it was locked"}
    assert append_if(home, Action.MANUAL, **words, journal_patience_ms=1)
    blocker.execute("ROLLBACK")
    blocker.close()
    assert kept(home) == []
    said(home, "afterwards")
    assert [detail for _, detail in kept(home)] == ["while it was locked", "afterwards"]


def test_a_torn_last_line_is_told_and_the_next_entry_goes_on_soundly(home):
    said(home, "one")
    with audit_file(home).open("ab") as file:
        file.write(b'{"sequence": 2, "at_')
    found = verify(home)
    assert (found.torn, found.fault, len(found.entries)) == (b'{"sequence": 2, "at_', "", 1)
    said(home, "two")
    found = verify(home)
    assert (found.torn, found.fault) == (b"", "")
    torn, two = found.entries[1:]
    assert torn.detail.startswith("taken away a torn line of 20 bytes: b'{\"seq")
    assert two.detail == "two"


def test_an_entry_that_lacks_only_its_end_counts(home):
    said(home, "one", "two")
    raw = audit_file(home).read_bytes()
    audit_file(home).write_bytes(raw[:-1])
    said(home, "three")
    assert [entry.detail for entry in verify(home).entries] == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (
            lambda lines: [lines[0], lines[1].replace("two", "2wo"), lines[2]],
            "entry 2 has been alt",
        ),
        (lambda lines: [lines[0], lines[2]], "entry 3 does not follow entry 1"),
        (lambda lines: [lines[1], lines[2]], "entry 2 does not follow nothing"),
        (lambda lines: [lines[0], lines[0], *lines[1:]], "entry 1 does not follow entry 1"),
        (lambda lines: [lines[0], "rubbish\n", lines[2]], ":2: is no JSON"),
        (lambda lines: [lines[0], '{"sequence": 2}\n', lines[2]], ":2: has not the fields"),
    ],
)
def test_the_first_broken_entry_is_named(home, harm, told):
    said(home, "one", "two", "three")
    lines = lines_of(home)
    audit_file(home).write_text("".join(harm(lines)))
    assert told in verify(home).fault


def test_entries_that_only_the_journal_has_are_named(home):
    filled(home)
    said(home, "one", "two", "three")
    lines = lines_of(home)
    audit_file(home).write_text("".join(lines[:2]))
    assert "entry 3 is in " in verify(home).fault
    audit_file(home).unlink()
    assert "entry 1 is in " in verify(home).fault


@pytest.mark.parametrize(
    "odd",
    [
        {"at_ms": 10**30},
        {"at_ms": -1},
        {"sequence": 2.0},
        {"sequence": True},
        {"detail": "\ud800"},
        {"detail": "two\nlines"},
        {"who": None},
        {"more": 1},
    ],
)
def test_a_line_that_no_entry_can_be_is_told(odd):
    entry = sealed(None, AT_MS, Action.STOP, who="ann", detail="one")
    with pytest.raises(EntryError):
        entry_of_line(json.dumps(asdict(entry) | odd).encode())


def test_a_line_that_no_entry_can_be_keeps_nobody_from_going_on(home):
    filled(home)
    said(home, "one", "two")
    lines = lines_of(home)
    broken = json.dumps(json.loads(lines[1]) | {"at_ms": 10**30})
    audit_file(home).write_text(f"{lines[0]}{broken}\n")
    said(home, "three")
    assert f"{audit_file(home)}:2: " in verify(home).fault
    put_back = "put back from the journal: 1 entries"
    assert [entry.detail for entry in read_trail(home)] == ["one", "two", put_back, "three"]


def test_a_gap_in_the_journal_is_filled_though_it_has_the_newest_entry(home):
    filled(home)
    said(home, "one", "two", "three")
    with sqlite3.connect(home.database) as connection:
        connection.execute("DELETE FROM audit WHERE sequence = 2")
    said(home, "four")
    assert [detail for _, detail in kept(home)] == ["one", "two", "three", "four"]


def test_a_row_of_the_journal_that_was_altered_is_named(home):
    filled(home)
    said(home, "one", "two")
    with sqlite3.connect(home.database) as connection:
        connection.execute("UPDATE audit SET detail = 'nothing' WHERE sequence = 2")
    connection.close()
    assert "entry 2 is another one" in verify(home).fault


def test_a_damaged_journal_keeps_nothing_from_the_file_but_is_told(home):
    home.database.parent.mkdir()
    home.database.write_bytes(b"no database at all" * 1000)
    said(home, "stopped", action=Action.STOP)
    assert [entry.detail for entry in read_trail(home)] == ["stopped"]
    with pytest.raises(AuditError, match="journal's part cannot be read"):
        verify(home)


def test_many_threads_make_one_chain(home):
    threads = [threading.Thread(target=said, args=(home, "a", "b", "c")) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verify(home)
    assert (len(found.entries), found.fault) == (15, "")


def test_a_file_that_another_process_holds_is_not_waited_for_for_ever(home):
    audit_file(home).parent.mkdir()
    descriptor = os.open(audit_file(home), os.O_RDWR | os.O_CREAT)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(AuditError, match="another process"), held(audit_file(home), 0.02):
        pass
    os.close(descriptor)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_what_cannot_be_written_is_told_and_nothing_is_raised(home, caplog):
    audit_file(home).parent.mkdir()
    audit_file(home).symlink_to("/dev/full")
    assert append_audit(home, Action.STOP, who="ann", detail="stop") is False
    assert "audit entry not written" in caplog.text


def test_a_directory_in_the_place_of_the_file_keeps_nobody_from_going_on(home, caplog):
    audit_file(home).mkdir(parents=True)
    assert append_audit(home, Action.STOP, who="ann", detail="stop") is False
    assert "audit entry not written" in caplog.text


def test_a_full_disk_leaves_the_entries_that_are_there(home):
    said(home, "one")
    before = audit_file(home).read_bytes()
    with held(audit_file(home)) as file, pytest.raises(OSError, match="No space left"):
        _limited(lambda: file.append("x" * 100_000 + "\n", len(before)))
    assert audit_file(home).read_bytes() == before


def _limited(act):
    """Run with files allowed to grow to 50 kB, which fails in the middle as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        act()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, ignored)
