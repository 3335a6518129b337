"""What a newcomer's `make demo` gives, on the real processes."""

import subprocess
import sys

import pytest

from core.config import REPOSITORY
from tests.system.product import EASIER, Product, Role, configured, until

pytestmark = pytest.mark.simulator


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    product = Product(folder / "home", configured(folder, EASIER), demo=True)
    started = product.run("demo")
    assert started.returncode == 0, started.stdout + started.stderr
    product.said = started.stdout
    yield product
    product.end()


def test_it_prints_the_address_the_logs_and_how_to_stop(demo):
    assert f"http://127.0.0.1:{demo.port}" in demo.said
    assert "trading.log" in demo.said
    assert "make stop" in demo.said


def test_the_page_is_marked_as_simulated(demo):
    health = until(
        lambda: (found := demo.health()) and found["market_label"] and found, what="a label"
    )
    assert health["market_label"].startswith("SIMULATED")


def test_saying_it_twice_is_harmless(demo):
    before = demo.process(Role.ENGINE).pid
    again = demo.run("demo")
    assert again.returncode == 0
    assert "Already running" in again.stdout
    assert demo.process(Role.ENGINE).pid == before


def test_the_live_system_is_refused_beside_it(demo):
    refused = demo.run("start")
    assert refused.returncode == 4
    assert "make stop" in refused.stderr


def test_status_tells_what_runs(demo):
    told = demo.run("status")
    assert told.returncode == 0
    assert "engine      running" in told.stdout
    assert "dashboard   running" in told.stdout
    lines = [line for line in told.stdout.splitlines() if " running " in line]
    assert len(lines) == len(Role)
    assert all(f" {word}" in line for line in lines for word in ("pid", "up", "MB"))


def test_a_restart_of_the_demo_is_the_demo(demo):
    before = demo.process(Role.ENGINE)
    again = demo.run("restart")
    assert again.returncode == 0, again.stdout + again.stderr
    assert not before.is_running()
    until(lambda: demo.process(Role.SIMULATOR), what="an exchange")
    assert until(lambda: demo.process(Role.ENGINE), what="an engine").pid != before.pid


def test_soon_every_table_has_rows(demo):
    for table in ("decisions", "feature_telemetry", "signals", "trades"):
        until(lambda t=table: demo.count(t), what=f"a row in {table}")


def test_the_metrics_script_reads_beside_the_running_engine(demo):
    script = subprocess.run(
        [sys.executable, str(REPOSITORY / "scripts" / "compute_success_metrics.py"), "--json"],
        env={**demo.environment, "TRADING_HOME": str(demo.home.root)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert script.returncode == 0, script.stderr


@pytest.mark.parametrize(
    ("words", "file"),
    [
        ("websocket", "system"),
        ("connection", "system"),
        ("dashboard", "system"),
        ("feature", "trading"),
    ],
)
def test_the_runbook_finds_its_words_in_the_logs(demo, words, file):
    log = demo.home.logs / f"{file}.log"
    until(lambda: words in log.read_text().lower(), what=f"{words} in {log.name}")


def test_nothing_healthy_says_error(demo):
    lines = [line for path in demo.home.logs.glob("*.log") for line in path.read_text().split("\n")]
    assert len(lines) > 20
    assert not [line for line in lines if "error" in line.lower()]


def test_a_level_can_be_changed_while_it_runs(demo):
    told = demo.run("log-level", "debug", "--role", "engine")
    assert told.returncode == 0, told.stderr
    log = demo.home.logs / "system.log"
    until(lambda: "log level changed on request" in log.read_text(), what="its change")
    assert demo.run("log-level", "louder").returncode == 2


def test_a_killed_supervisor_leaves_nothing_that_a_new_start_cannot_replace(demo):
    supervisor = demo.process(Role.SUPERVISOR)
    orphans = supervisor.children()
    supervisor.kill()
    until(lambda: demo.process(Role.SUPERVISOR) is None, what="its end")
    again = demo.run("demo")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "of an earlier start" in again.stdout
    assert not any(process.is_running() for process in orphans)
    until(lambda: all(demo.process(role) for role in Role), what="every process")


def test_stop_leaves_no_process_and_no_lock(demo):
    processes = [demo.process(role) for role in (Role.SUPERVISOR, Role.ENGINE, Role.DASHBOARD)]
    processes += processes[0].children()
    stopped = demo.run("stop")
    assert stopped.returncode == 0
    assert not any(process.is_running() for process in processes)
    assert list(demo.home.run.iterdir()) == []
    assert not list(demo.home.root.rglob("*.lock"))
    assert not list(demo.home.database.parent.glob("*-wal"))
    assert demo.run("status").returncode == 3
    assert "Nothing was running" in demo.run("stop").stdout
