"""One small journal, made once: migrating takes longer than all that is tried with it."""

import shutil

import pytest

from core.config import REPOSITORY
from core.journal.database import database_url
from core.journal.journal import Journal
from tests.builders import home as made_home

NOW_S = 1_790_000_000.0  # 2026-09-21 14:13:20 UTC


@pytest.fixture(scope="session")
def small_journal(tmp_path_factory):
    path = tmp_path_factory.mktemp("journal") / "trading_signals.db"
    journal = Journal.open(database_url(path))
    journal.set_control("kept", "before", 1)
    journal.checkpoint_and_close()
    return path


@pytest.fixture
def home(tmp_path, small_journal, monkeypatch):
    """A home with a journal, a report and a configuration."""
    made = made_home(tmp_path / "home")
    shutil.copyfile(small_journal, made.database)
    (made.reports / "daily_2026-09-20.json").write_text("{}")
    shutil.copyfile(REPOSITORY / "config.yaml", tmp_path / "config.yaml")
    monkeypatch.setenv("TRADING_CONFIG", str(tmp_path / "config.yaml"))
    return made
