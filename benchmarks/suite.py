"""How long `make test-fast` takes."""

import subprocess
import sys
from time import perf_counter

from core.config import REPOSITORY

FAST = "not simulator and not browser and not faults and not soak"  # as in the Makefile


def measure() -> dict[str, float]:
    """Run the fast tests once and time them."""
    started = perf_counter()
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", FAST],
        cwd=REPOSITORY,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return {"test_fast_s": perf_counter() - started}
