"""The configuration, read once and handed to constructors."""

from core.config.dashboard import DashboardSettings
from core.config.decisions import (
    DeepSeekSettings,
    PaperSettings,
    PriceTable,
    RiskSettings,
    SignalSettings,
)
from core.config.home import REPOSITORY, Home, HomeError
from core.config.loading import ConfigError, load_settings, parse_settings
from core.config.operations import BackupSettings, EmergencySettings, Positions
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
    "BackupSettings",
    "ConfigError",
    "DashboardSettings",
    "DataSettings",
    "DeepSeekSettings",
    "EmergencySettings",
    "ExchangeSettings",
    "FeedSettings",
    "Home",
    "HomeError",
    "PaperSettings",
    "Policy",
    "Positions",
    "PriceTable",
    "RiskSettings",
    "Settings",
    "SignalSettings",
    "UniverseSettings",
    "load_settings",
    "parse_settings",
]
