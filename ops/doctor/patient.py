"""The installation that is looked over."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.config import ConfigError, Home, HomeError, Settings, load_settings
from ops.backup.places import config_file
from ops.launch import demo_home
from ops.processes import Role, running


@dataclass(frozen=True, slots=True)
class Patient:
    """
    Attributes:
        home: None where it cannot be used; ``home_fault`` says why.
        config: The configuration file in force.
        settings: None where the configuration cannot be used; ``config_fault`` says why.
        environ: Environment variables.
    """

    home: Home | None
    config: Path
    settings: Settings | None
    home_fault: str = ""
    config_fault: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_at_work(self) -> bool:
        """Whether a process of this home runs; that of a demo has a home of its own."""
        return self.home is not None and any(running(self.home.run, role) for role in Role)

    def port_of(self, role: Role) -> tuple[int, int | None] | None:
        """Return PID and port of a process of the home or its demo; None when none runs."""
        if self.home is None:
            return None
        found = (running(home.run, role) for home in (self.home, demo_home(self.home)))
        return next(((it.pid, it.port) for it in found if it is not None), None)


def patient_of(environ: Mapping[str, str] = os.environ) -> Patient:
    """Read what an installation is made of; faults of it are part of the answer."""
    config = config_file(environ)
    home, settings, home_fault, config_fault = None, None, "", ""
    try:
        home = Home.from_environment(environ)
    except HomeError as error:
        home_fault = str(error)
    try:
        settings = load_settings(config, environ)
    except ConfigError as error:
        config_fault = str(error)
    return Patient(home, config, settings, home_fault, config_fault, environ)
