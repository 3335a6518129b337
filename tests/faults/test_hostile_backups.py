"""Backups that were damaged or made by an enemy, through the command: status 2, nothing changed."""

import gzip
import io
import json
import os
import random
import subprocess
import sys
import tarfile
from hashlib import sha256

import pytest

from core.config import REPOSITORY
from core.journal.database import database_url
from core.journal.journal import Journal
from ops.backup.create import create_backup
from tests.builders import home as made_home
from tests.system.product import MAIN

pytestmark = pytest.mark.faults

EVIL = "/tmp/evil-of-a-backup"  # noqa: S108 - where nothing may be written
NAME = "backup_20260921_141320"
MADE_S = 1_790_000_000.0
# Seeded places of each third of the file, besides its first and last bytes.
PLACES_IN_EACH_PART = 2


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    made = made_home(tmp_path_factory.mktemp("hostile") / "home")
    journal = Journal.open(database_url(made.database))
    journal.set_control("state", "before", 1)
    journal.checkpoint_and_close()
    (made.reports / "daily_2026-09-20.json").write_text("{}")
    create_backup(made, clock=lambda: MADE_S)
    return made


@pytest.fixture(scope="module")
def sound(home):
    """The bytes of a backup that could be restored."""
    return (home.root / "backups" / f"{NAME}.tar.gz").read_bytes()


def damaged(content):
    """One copy for each region of the file with a wrong byte in it, and some that were cut."""
    rng = random.Random(20261121)  # noqa: S311 - repeatable, not secret
    third = len(content) // 3
    # Bytes 4 to 9 of a gzip file, its time and system, mean nothing to anybody.
    places = [0, 2, 3, *range(len(content) - 8, len(content), 3)]
    places += [
        part * third + rng.randrange(third) for part in range(3) for _ in range(PLACES_IN_EACH_PART)
    ]
    for place in places:
        wrong = bytearray(content)
        wrong[place] ^= 0xFF
        yield f"byte {place}", bytes(wrong)
    for length in (0, 1, third, len(content) - 1):
        yield f"cut to {length}", content[:length]


def members(content):
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        return [(m, tar.extractfile(m).read() if m.isreg() else b"") for m in tar]


def packed(entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for info, content in entries:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(out.getvalue())


def hostile(content):
    """Archives that would write elsewhere, by their members or by their manifest."""
    for name in ("../evil", EVIL, f"{NAME}/../../evil", f"{NAME}/data/../../x"):
        yield name, packed([*members(content), (tarfile.TarInfo(name), b"evil")])
        named = members(content)
        manifest = json.loads(named[0][1])
        path = name.removeprefix(f"{NAME}/")
        manifest["members"][path] = {"bytes": 4, "sha256": sha256(b"evil").hexdigest()}
        named[0] = (named[0][0], json.dumps(manifest).encode())
        yield f"{name} in the manifest", packed([*named, (tarfile.TarInfo(name), b"evil")])
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
        link = tarfile.TarInfo(f"{NAME}/reports/link")
        link.type, link.linkname = kind, "/etc/passwd"
        yield f"member of type {kind!r}", packed([*members(content), (link, b"")])


def state(root):
    """Every file below and beside a home, but for locks and what is told of the attempt."""
    found = {}
    for path in sorted(root.parent.rglob("*")):
        told = path.relative_to(root.parent).parts
        if path.is_file() and "logs" not in told and path.suffix != ".lock":
            found["/".join(told)] = sha256(path.read_bytes()).hexdigest()
    return found


# The command line itself, in a child for each name: importing takes longer than refusing.
DRIVER = """
import json, os, sys, tempfile
import main, ops.backup.restore, ops.commands.backup

def run(*words):
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
            sys.argv = ["main.py", *words]
            status = 1
            try:
                main.cli()
                status = 0
            except SystemExit as ended:
                status = ended.code or 0
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said.seek(0)
        return status, said.read().decode()

print(json.dumps([run("restore", name) for name in sys.argv[1:]]))
"""


def restored(home, batch):
    """Have each of a batch restored by the command; return status and words of each."""
    names = {}
    for n, (what, content) in enumerate(batch):
        names[what] = home.root / "backups" / f"backup_20200101_{n:06d}.tar.gz"
        names[what].write_bytes(content)
    before = state(home.root)
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, *(path.name for path in names.values())],
        cwd=REPOSITORY,
        env={**os.environ, "TRADING_HOME": str(home.root)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert state(home.root) == before
    for path in names.values():
        path.unlink()
    return dict(zip(names, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("copies", [damaged, hostile])
def test_the_command_refuses_in_one_line_and_changes_nothing(home, sound, copies):
    for what, (status, words) in restored(home, copies(sound)).items():
        assert status == 2, f"{what}: {status}: {words}"
        assert len(words.splitlines()) == 1, f"{what}: {words}"
        assert "Restored" not in words, what
    assert not os.path.lexists(EVIL)


def test_the_same_command_restores_the_sound_one(home, sound):
    """Or the refusals above would prove nothing."""
    path = home.root / "backups" / "backup_20200102_000000.tar.gz"
    path.write_bytes(sound)
    done = subprocess.run(
        [*MAIN, "restore", path.name],
        env={**os.environ, "TRADING_HOME": str(home.root)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
