"""The page's emergency stop on the real product, with an engine that does not answer any more."""

import signal
import sqlite3
from contextlib import closing

import pytest

from ops.processes import Role, running
from tests.browser.conftest import tab
from tests.system.product import PATIENCE_MS, Product, until

pytestmark = [pytest.mark.simulator, pytest.mark.browser, pytest.mark.faults]


@pytest.fixture
def demo(tmp_path):
    product = Product(tmp_path, demo=True)
    started = product.run("demo")
    try:
        assert started.returncode == 0, started.stdout + started.stderr
        yield product
    finally:
        product.end()


def _hold(page, key):
    """Press the button of a dialog with the keyboard until the dialog is gone."""
    button = page.locator(f"#emergency-{key}-act")
    button.focus()
    page.keyboard.down("Enter")
    button.wait_for(state="hidden")
    page.keyboard.up("Enter")


def test_a_frozen_engine_and_a_journal_nobody_can_write_are_stopped_proven_and_resumed(
    demo, browser
):
    with tab(browser, f"http://127.0.0.1:{demo.port}/") as opened:
        opened.page.set_default_timeout(PATIENCE_MS)
        page = opened.load().page
        engine = until(lambda: demo.process(Role.ENGINE), what="an engine")
        until(lambda: demo.count("decisions"), what="a journal")
        page_before = demo.process(Role.DASHBOARD)
        with closing(sqlite3.connect(demo.home.database, timeout=60)) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            engine.send_signal(signal.SIGSTOP)
            page.locator("#emergency-open").click()
            page.locator("#emergency-stop-reason").fill("it hangs")
            _hold(page, "stop")
            until(demo.home.emergency_latch.exists, what="the latch")
            until(lambda: not engine.is_running(), what="the end of the engine")
            page.get_by_text("Everything held").wait_for()
        assert running(demo.home.run, Role.SUPERVISOR) is None
        assert demo.process(Role.DASHBOARD) == page_before
        steps = opened.text(".emergency-steps")
        assert "ended by KILL" in steps
        assert "backup_" in steps
        assert "it hangs" in opened.text("#emergency-banner")

        page.reload()
        page.get_by_text("nothing is entered until it is resumed").wait_for()
        _resume(page, demo, page_before)


def _resume(page, demo, page_before):
    page.locator("#emergency-resume").click()
    page.locator("#emergency-resume-reason").fill("it was a drill")
    _hold(page, "resume")
    until(lambda: not demo.home.emergency_latch.exists(), what="the end of the latch")
    until(lambda: running(demo.home.run, Role.SUPERVISOR), what="a supervisor")
    until(lambda: demo.process(Role.ENGINE), what="an engine that was started again")
    until(lambda: demo.process(Role.DASHBOARD) not in {None, page_before}, what="a new page")
    page.locator("#emergency-banner").wait_for(state="hidden")
    page.locator("#feed-state.good").wait_for()
