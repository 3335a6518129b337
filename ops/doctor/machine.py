"""Checks of the machine: open files, clock and ports."""

import http.client
import json
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from core.config.dashboard import LOOPBACK_NAMES
from core.config.health import HealthSettings
from ops.doctor.diagnosis import Diagnosis, fine, problem, warning
from ops.doctor.patient import Patient
from ops.open_files import most_files
from ops.ports import PortTakenError, require_free
from ops.processes import Role

_LEAST_FILES: Final = 128
"""Two dozen are open when nothing happens; each page, socket and fetched file takes one more."""
_ENOUGH_FILES: Final = 1024
_PORTS: Final = {Role.DASHBOARD: ("DASHBOARD_PORT", 8050), Role.ENGINE: ("ENGINE_PORT", 8051)}
_ANSWER_WITHIN_S: Final = 5.0
_MOST_BYTES: Final = 10_000
Fetch = Callable[[str], bytes]


def file_check(limit: Callable[[], int | None] = most_files) -> Diagnosis:
    """Tell how many files and sockets a process may have open."""
    most = limit()
    if most is None or most >= _ENOUGH_FILES:
        return fine("open_files", f"{'any number' if most is None else most} allowed (ulimit -n)")
    words = f"{most} allowed, {_ENOUGH_FILES} are advised: sockets and files count (ulimit -n)"
    advice = "ulimit -n 4096 in the shell that starts us, or LimitNOFILE= of the service"
    if most < _LEAST_FILES:
        return problem("open_files", words, advice)
    return warning("open_files", words, advice)


def encoding_check(encoding: str = sys.getfilesystemencoding()) -> Diagnosis:
    """Tell whether names of files are UTF-8, and which time of day the schedule goes by."""
    local = datetime.now().astimezone()
    zone = f"{local:%H:%M} {local.tzname()} here; all but the schedule and quiet hours is UTC"
    if encoding.lower().replace("-", "") != "utf8":
        return warning("locale", f"names of files are {encoding}; {zone}", "export LC_ALL=C.UTF-8")
    return fine("locale", f"UTF-8; {zone}")


def clock_check(
    patient: Patient, fetch: Fetch | None = None, clock: Callable[[], float] = time.time
) -> Diagnosis:
    """
    Compare this machine's clock with the exchange's.

    Args:
        patient: Whose exchange is asked.
        fetch: Returns the body at an address; raises OSError or ValueError.
        clock: Seconds since the epoch.
    """
    if patient.settings is None:
        return warning("clock", "not compared: the configuration is not valid")
    origin = patient.settings.exchange.rest_url
    if urlsplit(origin).hostname in LOOPBACK_NAMES:
        return fine("clock", f"not compared: {origin} is a simulator")
    begun_s = clock()
    try:
        told = json.loads((fetch or _fetched)(f"{origin}/fapi/v1/time"))
        exchange_s = float(told["serverTime"]) / 1000.0
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        words = f"{origin} cannot be asked: {error}"
        return warning("clock", words, "see to the network; --offline does not ask")
    offset_s = (begun_s + clock()) / 2.0 - exchange_s
    return _judged(offset_s, patient.settings.health)


def port_check(
    patient: Patient, role: Role, require: Callable[[int, str], None] = require_free
) -> Diagnosis:
    """Tell whether a port of ours is free, or taken by ourselves."""
    name, (variable, usual) = f"{role.value}_port", _PORTS[role]
    port = usual
    if patient.settings is not None:
        settings = patient.settings
        port = settings.engine.port if role is Role.ENGINE else settings.dashboard.port
    running = patient.port_of(role)
    if running is not None and running[1] == port:
        return fine(name, f"{port}: our own {role.value} (pid {running[0]})")
    try:
        require(port, variable)
    except PortTakenError as error:
        return problem(name, str(error).partition(";")[0], f"end it, or set {variable} in .env")
    return fine(name, f"{port}: free")


def _judged(offset_s: float, limits: HealthSettings) -> Diagnosis:
    words, off_s = f"{offset_s:+.1f} s from the exchange's", abs(offset_s)
    advice = "let the system set its clock by network time (NTP)"
    ceiling = limits.clock_offset_s
    if ceiling.critical is not None and off_s >= ceiling.critical:
        return problem("clock", words, advice)
    if ceiling.warning is not None and off_s >= ceiling.warning:
        return warning("clock", words, advice)
    return fine("clock", words)


def _fetched(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=_ANSWER_WITHIN_S) as answer:  # noqa: S310 - http(s), as the configuration checks
        return bytes(answer.read(_MOST_BYTES))
