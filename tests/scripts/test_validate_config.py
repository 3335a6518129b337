"""The check an operator runs before a start."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.config import REPOSITORY
from scripts.validate_config import summary
from tests.builders import settings

SCRIPT = REPOSITORY / "scripts" / "validate_config.py"
CONFIG = (REPOSITORY / "config.yaml").read_text()


def run(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        cwd=folder,
        env=kept | environ,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_summary_tells_whether_there_is_a_key_but_never_the_key():
    assert "no key" in summary(settings())
    shown = summary(settings(DEEPSEEK_API_KEY="sk-very-secret"))
    assert "deepseek-flash" in shown
    assert "secret" not in shown


@pytest.mark.simulator
def test_a_good_file_is_said_to_be_valid(tmp_path):
    (tmp_path / "mine.yaml").write_text(CONFIG)
    by_argument = run(tmp_path, "mine.yaml")
    by_variable = run(tmp_path, TRADING_CONFIG=str(tmp_path / "mine.yaml"))
    for done in (by_argument, by_variable):
        assert (done.returncode, done.stderr) == (0, "")
        first, second = done.stdout.splitlines()
        assert first == "mine.yaml: valid"
        assert "BTCUSDT, ETHUSDT, SOLUSDT on 15m" in second


@pytest.mark.simulator
def test_each_fault_is_a_line_of_its_own(tmp_path):
    text = CONFIG.replace("symbols:", "symbls:").replace("port: 8050", "port: 99999")
    (tmp_path / "config.yaml").write_text(text)
    done = run(tmp_path, "config.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert len(lines) == 3
    assert any("unknown key symbls" in line and "symbols" in line for line in lines)
    assert any("missing key symbols" in line for line in lines)
    assert any("dashboard.port = 99999" in line for line in lines)


@pytest.mark.simulator
def test_a_missing_file_is_one_line(tmp_path):
    done = run(tmp_path, "nothing.yaml")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "nothing.yaml: no such file\n")
