"""What every test needs, whatever it is about."""

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import event
from sqlalchemy.pool import Pool

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TESTS = Path(__file__).parent
# Whose simulator tests mostly wait for other processes of the product.
OF_PROCESSES = frozenset({"system", "ops", "scripts"})
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

# Whoever has these in a .env of the checkout is not to be called by tests; empty ones hide it.
os.environ |= {"ALARM_URLS": "", "HEARTBEAT_URL": ""}

# How long an example takes says nothing on a machine that others use too. Half the usual number
# of examples, as there are more than a hundred such tests; where more are needed the test says so.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50
)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def opened_connections() -> Iterator[list[Any]]:
    """What connection pools opened since somebody last cleared it; heard of once for all tests."""
    opened: list[Any] = []

    def connected(connection: Any, _record: object) -> None:
        opened.append(connection)

    event.listen(Pool, "connect", connected)
    yield opened
    event.remove(Pool, "connect", connected)


@pytest.fixture(autouse=True)
def databases_end_with_the_test(opened_connections: list[Any]) -> Iterator[None]:
    """Close what a test left in a connection pool: from Python 3.13 on its loss is a warning."""
    opened_connections.clear()  # those of fixtures that other tests share
    yield
    for connection in opened_connections:
        connection.close()
    opened_connections.clear()


def pytest_configure() -> None:
    """Let Ctrl-C reach what tests start, also in a lane that a shell runs in its background."""
    gc.disable()  # until all is imported and collected: what is made meanwhile stays
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Put what needs the browser last: while it is open no other test can run a loop.

    What starts processes of the product is told from the other simulator tests, to run beside
    them.
    """
    for item in items:
        if item.path.relative_to(TESTS).parts[0] in OF_PROCESSES and "simulator" in item.keywords:
            item.add_marker("product")
    items.sort(key=lambda item: "browser" in getattr(item, "fixturenames", ()))


def pytest_collection_finish() -> None:
    """Spare the garbage collector the million objects that live as long as the run."""
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """The one browser of all tests."""
    if not CHROMIUM.exists():
        reason = f"CHROMIUM IS NOT INSTALLED ({CHROMIUM}): the page is not tested in a browser"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright  # half a second that others need not wait for

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield launched
        launched.close()
