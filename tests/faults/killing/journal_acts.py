"""Writers and migrations of the journal that are killed: what must be there afterwards."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import TextIO

from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.tables import REVISION
from core.model.chat import ChatMessage, ChatRole
from tests.core.journal.builders import M15_MS, decision, key, reading, shadow, signal
from tests.core.journal.older_schema import written_at
from tests.faults.killing.moments import Work, fork, killed

OLDEST = "0001"
_MOST_WRITES = 12  # of a writer before the moment of its end is near
_COMMIT_S = 0.004
_CHECKPOINT_EVERY = 4
_KEPT_ROWS = 40


def writing(folder: Path, random: Random) -> Iterator[str]:
    """An engine and a page write one journal and are killed, on and on in the same file."""
    path = folder / "trading_signals.db"
    Journal.open(database_url(path)).checkpoint_and_close()
    evaluations, messages = 0, 0
    while True:
        writers = [
            begun(partial(_write_evaluations, path, evaluations)),
            begun(partial(_write_messages, path, messages)),
        ]
        told = [killed_after(child, said, random) for child, said in writers]
        evaluations = _assert_whole(path, max([evaluations, *told[0]]))
        messages = _assert_said(path, max([messages, *told[1]]))
        yield from (f"after {len(acknowledged)} writes" for acknowledged in told)


def begun(write: Callable[[int], None]) -> tuple[int, TextIO]:
    """Start a writer; return it with what it acknowledges."""
    out, into = os.pipe()
    child = fork(partial(write, into))
    os.close(into)  # before another is forked, so that what this one says has an end
    return child, os.fdopen(out)


def killed_after(
    child: int,
    said: TextIO,
    random: Random,
    *,
    most: int = _MOST_WRITES,
    within_s: float = _COMMIT_S,
) -> list[int]:
    """Kill a writer near its n-th acknowledgement; return how many rows it said there are."""
    with said:
        told = [int(said.readline()) for _ in range(random.randrange(1, most))]
        assert killed(child, random.random() * within_s)
        return told + [int(line) for line in said if line.endswith("\n")]


def _write_evaluations(path: Path, first: int, acknowledge: int) -> None:
    journal = Journal.open(database_url(path))
    for n in count(max(first - 1, 0)):  # what was written last is repeated, as after a restart
        given = signal(key(n)) if n % 2 else None
        journal.record_evaluation(decision(key(n)), signal=given, shadows=[shadow(key(n))])
        os.write(acknowledge, f"{n + 1}\n".encode())
        journal.add_readings([reading("supertrend", n)])
        if n % _CHECKPOINT_EVERY == 0:
            journal.checkpoint_and_close()
            journal = Journal.open(database_url(path))


def _write_messages(path: Path, first: int, acknowledge: int) -> None:
    journal = Journal.open(database_url(path))
    for n in count(first):
        journal.add_chat_message(ChatMessage(ChatRole.USER, str(n), n))
        os.write(acknowledge, f"{n + 1}\n".encode())


def _assert_whole(path: Path, acknowledged: int) -> int:
    """All that was acknowledged and at most one more, each with all its rows; how many."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        bars = f"SELECT (open_time_ms - {key(0).open_time_ms}) / {M15_MS} FROM decisions ORDER BY 1"
        written = [n for (n,) in connection.execute(bars)]
        assert written == list(range(len(written)))
        assert len(written) - acknowledged in {0, 1}, f"{len(written)} of {acknowledged}"
        signals = connection.execute("SELECT id FROM signals ORDER BY id").fetchall()
        assert len(signals) == len(written) // 2
        for source in (
            "trades WHERE source = 'policy'",
            "decisions WHERE signal_id IS NOT NULL",
        ):
            linked = f"SELECT signal_id FROM {source} ORDER BY signal_id"
            assert connection.execute(linked).fetchall() == signals
        shadows = "SELECT count(*), count(DISTINCT open_time_ms) FROM trades WHERE source = 'rules'"
        assert connection.execute(shadows).fetchone() == (len(written), len(written))
        return len(written)


def _assert_said(path: Path, acknowledged: int) -> int:
    with closing(sqlite3.connect(path)) as connection:
        said = [int(n) for (n,) in connection.execute("SELECT text FROM chat_messages ORDER BY id")]
    assert len(set(said)) - acknowledged in {0, 1}, f"{len(said)} of {acknowledged}"
    assert sorted(set(said)) == list(range(len(set(said))))
    return len(set(said))


def migrating(folder: Path, random: Random) -> Iterator[str]:
    """A journal of the first release, whose writer was killed too, becomes one of ours."""
    template, place = folder / "template", folder / "place"
    path = place / "trading_signals.db"
    make_old(template, path.name)

    def prepare() -> None:
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(template, place)

    work = Work(lambda: Journal.open(database_url(path)).checkpoint_and_close(), prepare)
    _assert_migrated(path)
    while True:
        at = work.killed(random)
        found = revision(path)
        assert found in {OLDEST, REVISION}, f"{at}: {found}"
        Journal.open(database_url(path)).checkpoint_and_close()
        _assert_migrated(path)
        yield at


def make_old(folder: Path, name: str) -> None:
    """Make a journal of the first release; leave its rows in the write-ahead file."""
    made = folder.with_name("made")
    made.mkdir()
    written_at(made / name, OLDEST)
    with closing(sqlite3.connect(made / name)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")
        for n in range(_KEPT_ROWS):
            row = f"{n}, {10_000.0 + n}, 10000.0, {float(n)}"
            connection.execute(
                f"INSERT INTO equity (at_ms, equity, balance, open_pnl) VALUES ({row})"
            )
        connection.commit()
        shutil.copytree(made, folder)
    assert (folder / f"{name}-wal").stat().st_size > 0


def revision(path: Path) -> str:
    """Return the schema of a journal that was made old, with each of its rows."""
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert _equities(connection) == _KEPT_ROWS
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]


def _assert_migrated(path: Path) -> None:
    assert revision(path) == REVISION
    assert revision(path.with_name(f"{path.name}.pre_migration")) == OLDEST
    assert not list(path.parent.glob("*.part"))


def _equities(connection: sqlite3.Connection) -> int:
    return connection.execute(
        "SELECT count(*) FROM equity WHERE equity = 10000.0 + open_pnl"
    ).fetchone()[0]


ACTS: dict[str, Callable[[Path, Random], Iterator[str]]] = {
    "writing": writing,
    "migrating": migrating,
}
