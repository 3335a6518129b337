"""The product's own processes, as the system sees them."""

import time
from collections.abc import Callable
from pathlib import Path

import psutil

from ops.processes import ProcessIdentity, Role, running
from ui.system.facts import Facts, Row, age_words, bytes_words
from ui.view import View

_NOTE = "CPU: 100 % is one core. Memory: resident."
_NEEDED = (Role.SUPERVISOR, Role.ENGINE, Role.DASHBOARD)


class ProcessReader:
    """
    Args:
        run: The home's directory of PID files.
        clock: Seconds since the epoch.
    """

    def __init__(self, run: Path, clock: Callable[[], float] = time.time) -> None:
        self._run = run
        self._clock = clock
        # Of each a process object: what it used since it was last asked.
        self._known: dict[ProcessIdentity, psutil.Process] = {}

    def processes(self, _: View) -> Facts:
        """Read those that run, and say which do not."""
        found = {role: running(self._run, role) for role in Role}
        here = set(found.values())
        self._known = {one: process for one, process in self._known.items() if one in here}
        rows = [self._row(role, identity) for role, identity in found.items()]
        return Facts(tuple(row for row in rows if row is not None), _NOTE)

    def _row(self, role: Role, identity: ProcessIdentity | None) -> Row | None:
        if identity is None:
            if role not in _NEEDED:
                return None
            tone = "critical" if role is not Role.SUPERVISOR else "unknown"
            return Row((role.value, "not running", "", "", "", ""), tone)
        try:
            process = self._known.setdefault(identity, psutil.Process(identity.pid))
            with process.oneshot():
                used = process.cpu_percent(interval=None)
                memory = process.memory_info().rss
                is_held = process.status() == psutil.STATUS_STOPPED
        except psutil.Error:
            return Row((role.value, "has just ended", "", "", "", ""), "warning")
        port = "" if identity.port is None else str(identity.port)
        up = age_words(self._clock() - identity.started_s)
        state = f"pid {identity.pid}{', held by a stop signal' if is_held else ''}"
        cells = (role.value, state, up, bytes_words(memory), f"{used:.0f} %", port)
        return Row(cells, "critical" if is_held else "good")
