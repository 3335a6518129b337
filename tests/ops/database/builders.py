"""Homes with a journal in them."""

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from core.journal.database import database_url
from core.journal.journal import Journal
from tests.builders import START_MS

ROWS = 20


@cache
def _journal():
    """Migrations take a quarter of a second: once is enough."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "journal.db")
        journal = Journal.open(database_url(path))
        for number in range(ROWS):
            journal.set_control(f"key {number}", "x" * 200, START_MS)
        journal.checkpoint_and_close()
        return path.read_bytes()


def filled(home):
    """Put a journal with control values in it into a home."""
    home.database.parent.mkdir(parents=True, exist_ok=True)
    home.database.write_bytes(_journal())


def torn(home):
    """Break pages in the middle, as a bad disk does."""
    with home.database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 12_288)


def controls(path):
    """How many control values a database holds."""
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT count(*) FROM control").fetchone()[0]
