import os
import socket
from contextlib import ExitStack

import pytest

from core.config import Home
from ops.metrics_export.machine import (
    backup_part,
    build_part,
    disk_part,
    process_part,
    role_part,
)
from ops.processes import Role, registered
from tests.ops.metrics_export.reading import samples

MADE_S = 1_750_000_000.0  # 2025-06-15 15:06:40 UTC


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path)
    made.create()
    (tmp_path / "backups").mkdir(exist_ok=True)
    return made


def test_this_process_is_told():
    before = samples(process_part())
    with ExitStack() as opened:
        for _ in range(20):
            opened.enter_context(socket.socket())
        after = samples(process_part())
    assert before["process_resident_memory_bytes",] > 10e6
    assert after["process_open_fds",] >= before["process_open_fds",] + 10  # others may close some
    assert after["process_cpu_seconds_total",] >= before["process_cpu_seconds_total",] > 0
    assert before["process_start_time_seconds",] > MADE_S
    assert before["process_threads",] >= 1


def test_the_processes_of_the_home_are_told_and_those_that_do_not_run(home):
    with registered(home.run, Role.ENGINE):
        told = samples(role_part(home))
    assert told["trading_role_up", "engine"] == 1
    assert told["trading_role_up", "dashboard"] == 0
    assert told["trading_role_memory_bytes", "engine"] > 10e6
    assert ("trading_role_memory_bytes", "dashboard") not in told


def test_a_home_without_journal_or_backup_has_no_size_of_them(home):
    told = samples(disk_part(home)) | samples(backup_part(home, lambda: MADE_S))
    assert told["trading_disk_size_bytes",] >= told["trading_disk_free_bytes",] > 0
    assert told["trading_backups",] == 0
    assert told["trading_emergency_stop",] == 0
    assert not any(key[0].startswith(("trading_journal", "trading_backup_")) for key in told)


def test_journal_latch_and_newest_backup_are_told(home):
    home.database.write_bytes(b"x" * 4_096)
    home.emergency_latch.touch()
    folder = home.root / "backups" / "backup_20250615_150000"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "a").write_bytes(b"x" * 30)
    (folder / "b").write_bytes(b"x" * 12)
    (home.root / "backups" / "backup_20250101_000000.tar.gz").write_bytes(b"x")
    told = samples(disk_part(home)) | samples(backup_part(home, lambda: MADE_S))
    assert told["trading_journal_size_bytes", "database"] == 4_096
    assert told["trading_emergency_stop",] == 1
    assert told["trading_backups",] == 2
    assert told["trading_backup_age_seconds",] == 400
    assert told["trading_backup_size_bytes",] == 42


def test_what_runs_is_told():
    ((key, value),) = samples(build_part(Role.ENGINE)).items()
    assert value == 1
    assert key[2] == "engine"
    assert key[1].split(".")[0] == "3"
    assert os.sep not in "".join(key[1:])
