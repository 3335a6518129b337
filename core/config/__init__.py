"""The configuration, read once and handed to constructors."""

from core.config.dashboard import DashboardSettings
from core.config.decisions import (
    DeepSeekSettings,
    PaperSettings,
    PriceTable,
    RiskSettings,
    SignalSettings,
)
from core.config.health import Ceiling, Floor, HealthSettings, Limits
from core.config.home import REPOSITORY, Home, HomeError
from core.config.loading import ConfigError, load_settings, parse_settings
from core.config.operations import (
    AlarmSettings,
    BackupSettings,
    EmergencySettings,
    LoggingSettings,
    Positions,
    ScheduleSettings,
)
from core.config.settings import (
    DataSettings,
    ExchangeSettings,
    FeedSettings,
    Settings,
    UniverseSettings,
)
from core.model.policy import Policy

__all__ = [
    "REPOSITORY",
    "AlarmSettings",
    "BackupSettings",
    "Ceiling",
    "ConfigError",
    "DashboardSettings",
    "DataSettings",
    "DeepSeekSettings",
    "EmergencySettings",
    "ExchangeSettings",
    "FeedSettings",
    "Floor",
    "HealthSettings",
    "Home",
    "HomeError",
    "Limits",
    "LoggingSettings",
    "PaperSettings",
    "Policy",
    "Positions",
    "PriceTable",
    "RiskSettings",
    "ScheduleSettings",
    "Settings",
    "SignalSettings",
    "UniverseSettings",
    "load_settings",
    "parse_settings",
]
