"""What takes care of a home and of its processes, as somebody types it."""

import json
import os
import subprocess
import sys

import pytest

from core.config import REPOSITORY
from ops.schedule.care import alone
from tests.builders import home as made_home
from tests.system.product import NOON

pytestmark = pytest.mark.simulator


@pytest.fixture
def home(tmp_path):
    return made_home(tmp_path / "home")


def begin(home, *arguments, **environment):
    return subprocess.Popen(
        [sys.executable, str(REPOSITORY / "main.py"), *arguments],
        env={**os.environ, **NOON, "TRADING_HOME": str(home.root), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(process):
    """Return exit status, stdout and stderr; a traceback is never an answer."""
    told, complained = process.communicate(timeout=300)
    assert "Traceback" not in complained, complained
    return process.returncode, told, complained


def backups(home):
    return sorted((home.root / "backups").glob("backup_*"))


def test_cron_and_engine_at_the_same_time_do_the_work_once(home):
    both = [begin(home, "maintenance", "--due") for _ in range(2)]
    results = [ended(process) for process in both]
    assert [status for status, _, _ in results] == [0, 0], results
    assert "".join(told for _, told, _ in results).count("daily: ") == 1
    assert json.loads((home.root / "data" / "schedule.json").read_text())["daily"]["succeeded_s"]
    assert "maintenance done" in (home.logs / "cache_manager.log").read_text()
    assert not (home.run / "maintenance.lock").exists()


def test_by_hand_it_is_done_again_and_a_failure_is_status_1(home):
    assert ended(begin(home, "maintenance"))[0] == 0
    made = len(backups(home))
    assert ended(begin(home, "maintenance", "--daily"))[0] == 0
    assert len(backups(home)) > made
    home.database.write_bytes(b"no database" * 1000)
    status, _, complained = ended(begin(home, "maintenance", "--weekly"))
    assert status == 1
    assert "weekly: database FAILED" in complained


def test_a_configuration_that_does_not_fit_updates_nothing(home):
    status, told, complained = ended(begin(home, "update", ENGINE_PORT="none"))
    assert (status, told) == (2, "")
    assert "ENGINE_PORT" in complained


def test_a_unit_is_written_only_where_it_is_asked_for(home, tmp_path):
    user = {"HOME": str(tmp_path / "user"), "PATH": "/nonexistent"}
    status, told, _ = ended(
        begin(home, "install-service", "--system", "systemd", "--print", **user)
    )
    assert status == 0
    assert f"TRADING_HOME={home.root}" in told
    assert not (tmp_path / "user").exists()
    install = ("install-service", "--system", "systemd")
    status, told, _ = ended(begin(home, *install, **user))
    assert status == 0
    assert "systemctl --user enable --now deepseek-trading.service" in told
    assert ended(begin(home, *install, "--enable", **user))[0] == 1
    assert ended(begin(home, *install, "--uninstall", **user))[0] == 0
    assert not list((tmp_path / "user").rglob("*.service"))


def test_a_start_that_the_disk_refuses_is_one_line(home):
    home.database.write_bytes(b"no database" * 1000)
    home.damage_mark.mkdir()  # as no file can be written there
    ports = {"DASHBOARD_PORT": "8338", "ENGINE_PORT": "8339"}
    status, _, complained = ended(begin(home, "trade", **ports))
    assert (status, complained.count("\n")) == (1, 1)
    assert str(home.damage_mark) in complained


def test_an_update_waits_for_maintenance_and_says_so(home):
    with alone(home, 0.0):
        updating = begin(home, "update")
        assert "another process takes care" in updating.stdout.readline()
    assert "program   ok" in ended(updating)[1]
