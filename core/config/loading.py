"""config.yaml and the environment into settings; a surprise is an error that names it."""

import difflib
import os
import reprlib
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any, get_args

import yaml
from dotenv import dotenv_values
from pydantic import ValidationError

from core.config.home import REPOSITORY
from core.config.settings import Settings

# Environment variable -> where its value goes.
_OVERRIDES = {
    "BINANCE_FUTURES_REST_URL": ("exchange", "rest_url"),
    "BINANCE_FUTURES_WS_URL": ("exchange", "ws_url"),
    "DEEPSEEK_BASE_URL": ("deepseek", "base_url"),
    "DEEPSEEK_API_KEY": ("deepseek", "api_key"),
    "DASHBOARD_PASSWORD_HASH": ("dashboard", "password_hash"),
    "DASHBOARD_PORT": ("dashboard", "port"),
    "DASHBOARD_TOKEN": ("dashboard", "token"),
    "ENGINE_PORT": ("engine", "port"),
    "ALARM_URLS": ("alarms", "urls"),
    "HEARTBEAT_URL": ("alarms", "heartbeat_url"),
    "BACKUP_PASSPHRASE": ("backup", "passphrase"),
}
_SECRETS = frozenset({"api_key", "password_hash", "token", "urls", "heartbeat_url", "passphrase"})
_OPTIONAL_SECTIONS = frozenset({"alarms", "backup"})
_NUMERIC_OVERRIDES = ("DASHBOARD_PORT", "ENGINE_PORT")
_LONGEST_PORT = len("65535")
_LONGEST_SHOWN = 100


class ConfigError(Exception):
    """The configuration cannot be used; the message has one line per fault."""


class _Loader(yaml.SafeLoader):
    """YAML in which a key counts once; the standard one silently takes the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"key {key.value[:_LONGEST_SHOWN]} is there twice",
                    problem_mark=key.start_mark,
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def load_settings(
    path: Path | None = None, environ: Mapping[str, str] = os.environ, *, demo: bool = False
) -> Settings:
    """
    Read the configuration.

    Args:
        path: The YAML file; default ``TRADING_CONFIG``, else the checkout's config.yaml.
            A ``.env`` beside it is read; the environment wins over both.
        environ: Environment variables.
        demo: Apply the ``demo`` section and ignore any key: a demo asks nobody. Nor is it backed
            up or cleaned up by itself: it is for looking around, not for keeping.

    Raises:
        ConfigError: If the file is missing, is not YAML, or holds an unknown key, a
            wrong type or a value out of range.
    """
    path = path or Path(environ.get("TRADING_CONFIG") or REPOSITORY / "config.yaml")
    settings = parse_settings(
        _document(path), {**_secrets(path.parent / ".env"), **environ}, source=path.name
    )
    return _as_demo(settings) if demo else settings


def parse_settings(
    document: Mapping[str, Any], environ: Mapping[str, str], *, source: str = "config.yaml"
) -> Settings:
    """
    Turn a parsed YAML document into settings; see `load_settings`.

    Args:
        document: The mapping as read.
        environ: Variables that override it; empty values do not count.
        source: Name of the document in error messages.

    Raises:
        ConfigError: If anything in it is unknown, of a wrong type or out of range.
    """
    given = {k: v for k, v in environ.items() if v}
    overridden = _overridden(document, given)
    try:
        settings = Settings.model_validate(overridden)
    except ValidationError as error:
        faults = [f"{_origin(it['loc'], given, source)}: {_explain(it)}" for it in error.errors()]
        raise ConfigError("\n".join(faults)) from None
    if settings.dashboard.port == settings.engine.port:
        from_outside = [name for name in _NUMERIC_OVERRIDES if name in given]
        raise ConfigError(
            f"{' and '.join([*from_outside, source])}: "
            f"dashboard.port and engine.port = {settings.engine.port}: must differ"
        )
    return settings


def _as_demo(settings: Settings) -> Settings:
    demo = settings.demo
    return settings.model_copy(
        update={
            "signals": settings.signals.model_copy(update={"interval": demo.interval}),
            "data": settings.data.model_copy(update={"history_days": demo.history_days}),
            "deepseek": settings.deepseek.model_copy(update={"api_key": None}),
            "schedule": settings.schedule.model_copy(update={"enabled": False}),
        }
    )


def _secrets(path: Path) -> dict[str, str]:
    try:
        return {name: value for name, value in dotenv_values(path).items() if value}
    except (OSError, UnicodeDecodeError) as error:
        # Without the error's own words: they may quote the file.
        raise ConfigError(f"{path}: cannot be read as UTF-8 text") from error


def _document(path: Path) -> dict[str, Any]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - it is a safe one
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except yaml.MarkedYAMLError as error:
        # Without the quoted line: somebody may have put a key there.
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ConfigError(f"{path.name}: not YAML: {line}{error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{path.name}: not YAML: {reason}") from error
    if not isinstance(document, dict):
        raise ConfigError(f"{path.name}: must be a mapping of keys, was {type(document).__name__}")
    return document


def _overridden(document: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    result = {key: dict(v) if isinstance(v, dict) else v for key, v in document.items()}
    for variable, (section, key) in _OVERRIDES.items():
        if section in _OPTIONAL_SECTIONS and variable in environ:
            result.setdefault(section, {})
        if variable not in environ or not isinstance(result.get(section), dict):
            continue  # a missing section is reported by the validation that follows
        text = environ[variable]
        if variable not in _NUMERIC_OVERRIDES:
            result[section][key] = text
        elif text.isascii() and text.isdecimal() and len(text) <= _LONGEST_PORT:
            result[section][key] = int(text)
        else:
            raise ConfigError(f"{variable} = {text!r}: must be a port number, 1 to 65535")
    return result


def _origin(location: tuple[str | int, ...], given: Mapping[str, str], source: str) -> str:
    """Return where a value came from: the variable that was put over the document, or that."""
    names = (name for name, place in _OVERRIDES.items() if place == location and name in given)
    name = next(names, "")
    return f"{name} (environment or .env)" if name else source


def _explain(fault: Any) -> str:
    key = ".".join(str(part) for part in fault["loc"])
    reason = str(fault["msg"]).removeprefix("Value error, ")
    if not key:
        return reason  # of the whole; it names the keys itself
    match fault["type"]:
        case "extra_forbidden":
            return f"unknown key {key}{_nearest(fault['loc'])}"
        case "missing":
            return f"missing key {key}"
        case "tuple_type":
            return f"{key} = {_shown(fault['input'])}: must be a list"
        case "model_type":
            return f"{key}: must be a section of keys, was {type(fault['input']).__name__}"
        case _:
            return f"{key}{_given(fault)}: {reason}"


def _given(fault: Any) -> str:
    """Return what was wrong; nothing of a section, whose fault names the keys itself."""
    if isinstance(fault["input"], Mapping):
        return ""
    return f" = {'(hidden)' if not _SECRETS.isdisjoint(fault['loc']) else _shown(fault['input'])}"


def _shown(value: object) -> str:
    short = reprlib.Repr()
    short.maxstring = short.maxother = short.maxlong = _LONGEST_SHOWN
    short.maxlevel = 2
    return short.repr(value)


def _nearest(location: tuple[str | int, ...]) -> str:
    model: Any = Settings
    for part in location[:-1]:
        annotation = model.model_fields[str(part)].annotation
        choices = get_args(annotation) or (annotation,)  # a section that may be absent is a union
        model = next(c for c in choices if hasattr(c, "model_fields"))
    close = difflib.get_close_matches(str(location[-1]), model.model_fields, n=1)
    allowed = ", ".join(name for name in model.model_fields if name not in _SECRETS)
    return f" (did you mean {close[0]}?)" if close else f" (allowed: {allowed})"
