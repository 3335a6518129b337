"""Waiting in browser tests, for what no locator can see."""

import time
from collections.abc import Callable

PATIENCE_S = 90.0
"""For whatever is awaited in a browser: a load took 40 s on a machine that others used, too."""


def until(condition: Callable[[], object], what: str, deadline_s: float = PATIENCE_S) -> None:
    """Poll until a condition holds, and say what did not come about when it never does."""
    end_s = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end_s, f"not within {deadline_s} s: {what}"
        time.sleep(0.05)
