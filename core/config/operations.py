"""What can be configured of the emergency stop and of backups."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from core.config.section import Section


class Positions(StrEnum):
    """What an emergency stop does with open paper positions."""

    KEEP = "keep"
    CLOSE = "flatten"


class EmergencySettings(Section):
    """The emergency stop."""

    positions: Annotated[Positions, Field(strict=False)] = Positions.KEEP


class BackupSettings(Section):
    """
    Which backups go.

    Attributes:
        keep_days: Younger ones stay.
        keep_least: The newest so many stay however old they are.
    """

    keep_days: int = Field(default=30, ge=1, le=3650)
    keep_least: int = Field(default=7, ge=1, le=1000)
