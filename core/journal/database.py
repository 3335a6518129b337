"""Connections to the journal's database: who may write, how durably, and where it is."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from enum import Enum
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool, QueuePool

from core.config.home import DAMAGE_MARK
from core.journal.errors import (
    DamagedJournalError,
    JournalError,
    MissingJournalError,
    UnavailableJournalError,
)

BUSY_TIMEOUT_MS = 5_000
"""For how long a writer waits for another; the longest transaction of ours is far shorter."""

_FILE = "file"  # which one a connection is to, among what the pool knows of it
# What a full disk or another's lock is told as; SQLite keeps details in the higher bytes.
_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
}


class Access(Enum):
    """What a connection is for; the value is its SQLite ``synchronous`` level."""

    DURABLE = "FULL"
    """Writes that survive a power cut once acknowledged."""
    LIGHT = "NORMAL"
    """Writes that survive a crash of the program, perhaps not a power cut."""
    READ = "OFF"
    """No writes at all."""


def database_url(path: Path) -> URL:
    """Return the URL of a SQLite journal at ``path``, whatever characters the path holds."""
    return URL.create("sqlite", database=str(path))


def open_engine(
    url: str | URL,
    access: Access,
    *,
    patience_ms: int = BUSY_TIMEOUT_MS,
    waited_s: Callable[[float], None] | None = None,
) -> Engine:
    """
    Prepare connections; on SQLite each transaction of a writer locks at once.

    A reader holds no connection between two calls, so that it never keeps a
    write-ahead file alive. Nobody goes on with an old file that was replaced, as by a restore.

    Args:
        url: Of the database.
        access: What for.
        patience_ms: For how long it waits for somebody else's transaction.
        waited_s: Told for how long each transaction waited for its lock, also where in vain.

    Raises:
        MissingJournalError: If a reader's SQLite file does not exist.
        DamagedJournalError: If a damaged one was set aside and nobody has decided what comes.
        JournalError: If a writer's directory cannot be made, or the URL is not one.
    """
    try:
        url = make_url(url)
        if url.get_backend_name() != "sqlite":
            return create_engine(url, pool_pre_ping=True)
    except (SQLAlchemyError, ImportError) as error:
        raise JournalError(f"database URL: {error}") from error
    if not url.database or url.database == ":memory:":
        raise JournalError("database URL: the journal is shared by processes; name a file")
    path = Path(url.database)
    if access is Access.READ:
        _must_exist(path)
    else:
        _refuse_set_aside(path)
        _make_directory(path.parent)
    engine = create_engine(
        url,
        creator=_connector(path, access, patience_ms),
        poolclass=NullPool if access is Access.READ else QueuePool,
    )
    start = "BEGIN" if access is Access.READ else "BEGIN IMMEDIATE"

    _follow_file(engine, path)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        begun_s = time.monotonic()
        try:
            # Said to the driver: SQLAlchemy's own way to it costs more than the statement.
            connection.connection.cursor().execute(start)
        finally:
            if waited_s is not None:
                waited_s(time.monotonic() - begun_s)

    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """
    Run a block in one transaction: all of it is committed, or nothing.

    Raises:
        UnavailableJournalError: If the database refuses for a reason that may pass.
        JournalError: If it refuses for good; both name the database and its reason.
    """
    try:
        with engine.begin() as connection:
            yield connection
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise _translated(engine, error) from error


def _translated(engine: Engine, error: SQLAlchemyError | sqlite3.Error) -> JournalError:
    reason = error.orig if isinstance(error, DBAPIError) else error
    kind = UnavailableJournalError if _may_pass(error) else JournalError
    return kind(f"{place(engine)}: {reason}")


def _may_pass(error: SQLAlchemyError | sqlite3.Error) -> bool:
    reason = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(reason, sqlite3.Error):
        return isinstance(error, OperationalError)
    # Absent where the driver itself complains.
    code: int = getattr(reason, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF in _PASSING


def place(engine: Engine) -> str:
    """Name the database for people: a path, or a URL without its password."""
    if engine.dialect.name == "sqlite":
        return str(engine.url.database)
    return engine.url.render_as_string(hide_password=True)


def checkpoint(engine: Engine) -> None:
    """Move everything from SQLite's write-ahead file into the database itself."""
    if engine.dialect.name != "sqlite":
        return
    try:
        # Outside SQLAlchemy's transaction: a checkpoint cannot run inside one.
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise _translated(engine, error) from error


def _must_exist(path: Path) -> None:
    try:
        found = path.is_file()
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror}") from error
    if not found:
        raise MissingJournalError(f"{path}: no such database; nothing has been recorded there yet")


def _refuse_set_aside(path: Path) -> None:
    """Nobody begins an empty journal in the place of a damaged one before a person has said so."""
    mark = path.with_name(DAMAGE_MARK)
    if mark.exists() and not path.exists():
        raise DamagedJournalError(
            f"{path}: was damaged and is set aside, see {mark}; "
            "make restore BACKUP=latest, or python main.py db new"
        )


def _make_directory(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise JournalError(f"{path}: {error.strerror}") from error


def _follow_file(engine: Engine, path: Path) -> None:
    """Have kept connections opened anew once another file lies at ``path``."""

    @event.listens_for(engine, "connect")
    def connected(_: object, record: ConnectionPoolEntry) -> None:
        record.info[_FILE] = _identity(path)

    @event.listens_for(engine, "checkout")
    def taken(_: object, record: ConnectionPoolEntry, __: object) -> None:
        # One that is gone without another in its place is left to whoever writes.
        if _identity(path) not in {None, record.info[_FILE]}:
            raise DisconnectionError(f"{path} is another file by now")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _connector(path: Path, access: Access, patience_ms: int) -> Callable[[], sqlite3.Connection]:
    mode = "rw" if access is Access.READ else "rwc"
    uri = f"file:{quote(str(path.absolute()))}?mode={mode}"

    def connect() -> sqlite3.Connection:
        # No isolation level: SQLAlchemy says BEGIN, so that DDL is transactional too.
        connection = sqlite3.connect(
            uri,
            uri=True,
            timeout=patience_ms / 1000,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            if access is Access.READ:
                # Not mode=ro: such a connection could not tidy up the write-ahead file.
                connection.execute("PRAGMA query_only = ON")
            else:
                if connection.execute("PRAGMA page_count").fetchone() == (0,):
                    # Of a new file only: its free pages can be given back bit by bit.
                    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(f"PRAGMA synchronous = {access.value}")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    return connect
