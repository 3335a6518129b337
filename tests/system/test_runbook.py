"""docs/runbook.md, from top to bottom: each command is run, and what it states is compared."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.config import REPOSITORY, Home
from ops.processes import end_all
from tests.core.journal.older_schema import written_at
from tests.ports import unclaimed_port
from tests.system.product import NOON, Exchange
from tests.system.runbook import NOTHING, Step, steps_of

pytestmark = pytest.mark.simulator

PAGE = REPOSITORY / "docs" / "runbook.md"
STEPS = steps_of(PAGE)
SOON_S = 300.0
DEADLINE_S = 900.0  # one of them runs tests that may take minutes each
# What comes with no Python; a machine without one of them cannot run that step.
TOOLS = ("sqlite3", "curl", "lsof", "top", "df", "du", "find", "git", "ps", "systemd-analyze")
# What would change the host, or take as long as everything else together, runs as a stand-in.
SANDBOX = {
    "crontab": 'cat > "$RUNBOOK_HOST/crontab" 2>/dev/null; echo "crontab: taken"',
    "make": (
        'case "$1" in test|test-fast|test-all) exec "$REAL_MAKE" -n "$@";; '
        '*) exec "$REAL_MAKE" "$@";; esac'
    ),
}
COMPILED = shutil.ignore_patterns("__pycache__")
PARTS = ("core", "deepseek", "ops", "scripts", "ui", "tests", "docs")
FILES = (
    ".gitignore",
    "Makefile",
    "config.yaml",
    "main.py",
    "pyproject.toml",
    "requirements-dev.txt",
    "requirements.txt",
)


@dataclass
class Checkout:
    """A copy of the program with a home of its own, as an operator has it."""

    root: Path
    environment: dict[str, str]
    replaced: dict[str, str]

    def has_history(self, *messages: str) -> None:
        """Commit the program once with each message, oldest first."""
        self._git("init", "--quiet")
        self._git("add", *PARTS, *FILES)
        for message in messages:
            self._git("commit", "--quiet", "--allow-empty", "--message", message)

    def _git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.root, env=self.environment, check=True)

    def run(self, step: Step) -> tuple[int, str]:
        with self._started(step) as process, self._ended(process):
            try:
                process.wait(DEADLINE_S)
            except subprocess.TimeoutExpired:
                raise AssertionError(f"{step.name}: no end:\n{self._said()}") from None
            return process.returncode, self._said()

    def follow(self, step: Step) -> str:
        """Run what does not end until it has said what it is to say, then press Ctrl-C."""
        until_s = time.monotonic() + SOON_S
        with self._started(step) as process, self._ended(process):
            while not step.holds(self._said()) and time.monotonic() < until_s:
                if process.poll() is not None:
                    break
                time.sleep(0.05)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
            process.wait(60)
            return self._said()

    def restored(self, output: str) -> str:
        """Return what was said with the names that the page uses."""
        for told, meant in self.replaced.items():
            output = output.replace(meant, told)
        return output

    def _said(self) -> str:
        return self.restored(self._output.read_text(errors="replace"))

    @property
    def _output(self) -> Path:
        return self.root.with_name("output.txt")

    @contextmanager
    def _ended(self, process: "subprocess.Popen[bytes]") -> Iterator[None]:
        try:
            yield
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)

    def _started(self, step: Step) -> "subprocess.Popen[bytes]":
        script = step.script
        for told, meant in self.replaced.items():
            script = script.replace(told, meant)
        with self._output.open("wb") as output:
            return subprocess.Popen(
                ["bash", "-e", "-c", script],
                cwd=self.root,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                # As from a terminal, also where the tests themselves run in the background.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
            )


@pytest.fixture(scope="module")
def exchange(tmp_path_factory):
    with Exchange(tmp_path_factory.mktemp("exchange")) as running:
        yield running


@pytest.fixture(scope="module")
def checkout(tmp_path_factory, exchange):
    root = tmp_path_factory.mktemp("runbook") / "checkout"
    host = root.with_name("host")
    (host / "bin").mkdir(parents=True)
    for part in PARTS:
        # Whoever runs tests beside this one is just compiling.
        shutil.copytree(REPOSITORY / part, root / part, symlinks=True, ignore=COMPILED)
    for name in FILES:
        shutil.copy2(REPOSITORY / name, root / name)
    (root / ".venv").symlink_to(Path(sys.prefix))
    for name, script in SANDBOX.items():
        stand_in = host / "bin" / name
        stand_in.write_text(f"#!/usr/bin/env bash\n{script}\n")
        stand_in.chmod(0o755)
    port = unclaimed_port()
    ports = {"8050": str(port), "8051": str(unclaimed_port(port))}
    urls = "".join(f"{name}={url}\n" for name, url in exchange.urls.items())
    (root / ".env").write_text(
        f"{urls}DASHBOARD_PORT={ports['8050']}\nENGINE_PORT={ports['8051']}\n"
    )
    (root / ".env").chmod(0o600)
    made = Checkout(
        root,
        {
            **{
                k: v
                for k, v in os.environ.items()
                if not re.match("BINANCE_|DEEPSEEK_|TRADING_|GIT_", k)
            },
            "PATH": f"{host / 'bin'}:{root / '.venv' / 'bin'}:{os.environ['PATH']}",
            "REAL_MAKE": shutil.which("make") or "make",
            "RUNBOOK_HOST": str(host),
            "HOME": str(host),
            **NOON,
            "COLUMNS": "200",
            "GIT_AUTHOR_NAME": "operator",
            "GIT_AUTHOR_EMAIL": "operator@localhost",
            "GIT_COMMITTER_NAME": "operator",
            "GIT_COMMITTER_EMAIL": "operator@localhost",
        },
        {**ports, "https://fapi.binance.com": exchange.urls["BINANCE_FUTURES_REST_URL"]},
    )
    made.has_history("last good", "newer")
    # The runbook meets an installation that was updated: its journal is of the version before.
    (root / "data").mkdir()
    written_at(Home(root).database, "0004")
    yield made
    end_all(Home(root).run)


@pytest.mark.parametrize("step", STEPS, ids=[step.name for step in STEPS])
def test_the_runbook_does_what_it_says(checkout, step):
    missing = [tool for tool in TOOLS if re.search(rf"\b{tool}\b", step.script)]
    missing = [tool for tool in missing if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"this machine has no {', '.join(missing)}")
    if step.follow:
        said = checkout.follow(step)
        assert step.holds(said), said
        return
    until_s = time.monotonic() + (SOON_S if step.soon else 0.0)
    while True:
        status, said = checkout.run(step)
        if (status == step.status and step.holds(said)) or time.monotonic() >= until_s:
            break
        time.sleep(0.5)
    sys.stdout.write(said)  # for -rP
    assert status == step.status, said
    assert step.holds(said), f"stated:\n{chr(10).join(step.expected or ())}\nsaid:\n{said}"


def test_the_runbook_states_results():
    assert sum(step.expected is not None for step in STEPS) > len(STEPS) // 2


def test_a_step_that_says_something_else_is_noticed():
    step = Step(1, "true", ("... MB", "done"))
    assert step.holds("12.5 MB\nmore\ndone\n")
    assert not step.holds("done\n12.5 MB\n")
    assert not Step(1, "true", (NOTHING,)).holds("a word\n")
    assert Step(1, "true", (NOTHING,)).holds("\n")
