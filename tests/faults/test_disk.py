"""A disk that is full, and homes that cannot be written: told in a line, and nothing is harmed."""

import ctypes
import json
import os
import shutil
import subprocess
import sys

import pytest

from core.config import REPOSITORY
from tests.builders import home as made_home
from tests.faults.places import FILL, on_small_disk

pytestmark = pytest.mark.faults

_PROLOGUE = """
import json, logging, os, shutil, sqlite3, subprocess, sys
from contextlib import closing
from pathlib import Path
from core.config import Home
from core.journal.database import database_url
from core.journal.journal import Journal
from ops.audit.entry import Action
from ops.audit.trail import append_audit
from ops.audit.verify import verify
from ops.backup.create import create_backup
from ops.backup.restore import restore_backup
from ops.database.rollback import roll_back
from ops.emergency.latch import let_go, prepare_latch, set_latch
from ops.logging_setup import configure_logging

home = Home(Path(sys.argv[1]))
home.create()
"""

FULL = f"""
{_PROLOGUE}
{FILL}
def told(action):
    try:
        return repr(action())
    except Exception as error:
        return type(error).__name__ + ": " + str(error)

def tree():
    return sorted(str(path.relative_to(home.root)) for path in home.root.rglob("*")
                  if not path.name.startswith("filler") and not path.name.endswith(".lock"))

def rows():
    with closing(sqlite3.connect(home.database)) as connection:
        return (connection.execute("PRAGMA integrity_check").fetchone()[0],
                connection.execute("SELECT count(*) FROM control").fetchone()[0])

prepare_latch(home.emergency_latch)
journal = Journal.open(database_url(home.database))
for n in range(100):
    journal.set_control(str(n), "x" * 100, n)
create_backup(home)
append_audit(home, Action.MANUAL, who="smoke", detail="before")
configure_logging(home.logs, "INFO", role="smoke")
logging.getLogger("core.engine").info("before")
journal.checkpoint_and_close()
shutil.copyfile(home.database, home.database.with_name(home.database.name + ".pre_migration"))
journal = Journal.open(database_url(home.database))
before = tree()
fill(home.root)
large = "x" * 1_000_000
found = {{
    "journal": told(lambda: journal.set_control("full", large, 1)),
    "backup": told(lambda: create_backup(home)),
    "restore": told(lambda: restore_backup(home, "latest")),
    "rollback": told(lambda: roll_back(home, who="smoke")),
    # The first may find room in what the file has of its last block.
    "audit": told(lambda: [append_audit(home, Action.MANUAL, who="smoke", detail="x" * 2000)
                           for _ in range(4)][-1]),
    "log": told(lambda: [logging.getLogger("core.engine").info("x" * 1000) for _ in range(20)]),
    "latch": told(lambda: set_latch(home.emergency_latch, "smoke")),
}}
found["left over"] = [path for path in tree() if path not in before]
found["rows while full"] = rows()
for path in home.root.glob("filler*"):
    path.unlink()
journal.set_control("after", "y", 1)
journal.checkpoint_and_close()
append_audit(home, Action.MANUAL, who="smoke", detail="after")
logging.getLogger("core.engine").info("afterwards")
found["after"] = {{
    "backup": create_backup(home).exists(),
    "restored": restore_backup(home, "latest").manifest.rows["control"],
    "audit": verify(home).fault,
    "log": "afterwards" in (home.logs / "trading.log").read_text(),
    "unlatched": let_go(home.emergency_latch),
}}
print(json.dumps(found))
"""


def test_on_a_full_disk_each_part_says_so_and_goes_on_once_there_is_room(tmp_path):
    said = on_small_disk(tmp_path / "disk", FULL, "24m")
    found = json.loads(said.lines[-1])
    assert found["journal"].startswith("UnavailableJournalError")
    assert found["backup"].startswith("BackupError")
    assert found["restore"].startswith("BackupError")
    assert found["rollback"].startswith("DatabaseError")
    assert found["audit"] == "False"
    assert "Error" not in found["log"]
    assert found["latch"] == "'renamed into place'"
    assert found["left over"] == ["data/EMERGENCY_STOP"]
    sound, rows = found["rows while full"]
    assert (sound, rows >= 100) == ("ok", True)
    assert found["after"] == {
        "backup": True,
        "restored": rows + 1,
        "audit": "",
        "log": True,
        "unlatched": True,
    }
    assert "Traceback" not in said.errors


READ_ONLY = f"""
{_PROLOGUE}
Journal.open(database_url(home.database)).checkpoint_and_close()
create_backup(home)
subprocess.run(["mount", "-o", "remount,ro", str(home.root)], check=True)
"""
COMMANDS = {
    "backup": 2,
    "restore latest": 2,
    "trade": 2,
    "start": 2,
    "emergency-stop": 1,
}
# Run by Python itself, within the name space or without the rights; the stop comes last, as it
# would end the others.
_RUN = f"""
import json, os, subprocess, sys
found = {{}}
def begin(words):
    return subprocess.Popen(
        [sys.executable, "main.py", *words.split()],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={{**os.environ, "TRADING_HOME": sys.argv[1]}},
    )
for group in ({[c for c in COMMANDS if c != "emergency-stop"]!r}, ["emergency-stop"]):
    running = {{words: begin(words) for words in group}}
    for words, process in running.items():
        found[words] = [*process.communicate(timeout=300), process.returncode]
print(json.dumps(found))
"""


def assert_told_in_a_line(found):
    for words, (out, errors, status) in found.items():
        assert status == COMMANDS[words], f"{words}: {status}: {out}{errors}"
        assert "Traceback" not in out + errors, words
        if words != "emergency-stop":
            assert len(errors.splitlines()) == 1, f"{words}: {errors}"
    proof = found["emergency-stop"][0]
    assert "latch      NOT HELD" in proof
    assert "NOT EVERYTHING HELD" in proof


def test_on_a_read_only_home_each_command_is_one_line(tmp_path):
    said = on_small_disk(tmp_path / "disk", READ_ONLY + _RUN, "24m")
    assert_told_in_a_line(json.loads(said.lines[-1]))


# What root has and others have not: rights on files that nobody granted.
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH, _PR_CAPBSET_DROP = 1, 2, 24


def _obey_permissions():
    """In the child, before it becomes our program: root too may do only what the mode says."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


@pytest.fixture
def forbidden(tmp_path):
    """A home whose folders nobody may change."""
    home = made_home(tmp_path / "home")
    folders = [home.root, *(path for path in home.root.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    yield home
    for folder in folders:
        folder.chmod(0o700)
    shutil.rmtree(home.root)


def test_where_permission_is_denied_each_command_is_one_line(forbidden):
    probe = ["touch", str(forbidden.root / "data" / "probe")]
    if subprocess.call(probe, preexec_fn=_obey_permissions, stderr=subprocess.DEVNULL) == 0:
        pytest.skip("this account may write wherever it likes")
    done = subprocess.run(
        [sys.executable, "-c", _RUN, str(forbidden.root)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
        preexec_fn=_obey_permissions,
    )
    assert_told_in_a_line(json.loads(done.stdout))
