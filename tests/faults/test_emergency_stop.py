"""The emergency stop against real processes that do not want to end, and disks that are full."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing

import psutil
import pytest

from core.config import Home, load_settings
from core.emergency_latch import EmergencyLatch
from core.journal.database import database_url
from core.journal.journal import Journal
from ops.backup.restore import restore_backup
from ops.emergency.relaunch import relaunch
from ops.emergency.release import release
from ops.emergency.stop import emergency_stop
from ops.launch import Installation
from ops.processes import ProcessIdentity, Role, pid_file
from tests.builders import home as made_home
from tests.faults.places import on_small_disk
from tests.system.product import MAIN, Product, until

pytestmark = pytest.mark.faults

ASKED = (Role.DASHBOARD, Role.ENGINE)
OBEYS = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('up', flush=True)\nwhile True: pass"
)


@pytest.fixture
def home(tmp_path):
    return made_home(tmp_path / "home")


@pytest.fixture
def spawn(home):
    """Start a process that is up, and register it as a role by hand."""
    started = []

    def start(role, program=OBEYS):
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        started.append(process)
        process.stdout.readline()
        identity = ProcessIdentity.of(process.pid)
        told = {"pid": identity.pid, "started_s": identity.started_s, "port": None}
        pid_file(home.run, role).write_text(json.dumps(told))
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def stopped(home, **options):
    return emergency_stop(home, who="me", reason="smoke", **options)


def steps(proof):
    return {step.name: step for step in proof.steps}


def is_alive(process):
    return process.poll() is None


def test_the_latch_comes_first_and_the_rest_is_ended_in_order(home, spawn):
    processes = {role: spawn(role) for role in (Role.DASHBOARD, Role.ENGINE, Role.SUPERVISOR)}
    proof = stopped(home)
    names = [step.name for step in proof.steps]
    assert names[:4] == ["latch", "supervisor", "engine", "dashboard"]
    assert proof.held
    for role, process in processes.items():
        assert str(process.pid) in steps(proof)[role].result
        assert process.wait(60) == -signal.SIGTERM


def test_what_is_stopped_or_loops_is_killed(home, spawn):
    frozen, looping = spawn(Role.SUPERVISOR), spawn(Role.ENGINE, STUBBORN)
    frozen.send_signal(signal.SIGSTOP)
    proof = stopped(home)
    assert proof.held
    assert {frozen.wait(60), looping.wait(60)} == {-signal.SIGKILL}
    assert steps(proof)["engine"].result.endswith("KILL")


def test_the_page_that_asks_lives_on_and_its_supervisor_cannot_take_it_along(home, spawn):
    supervisor, engine, page = (spawn(r) for r in (Role.SUPERVISOR, Role.ENGINE, Role.DASHBOARD))
    assert stopped(home, spare=Role.DASHBOARD).held
    assert supervisor.wait(60) == -signal.SIGKILL
    assert engine.wait(60) == -signal.SIGTERM
    assert is_alive(page)


def test_somebody_else_who_has_the_pid_by_now_is_left_alone(home, spawn):
    innocent = spawn(Role.ENGINE)
    path = pid_file(home.run, Role.ENGINE)
    told = json.loads(path.read_text())
    path.write_text(json.dumps(told | {"started_s": told["started_s"] - 60}))
    assert steps(stopped(home))["engine"].result == "was not running"
    assert is_alive(innocent)


def test_a_locked_journal_costs_the_backup_and_nothing_else(home, spawn):
    Journal.open(database_url(home.database)).checkpoint_and_close()
    engine = spawn(Role.ENGINE)
    with closing(sqlite3.connect(home.database, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        proof = stopped(home)
    assert proof.failed == ("backup",)
    assert "locked" in steps(proof)["backup"].result
    assert engine.wait(60) == -signal.SIGTERM


def test_a_corrupt_journal_costs_the_backup_and_nothing_else(home):
    home.database.write_bytes(os.urandom(20_000))
    assert stopped(home, close=True).failed == ("positions", "backup")


def test_on_a_full_disk_the_latch_holds_and_the_processes_end(tmp_path):
    """In a file system of its own, which is filled to the last byte and the last file."""
    script = (
        "import sys; from pathlib import Path\n"
        "from core.config import Home\n"
        "from ops.emergency.latch import prepare_latch\n"
        "from ops.emergency.stop import emergency_stop\n"
        "home = Home(Path(sys.argv[1])); home.create(); prepare_latch(home.emergency_latch)\n"
        "with open(home.root / 'filler', 'wb', buffering=0) as filler:\n"
        "    for size in (1 << 16, 1):\n"
        "        try:\n"
        "            while filler.write(b'x' * size): pass\n"
        "        except OSError: pass\n"
        "try:\n"
        "    for n in range(10_000): (home.root / str(n)).touch()\n"
        "except OSError: pass\n"
        "proof = emergency_stop(home, who='me', reason='smoke')\n"
        "print(proof.steps[0].result.split()[1], proof.latched, *proof.failed)\n"
    )
    said = on_small_disk(tmp_path / "disk", script, size="1m", inodes="64")
    how, latched, *failed = said.lines[-1].split()
    assert (how, latched) == ("renamed", "True"), said
    assert set(failed) == {"backup", "log"}


def test_processes_whose_pid_files_are_gone_are_found_by_program_and_home(tmp_path):
    """An engine in the foreground, whose ``data/run`` somebody has deleted."""
    product = Product(tmp_path / "home", {"BINANCE_FUTURES_REST_URL": "http://127.0.0.1:9"})
    with (tmp_path / "printed").open("wb") as printed:
        engine = subprocess.Popen(
            [*MAIN, "trade"], env=product.environment, stdout=printed, stderr=printed
        )
        try:
            until(lambda: product.process(Role.ENGINE), what="a registered engine")
            shutil.rmtree(product.home.run)
            proof = stopped(product.home)
            assert str(engine.pid) in steps(proof)["engine"].result
            assert engine.wait(60) is not None
        finally:
            engine.kill()
            engine.wait()


def test_the_whole_product_ends_stays_ended_and_comes_back_when_resumed(tmp_path):
    product = Product(tmp_path, demo=True)
    try:
        assert product.run("demo").returncode == 0
        until(lambda: product.count("decisions") > 0, what="a decision")
        roles = (Role.SUPERVISOR, Role.ENGINE, Role.DASHBOARD, Role.SIMULATOR)
        running = [until(lambda r=r: product.process(r), what=r) for r in roles]
        os.kill(running[1].pid, signal.SIGSTOP)
        stop = product.run("emergency-stop", "--reason", "smoke")
        assert stop.returncode == 0, stop.stdout + stop.stderr
        assert not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in running)
        assert "smoke" in EmergencyLatch(product.home.emergency_latch)()
        (made,) = (product.home.root / "backups").glob("backup_*.tar.gz")
        assert restore_backup(product.home, made.name).manifest.rows["decisions"] > 0
        assert EmergencyLatch(product.home.emergency_latch)()

        again = product.run("demo")
        assert "make resume" in again.stdout
        until(lambda: "status=3, not restarted" in _log(product.home), what="a refused engine")
        assert product.process(Role.ENGINE) is None

        assert product.run("resume").returncode == 2  # without a reason
        decided = product.count("decisions")
        assert product.run("resume", "--reason", "looked at it").returncode == 0
        until(lambda: product.count("decisions") > decided, what="a decision after resuming")
    finally:
        product.end()


def test_a_spared_page_brings_everything_back(tmp_path, monkeypatch):
    product = Product(tmp_path, demo=True)
    for name, value in product.environment.items():
        monkeypatch.setenv(name, value)
    try:
        assert product.run("demo").returncode == 0
        page, engine = (until(lambda r=r: product.process(r), what=r) for r in ASKED)
        assert stopped(product.home, spare=Role.DASHBOARD).held
        assert product.process(Role.SUPERVISOR) is None
        until(product.health, what="the answer of the page that was spared")
        assert product.process(Role.DASHBOARD).pid == page.pid

        assert release(product.home, who="me", reason="looked at it")
        starter = relaunch(Installation(product.home, load_settings(demo=True), demo=True))
        again = until(lambda: product.process(Role.ENGINE), what="an engine")
        assert again.pid != engine.pid
        until(product.engine_health, what="an engine that answers")
        assert product.process(Role.SUPERVISOR) is not None
        until(lambda: (product.process(Role.DASHBOARD) or page).pid != page.pid, what="a new page")
        assert starter.wait(300) == 0
        until(product.health, what="the answer of the new page")
    finally:
        product.end()


def _log(home: Home) -> str:
    return (home.logs / "system.log").read_text()
