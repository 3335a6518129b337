"""Two of a kind on one home are impossible, however close together they begin."""

import subprocess
import sys

import pytest

from core.config import REPOSITORY
from tests.builders import home as made_home

pytestmark = pytest.mark.faults

RIVALS = 8
# All of them wait for the same byte, so that they begin within a moment.
DRIVER = """
import os, sys, time
from pathlib import Path
from core.config import Home
from ops.processes import Role, RunningError, registered, running

home, rivals = Home(Path(sys.argv[1])), int(sys.argv[2])
start, go = os.pipe()
said, say = os.pipe()
hold, release = os.pipe()
children = []
for _ in range(rivals):
    child = os.fork()
    if not child:
        os.close(go)
        os.close(release)
        os.read(start, 1)
        try:
            with registered(home.run, Role.ENGINE):
                os.write(say, f"won {os.getpid()}\\n".encode())
                os.read(hold, 1)
        except RunningError as error:
            os.write(say, f"refused {error}\\n".encode())
        os._exit(0)
    children.append(child)
os.write(go, b"x" * rivals)
words = b""
while words.count(b"\\n") < rivals:
    words += os.read(said, 10_000)
sys.stdout.write(words.decode())
sys.stdout.write(f"known {running(home.run, Role.ENGINE).pid}\\n")
os.close(release)
for child in children:
    os.waitpid(child, 0)
sys.stdout.write(f"left {running(home.run, Role.ENGINE)}\\n")
"""


@pytest.mark.parametrize("attempt", range(3))
def test_of_eight_that_begin_at_once_one_runs_and_the_others_name_it(tmp_path, attempt):
    home = made_home(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(home.root), str(RIVALS)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *told, known, left = done.stdout.splitlines()
    (winner,) = (line.removeprefix("won ") for line in told if line.startswith("won"))
    refused = [line for line in told if line.startswith("refused")]
    assert len(refused) == RIVALS - 1
    assert all(f"pid {winner}" in line or "another one begins" in line for line in refused)
    assert any(f"pid {winner}" in line for line in refused)
    assert known == f"known {winner}"
    assert left == "left None"
