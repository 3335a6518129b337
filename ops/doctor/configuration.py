"""Checks of the configuration, of the file with the secrets, and of who is told of alarms."""

import stat
from pathlib import Path
from typing import Final

from ops.alarms.apprise_target import apprise_targets
from ops.doctor.diagnosis import Diagnosis, fine, problem, warning
from ops.doctor.patient import Patient

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def config_check(patient: Patient) -> Diagnosis:
    """Tell whether the configuration can be used."""
    if patient.settings is None:
        first, *more = patient.config_fault.splitlines() or [""]
        words = first + (f" (and {len(more)} more)" if more else "")
        return problem("config", words, "mend what is named; docs/configuration.md")
    return fine("config", str(patient.config))


def secrets_check(patient: Patient) -> Diagnosis:
    """Tell whether nobody but its owner can read ``.env``."""
    path = patient.config.parent / ".env"
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return fine("secrets", f"{path}: there is none; none is needed")
    except OSError as error:
        return warning("secrets", f"{path}: {error.strerror}")
    if mode & _OTHERS:
        words = f"{path}: others may use it (mode {stat.S_IMODE(mode):03o})"
        return problem("secrets", words, f"chmod 600 {_quoted(path)}")
    return fine("secrets", f"{path}: only its owner may read it")


def address_check(patient: Patient) -> Diagnosis:
    """Tell whether the addresses for alarms are such; nobody is sent anything."""
    name = "alarm_urls"
    if patient.settings is None:
        return warning(name, "not looked at: the configuration is not valid")
    urls = patient.settings.alarms.urls
    targets = apprise_targets("" if urls is None else urls.get_secret_value())
    strange = [target.name for target in targets if not target.is_understood]
    if strange:
        advice = "mend ALARM_URLS, then make alarms-test; docs/alarms.md"
        return problem(name, "; ".join(strange), advice)
    told = ", ".join(target.name for target in targets)
    return fine(name, told or "there is none: nobody outside is told of alarms")


def _quoted(path: Path) -> str:
    return f"'{path}'" if " " in str(path) else str(path)
