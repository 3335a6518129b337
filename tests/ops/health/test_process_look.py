import json
import os
import sys
import time
from dataclasses import asdict
from subprocess import PIPE, Popen

import psutil
import pytest

from core.model.health import Level
from ops.health.process_look import ProcessLook
from ops.processes import ProcessIdentity, Role, pid_file, registered


def test_memory_is_that_of_our_registered_processes(tmp_path):
    with registered(tmp_path, Role.ENGINE):
        seen = ProcessLook(tmp_path).memory()
    assert seen.value == pytest.approx(psutil.Process().memory_info().rss / 1024**2, rel=0.2)
    assert "engine" in seen.words


def test_the_processor_is_judged_only_over_a_whole_minute(tmp_path):
    now_s = [0.0]
    look = ProcessLook(tmp_path, monotonic=lambda: now_s[0], cores=2)
    with registered(tmp_path, Role.ENGINE):
        assert look.cpu().level is Level.UNKNOWN
        now_s[0] = 59.0
        assert look.cpu().level is Level.UNKNOWN
        before_s = sum(os.times()[:2])
        while sum(os.times()[:2]) - before_s < 0.02:
            time.process_time()
        now_s[0] = 60.0
        seen = look.cpu()
    assert seen.level is None
    assert seen.value is not None
    assert 0.0 < seen.value < 100.0


def test_of_nobody_nothing_can_be_said(tmp_path):
    with pytest.raises(psutil.Error):
        ProcessLook(tmp_path).memory()


# A process with a child; both wait, so that neither grows while it is looked at.
PARENT = """
import subprocess, sys
waits = [sys.executable, "-S", "-c", "print(flush=True); input()"]
with subprocess.Popen(waits, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
    child.stdout.readline()
    print(child.pid, flush=True)
    input()
    child.communicate(b"\\n")
"""


def test_a_child_of_ours_is_one_of_ours_and_what_it_shares_counts_once(tmp_path):
    command = [sys.executable, "-S", "-c", PARENT]
    with Popen(command, stdin=PIPE, stdout=PIPE) as parent:
        child = psutil.Process(int(parent.stdout.readline()))
        ours = ProcessIdentity.of(parent.pid)
        pid_file(tmp_path, Role.ENGINE).write_text(json.dumps(asdict(ours)))
        told = [each.memory_info() for each in (psutil.Process(parent.pid), child)]
        seen = ProcessLook(tmp_path).memory()
        parent.communicate(b"\n")
    assert "engine" in seen.words
    assert "children" in seen.words
    least = min(getattr(each, "shared", 0) for each in told)
    assert seen.value * 1024**2 == pytest.approx(sum(each.rss for each in told) - least, rel=0.05)
