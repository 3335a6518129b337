"""The checks of an installation in their order; one that cannot be made spares the others."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Final

import psutil

from core.config import HealthSettings, Home
from core.journal.errors import JournalError
from ops.backup.errors import BackupError
from ops.doctor.configuration import address_check, config_check, secrets_check
from ops.doctor.diagnosis import Diagnosis, problem, warning
from ops.doctor.journal import journal_check, wal_check
from ops.doctor.leftovers import backup_check, latch_check, pid_check, restore_check
from ops.doctor.machine import clock_check, encoding_check, file_check, port_check
from ops.doctor.patient import Patient
from ops.doctor.place import filesystem_check, rights_check, room_check, synchronised_check
from ops.processes import Role

_EXPECTED: Final = (
    OSError,
    ValueError,
    RuntimeError,
    sqlite3.Error,
    psutil.Error,
    BackupError,
    JournalError,
)
"""What may go wrong in one check, and must not take the others with it."""
Check = tuple[str, Callable[[], Diagnosis]]


def examine(
    patient: Patient, *, offline: bool = False, clock: Callable[[], float] = time.time
) -> Iterator[Diagnosis]:
    """
    Yield what each check says, as soon as it is known.

    Args:
        patient: What is looked over.
        offline: Leave out what asks the exchange.
        clock: Seconds since the epoch.
    """
    yield from _made(_configuration(patient))
    if patient.home is None:
        yield problem("home", patient.home_fault, "name another by TRADING_HOME")
    else:
        yield from _made(_home(patient, patient.home, clock))
    yield from _made(_machine(patient, offline=offline))


def _configuration(patient: Patient) -> tuple[Check, ...]:
    return (
        ("config", lambda: config_check(patient)),
        ("secrets", lambda: secrets_check(patient)),
        ("alarm_urls", lambda: address_check(patient)),
    )


def _home(patient: Patient, home: Home, clock: Callable[[], float]) -> tuple[Check, ...]:
    limits = patient.settings.health if patient.settings else HealthSettings()
    return (
        ("home", lambda: rights_check(home)),
        ("disk", lambda: room_check(home)),
        ("synchronised", lambda: synchronised_check(home)),
        ("filesystem", lambda: filesystem_check(home)),
        ("pid_files", lambda: pid_check(home)),
        ("emergency_stop", lambda: latch_check(home)),
        ("restore", lambda: restore_check(home)),
        ("journal", lambda: journal_check(home, in_use=patient.is_at_work)),
        ("journal_wal", lambda: wal_check(home)),
        ("backup", lambda: backup_check(home, limits, clock())),
    )


def _machine(patient: Patient, *, offline: bool) -> tuple[Check, ...]:
    asked: tuple[Check, ...] = () if offline else (("clock", lambda: clock_check(patient)),)
    return (
        ("open_files", file_check),
        ("locale", encoding_check),
        ("dashboard_port", lambda: port_check(patient, Role.DASHBOARD)),
        ("engine_port", lambda: port_check(patient, Role.ENGINE)),
        *asked,
    )


def _made(checks: tuple[Check, ...]) -> Iterator[Diagnosis]:
    for name, check in checks:
        try:
            yield check()
        except _EXPECTED as error:
            yield warning(name, f"cannot be checked: {type(error).__name__}: {error}")
