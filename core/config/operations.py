"""What can be configured of the emergency stop, backups, logs, alarms and the schedule."""

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from core.config.section import Section

_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
SHORTEST_PASSPHRASE = 12
"""Characters: a copy of a backup can be tried at leisure."""


def _time(text: str) -> str:
    if not re.fullmatch(_TIME, text):
        raise ValueError("must be a time of day such as 03:00")
    return text


def _hours(text: str) -> str:
    if text and not re.fullmatch(f"{_TIME}-{_TIME}", text):
        raise ValueError("must be empty, or hours such as 22:00-07:00")
    return text


def _passphrase(given: SecretStr) -> SecretStr:
    if len(given.get_secret_value()) < SHORTEST_PASSPHRASE:
        raise ValueError(f"must be at least {SHORTEST_PASSPHRASE} characters long")
    return given


Secret = Annotated[SecretStr, Field(strict=False)]


class Positions(StrEnum):
    """What an emergency stop does with open paper positions."""

    KEEP = "keep"
    CLOSE = "flatten"


class EmergencySettings(Section):
    """The emergency stop."""

    positions: Annotated[Positions, Field(strict=False)] = Positions.KEEP


class BackupSettings(Section):
    """
    What is in backups, and which of them go.

    Attributes:
        keep_days: Younger ones stay.
        keep_least: The newest so many stay however old they are.
        candles: Whether the candle cache is in them; it can be fetched again.
        largest_mb: Of one file: where it would be larger, the oldest decisions are in it without
            features and votes. 0 keeps all of them.
        passphrase: ``BACKUP_PASSPHRASE``; encrypts the secrets of a backup that is to hold them.
    """

    keep_days: int = Field(default=30, ge=1, le=3650)
    keep_least: int = Field(default=7, ge=1, le=1000)
    candles: bool = False
    largest_mb: float = Field(default=9.5, ge=0.0, le=10_000.0, allow_inf_nan=False)
    passphrase: Annotated[Secret, AfterValidator(_passphrase)] | None = None


class LoggingSettings(Section):
    """
    What is written to logs/.

    Attributes:
        format: ``text`` is for people and grep, ``json`` is one object a line.
        keep_days: Older log files go.
    """

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"]
    format: Literal["text", "json"] = "text"
    keep_days: int = Field(default=30, ge=1, le=3650)


class AlarmSettings(Section):
    """
    Who is told of bad health, and when.

    Attributes:
        least: Milder findings are logged and shown only.
        repeat_minutes: After which a critical alarm nobody has acknowledged is told again.
        quiet_hours: Of this machine's local time, in which warnings wait; empty for none.
        quiet_critical: Whether critical ones are told in quiet hours too.
        urls: ``ALARM_URLS``: where to, as Apprise writes it; several separated by spaces.
        heartbeat_url: ``HEARTBEAT_URL``: asked for each minute while the engine is well.
    """

    least: Literal["warning", "critical"] = "warning"
    repeat_minutes: int = Field(default=240, ge=5, le=10_080)
    quiet_hours: Annotated[str, AfterValidator(_hours)] = ""
    quiet_critical: bool = True
    urls: Secret | None = None
    heartbeat_url: Secret | None = None


class ScheduleSettings(Section):
    """
    When the engine takes care of its home; what was missed is made up for.

    Attributes:
        enabled: Whether it does; the same can be done by cron.
        maintenance_at: Each day, in this machine's local time.
        weekly_on: The day after whose maintenance the database is compacted and backed up.
        monthly_on: Day of the month on which the last month is reported.
    """

    enabled: bool = True
    maintenance_at: Annotated[str, AfterValidator(_time)] = "03:00"
    weekly_on: Literal[
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
    ] = "sunday"
    monthly_on: int = Field(default=1, ge=1, le=28)


class RetentionSettings(Section):
    """
    How many days of feed time the journal keeps rows; trades and equity are kept for ever.

    Attributes:
        signal_days: Then signals move to ``data/archive``.
        call_days: Then the texts of questions and answers are emptied; hashes and costs stay.
    """

    signal_days: int = Field(default=90, ge=1, le=36_500)
    decision_days: int = Field(default=90, ge=1, le=36_500)
    call_days: int = Field(default=30, ge=1, le=36_500)
    telemetry_days: int = Field(default=7, ge=1, le=36_500)
    regime_days: int = Field(default=365, ge=1, le=36_500)
    chat_days: int = Field(default=365, ge=1, le=36_500)
    command_days: int = Field(default=365, ge=1, le=36_500)
    alert_days: int = Field(default=365, ge=1, le=36_500)
