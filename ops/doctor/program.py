"""Checks of what the program runs on: Python and its packages."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from core.config import REPOSITORY
from ops.doctor.diagnosis import Diagnosis, fine, problem, warning

OLDEST: Final = (3, 11)
_SETUP: Final = "make setup"
_PINNED: Final = re.compile(r"([A-Za-z0-9_.-]+)==(\S+)")
_NAMED: Final = 5
_IMPORTED: Final = (
    "import talib, pyarrow.parquet, core.engine, core.overlays, deepseek.transport, ui.app"
)
"""All that is compiled, and all of ours that leads to the rest."""
_IMPORT_WITHIN_S: Final = 60.0


def python_check(running: tuple[int, ...] = sys.version_info[:3]) -> Diagnosis:
    """Tell whether Python is new enough."""
    told = ".".join(map(str, running))
    if running[:2] < OLDEST:
        needed = ".".join(map(str, OLDEST))
        return problem(
            "python", f"{told}, {needed} is needed", "make setup PYTHON=/path/to/python3"
        )
    return fine("python", f"{told}, {sys.executable}")


def package_check(requirements: Path = REPOSITORY / "requirements.txt") -> Diagnosis:
    """Compare what is installed with what is required."""
    try:
        pins = _PINNED.findall(requirements.read_text(encoding="utf-8"))
    except OSError as error:
        return problem("packages", f"{requirements}: {error.strerror}", "restore the file")
    missing, other = [], []
    for name, wanted in pins:
        try:
            found = version(name)
        except PackageNotFoundError:
            missing.append(f"{name} {wanted}")
            continue
        if found != wanted:
            other.append(f"{name} {found} instead of {wanted}")
    if missing:
        return problem("packages", f"missing: {_few(missing)}", _SETUP)
    if other:
        return warning("packages", f"other than required: {_few(other)}", _SETUP)
    return fine("packages", f"{len(pins)} as required")


def import_check(statement: str = _IMPORTED) -> Diagnosis:
    """Import everything in another process: what is compiled for another machine ends it."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter
            (sys.executable, "-B", "-c", statement),
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_IMPORT_WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return problem("imports", f"not done within {_IMPORT_WITHIN_S:.0f} s", _SETUP)
    if done.returncode == 0:
        return fine("imports", "all packages load")
    last = next(_last_lines(done.stderr), f"ended with status {done.returncode}")
    return problem("imports", last, f"rm -r .venv, then {_SETUP}")


def _last_lines(text: str) -> Iterator[str]:
    return (line.strip() for line in reversed(text.splitlines()) if line.strip())


def _few(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
