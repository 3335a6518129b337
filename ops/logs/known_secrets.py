"""Every secret that can be told, also where the configuration cannot be used."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from dotenv import dotenv_values
from pydantic import SecretStr

from core.config import ConfigError, load_settings
from core.config.operations import AlarmSettings
from core.config.secrets import secrets_of
from ops.backup.places import config_file
from ops.backup.secrets import known_secrets

_URLS: Final = "ALARM_URLS"
_HEARTBEAT: Final = "HEARTBEAT_URL"


def secrets_at_hand(
    config: Path | None = None, environ: Mapping[str, str] = os.environ
) -> tuple[str, ...]:
    """
    Return the secrets of the configuration, the ``.env`` beside it and the environment.

    Args:
        config: By default the one in force.
        environ: The environment.
    """
    path = config or config_file()
    told = {**_beside(path), **environ}
    addresses = AlarmSettings(
        urls=SecretStr(told.get(_URLS) or ""), heartbeat_url=SecretStr(told.get(_HEARTBEAT) or "")
    )
    found = {*known_secrets(path, environ), *secrets_of(addresses)}
    with suppress(ConfigError):  # what its names tell must do
        found |= set(secrets_of(load_settings(path, environ)))
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


def _beside(config: Path) -> dict[str, str]:
    try:
        return {k: v for k, v in dotenv_values(config.parent / ".env").items() if v}
    except (OSError, UnicodeDecodeError):
        return {}
