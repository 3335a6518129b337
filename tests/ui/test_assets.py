"""The scripts of the page, tested by Node's own runner."""

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SCRIPTS = sorted((HERE.parents[1] / "ui" / "assets").glob("*.js"))


@pytest.mark.simulator
def test_the_scripts_pass_their_own_tests():
    node = shutil.which("node")
    if node is None:
        pytest.skip("NODE IS NOT INSTALLED: the scripts in ui/assets are not tested")
    files = [str(path) for path in sorted(HERE.glob("*.test.mjs"))]
    assert files
    done = subprocess.run(
        [node, "--test", *files], check=False, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_fits_in_the_head_and_asks_no_other_host(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 300
    assert "https://" not in text
    assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")
