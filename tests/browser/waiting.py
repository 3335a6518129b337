"""Waiting in browser tests, for what no locator can see."""

import time
from collections.abc import Callable

from tests.ui.serving import DEADLINE_S


def until(condition: Callable[[], object], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Poll until a condition holds, and say what did not come about when it never does."""
    end_s = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end_s, f"not within {deadline_s} s: {what}"
        time.sleep(0.05)
