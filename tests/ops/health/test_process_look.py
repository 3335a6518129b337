import os
import sys
import time
from subprocess import PIPE, Popen

import psutil
import pytest

from core.model.health import Level
from ops.health.process_look import ProcessLook
from ops.processes import Role, registered


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


def test_a_child_of_ours_is_one_of_ours_and_what_it_shares_counts_once(tmp_path):
    waits = [sys.executable, "-S", "-c", "print(flush=True); input()"]
    with registered(tmp_path, Role.ENGINE), Popen(waits, stdin=PIPE, stdout=PIPE) as child:
        assert child.stdout.readline() == b"\n"
        theirs = psutil.Process(child.pid).memory_info()
        seen = ProcessLook(tmp_path).memory()
        own = psutil.Process().memory_info()
        child.communicate(b"\n")
    assert "engine" in seen.words
    assert "children" in seen.words
    most = own.rss + theirs.rss - 0.5 * min(getattr(each, "shared", 0) for each in (own, theirs))
    assert 0.8 * own.rss <= seen.value * 1024**2 <= most
