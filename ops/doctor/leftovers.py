"""Checks of what processes and unfinished work have left behind."""

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Final

from core.config import Home
from core.config.health import Ceiling, HealthSettings
from core.emergency_latch import EmergencyLatch
from ops.backup.checking import opened
from ops.backup.errors import BackupError
from ops.backup.places import backup_dir, backups
from ops.backup.rotation import made_s
from ops.doctor.diagnosis import Diagnosis, fine, problem, warning
from ops.launch import demo_home
from ops.processes import Role, pid_file, running

_HOUR_S: Final = 3_600.0


def pid_check(home: Home) -> Diagnosis:
    """Tell of PID files whose processes are gone."""
    stale = [
        role for role in Role if pid_file(home.run, role).exists() and not running(home.run, role)
    ]
    if stale:
        words = f"left by processes that are gone: {', '.join(stale)}"
        return warning("pid_files", words, "nothing: the next start replaces them")
    up = [f"{role} (pid {it.pid})" for role in Role if (it := running(home.run, role))]
    demo = demo_home(home).run
    up += [f"the demo's {role} (pid {it.pid})" for role in Role if (it := running(demo, role))]
    return fine("pid_files", f"running: {', '.join(up)}" if up else "nothing runs")


def latch_check(home: Home) -> Diagnosis:
    """Tell whether an emergency stop holds."""
    path = home.emergency_latch
    words = EmergencyLatch(path)() if path.parent.is_dir() else ""
    if words:
        return warning(
            "emergency_stop", words, 'make resume REASON="..." once it is right to go on'
        )
    return fine("emergency_stop", "off")


def restore_check(home: Home) -> Diagnosis:
    """Tell of a restore that was cut off."""
    decided = home.database.with_name(".restore")
    if decided.exists():
        words = f"{decided}: a restore was cut off in the middle"
        return warning("restore", words, "start the engine, or restore again: both finish it")
    return fine("restore", "none was cut off")


def backup_check(home: Home, limits: HealthSettings, now_s: float) -> Diagnosis:
    """
    Tell whether there is a backup that can be restored, and how old it is.

    Args:
        home: Whose backups.
        limits: From which age it is too old.
        now_s: Seconds since the epoch.
    """
    newest = next(iter(backups(home)), None)
    if newest is None and not home.database.exists():
        return fine("backup", "there is none, and nothing to be backed up")
    if newest is None:
        return warning("backup", f"{backup_dir(home)}: holds none", "make backup")
    try:
        with tempfile.TemporaryDirectory(prefix="doctor-") as folder:
            manifest = opened(newest, Path(folder) / "check")
    except BackupError as error:
        return problem("backup", str(error), "make backup, and look at the disk")
    if manifest.schema is None and home.database.exists():
        return warning("backup", f"{newest.name}: is older than the journal", "make backup")
    return _aged(newest, limits.backup_age_hours, max(now_s - made_s(newest), 0.0))


def _aged(newest: Path, limits: Ceiling, age_s: float) -> Diagnosis:
    age = str(timedelta(seconds=round(age_s)))
    words = f"{newest.name}: opens and is sound, {age} old"
    limit = limits.warning if limits.warning is not None else limits.critical
    if limit is not None and age_s >= limit * _HOUR_S:
        return warning("backup", words, "make backup; the schedule does it daily")
    return fine("backup", words)
