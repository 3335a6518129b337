"""What an update does to processes: loads the new program, stops and starts what runs."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from core.config import REPOSITORY, Home
from ops.control import launch, running_installation, stop
from ops.doctor.diagnosis import Diagnosis
from ops.doctor.examination import examine
from ops.doctor.patient import patient_of
from ops.doctor.program import package_check, python_check
from ops.launch import Installation
from ops.update.last_good import commit_of

Say = Callable[[str], None]

_LOADS: Final = "import ops.engine_role, ui.app, ui.composition"
_LOADS_WITHIN_S: Final = 120.0


def program_loads() -> str:
    """Load everything in a process of its own; why it fails, empty when it does not."""
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-c", _LOADS],
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=_LOADS_WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it does not load within {_LOADS_WITHIN_S:.0f} s"
    if done.returncode == 0:
        return ""
    lines = done.stderr.strip().splitlines() or [f"it ends with status {done.returncode}"]
    return f"it does not load: {lines[-1]}"


def examined(home: Home) -> Iterator[Diagnosis]:
    """Look the installation over, without asking anybody on the network."""
    yield python_check()
    yield package_check()
    yield from examine(replace(patient_of(), home=home), offline=True)


@dataclass(frozen=True, slots=True)
class Means:
    """
    What an update does to processes; a test does it otherwise.

    Attributes:
        loads: Says why the program cannot be loaded, empty when it can.
        examined: Looks the installation over.
        ran: Tells what is supervised in a home.
        start: Starts that again, and waits until it answers.
        stop: Ends every process of a home.
        commit: Tells which commit is checked out.
    """

    loads: Callable[[], str] = program_loads
    examined: Callable[[Home], Iterable[Diagnosis]] = examined
    ran: Callable[[Home], Installation | None] = running_installation
    start: Callable[[Installation, Say], None] = launch
    stop: Callable[[Home, Say], None] = stop
    commit: Callable[[], str] = commit_of
