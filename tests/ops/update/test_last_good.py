import json
import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from ops.update.last_good import commit_of, last_good, last_good_file, remember_good, way_back
from tests.builders import home as made_home

OLD, NEW, NEWER = "a" * 40, "b" * 40, "c" * 40


@pytest.fixture
def home(tmp_path):
    return made_home(tmp_path / "home")


def test_the_way_back_leads_to_what_came_up_before(home):
    assert way_back(home, OLD) == ""
    remember_good(home, commit=OLD, clock=lambda: datetime(2026, 11, 21, tzinfo=UTC))
    assert last_good(home).at == "2026-11-21T00:00:00Z"
    assert way_back(home, OLD) == ""
    assert way_back(home, NEW) == OLD
    remember_good(home, commit=NEW)
    assert way_back(home, NEW) == OLD
    assert way_back(home, NEWER) == NEW
    remember_good(home, commit=NEW)
    assert way_back(home, NEW) == OLD


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", json.dumps({"revision": "x; rm -rf /"}), "[" * 100_000],
)
def test_a_damaged_note_is_none(home, text):
    last_good_file(home).write_text(text)
    assert last_good(home) is None


def test_a_note_that_names_no_commit_is_none(home):
    remember_good(home, commit=OLD)
    told = json.loads(last_good_file(home).read_text())
    last_good_file(home).write_text(json.dumps(told | {"revision": "--force"}))
    assert last_good(home) is None


def test_without_a_checkout_there_is_no_commit(tmp_path):
    assert commit_of(tmp_path / "none") == ""


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed here")
def test_the_commit_is_that_which_is_checked_out(tmp_path):
    def git(*words):
        who = ("-c", "user.name=me", "-c", "user.email=me@localhost")
        done = subprocess.run(
            ["git", "-C", str(tmp_path), *who, *words], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    git("init", "--quiet")
    assert commit_of(tmp_path) == ""
    git("commit", "--quiet", "--allow-empty", "-m", "first")
    assert commit_of(tmp_path) == git("rev-parse", "HEAD")
