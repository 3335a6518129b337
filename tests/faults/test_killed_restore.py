"""A restore that is killed at any step on the disk leaves the old journal or the new one."""

import json
import shutil
import subprocess
import sys

import pytest

from core.config import REPOSITORY
from core.journal.database import database_url
from core.journal.journal import Journal
from tests.builders import home as made_home

pytestmark = pytest.mark.faults

# Forks a restore for each step at which it is killed: importing takes longer than restoring.
DRIVER = """
import json, os, shutil, signal, sqlite3, sys
from pathlib import Path
from core.config import Home
from ops.backup.restore import restore_backup
from ops.backup.swap import finish_restore

STEPS = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "open"}

def killed_at(step, home):
    left = [step]
    def hook(event, arguments):
        if event in STEPS and str(home.root) in str(arguments[0]):
            left[0] -= 1
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)
    child = os.fork()
    if not child:
        sys.addaudithook(hook)
        restore_backup(home, "latest")
        os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL

def state(home):
    connection = sqlite3.connect(home.database)
    (sound,) = connection.execute("PRAGMA integrity_check").fetchone()
    (value,) = connection.execute("SELECT value FROM control WHERE key = 'state'").fetchone()
    connection.close()
    return sound, value

template, place = Path(sys.argv[1]), Path(sys.argv[2])
found, step, killed = [], 0, True
while killed:
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(template, place)
    home = Home(place)
    killed = killed_at(step, home)
    decided = (place / "data" / ".restore").exists()
    finish_restore(home)
    found.append([decided, *state(home), (place / "data" / ".restore").exists()])
    step += 1
print(json.dumps(found))
"""


@pytest.fixture
def template(tmp_path):
    """A home whose journal says ``new``, and whose backup says ``old``."""
    home = made_home(tmp_path / "template")
    journal = Journal.open(database_url(home.database))
    for state in ("old", "new"):
        journal.set_control("state", state, 1)
        if state == "old":
            command = (
                "import sys; from pathlib import Path; from core.config import Home\n"
                "from ops.backup.create import create_backup\n"
                "create_backup(Home(Path(sys.argv[1])), clock=lambda: 1_790_000_000.0)"
            )
            subprocess.run(
                [sys.executable, "-c", command, str(home.root)], cwd=REPOSITORY, check=True
            )
    journal.close()
    return home.root


def test_killed_at_each_step_it_leaves_one_whole_journal(template, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(template), str(tmp_path / "place")],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found) > 30, "it was never killed"
    assert {sound for _, sound, _, _ in found} == {"ok"}
    values = [value for _, _, value, _ in found]
    # Old before the decision, restored from then on, never back and forth.
    assert values == sorted(values, key=["new", "old"].index)
    assert set(values) == {"new", "old"}
    assert all(value == "old" for decided, _, value, _ in found if decided)
    assert not any(unfinished for _, _, _, unfinished in found)
    shutil.rmtree(tmp_path / "place")
