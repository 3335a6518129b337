import re
from dataclasses import replace

import pytest

from core.config import REPOSITORY
from ops.doctor.diagnosis import Verdict
from ops.doctor.examination import examine
from tests.builders import settings
from tests.ops.doctor.scene import patient, tree

SIMULATED = {"BINANCE_FUTURES_REST_URL": "http://127.0.0.1:18600"}


def examined(ill, **options):
    return {found.name: found for found in examine(ill, **options)}


def test_all_is_looked_at_and_nothing_is_written(tmp_path):
    ill = patient(tmp_path, settings=settings(**SIMULATED))
    before = tree(tmp_path)
    found = examined(ill)
    assert tree(tmp_path) == before
    assert len(found) == 18
    assert "clock" in found
    assert all(it.line.isprintable() for it in found.values())


def test_offline_nobody_is_asked(tmp_path):
    assert "clock" not in examined(patient(tmp_path), offline=True)


def test_a_broken_configuration_spares_the_other_checks(tmp_path):
    ill = replace(patient(tmp_path), settings=None, config_fault="config.yaml: not YAML")
    found = examined(ill)
    assert found["config"].verdict is Verdict.PROBLEM
    assert found["home"].verdict is Verdict.OK
    assert len(found) == 18


def test_a_home_that_cannot_be_used_spares_the_other_checks(tmp_path):
    ill = replace(patient(tmp_path), home=None, home_fault="TRADING_HOME=x: is not a directory")
    found = examined(ill, offline=True)
    assert found["home"].verdict is Verdict.PROBLEM
    assert found.keys() >= {"config", "open_files", "engine_port"}


@pytest.mark.parametrize("broken", ["data/trading_signals.db", "data/run", "backups"])
def test_what_cannot_be_looked_at_is_told_and_spares_the_others(tmp_path, broken):
    ill = patient(tmp_path)
    path = tmp_path / broken
    if path.is_dir():
        path.rmdir()
        path.symlink_to(path)  # a loop: every look at it fails
    else:
        path.mkdir()
    found = examined(ill, offline=True)
    assert len(found) == 17
    assert any(it.verdict is not Verdict.OK for it in found.values())


def test_the_documentation_lists_every_check(tmp_path):
    document = (REPOSITORY / "docs" / "monitoring.md").read_text()
    table = document.partition("| check |")[2]
    listed = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)))
    ill = patient(tmp_path, settings=settings(**SIMULATED))
    made = {"python", "packages", "imports"} | examined(ill).keys()
    assert set(listed) == made
    assert len(listed) == len(made)
