"""Writes down when a process starts with another configuration than the last one had."""

import hashlib
import json
import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, SecretStr

from core.config import Home, Settings
from core.data.atomic_file import replace_file
from ops.audit.audit_file import AuditFile
from ops.audit.entry import Action
from ops.audit.trail import append_if

logger = logging.getLogger(__name__)

_SUM: Final = "sha256="
_LONGEST_VALUE: Final = 60  # characters: a number, a word, some symbols
_ADDRESS: Final = re.compile(r"(\w+://)(?:[^\s/@\"]*@)*([^\s/@\"?#]*)[^\s\"]*")
# Of the demo's own simulator, which listens somewhere else each time.
_DEMO_OWN: Final = frozenset({"exchange.rest_url", "exchange.ws_url"})


def note_config(home: Home, settings: Settings, *, who: str, demo: bool = False) -> bool:
    """
    Write an entry if the configuration is not that of the last entry of its kind.

    It names the keys that changed. Of secrets it tells only whether there is one.

    Args:
        home: Whose trail.
        settings: What the process runs with.
        who: The process.
        demo: Leave out where the built-in simulator listens.

    Returns:
        False when it should have been written and could not be.
    """
    values = {key: text for key, text in flat(settings) if not (demo and key in _DEMO_OWN)}
    total = hashlib.sha256(json.dumps(values, sort_keys=True).encode("ascii")).hexdigest()
    seen = home.database.with_name("config.seen.json")

    def words(file: AuditFile) -> str | None:
        last = _last_sum(file)
        if last == total:
            return None
        if not last:
            return f"{_SUM}{total} the first that is written down"
        before = _remembered(seen, last)
        what = "what changed is not known" if before is None else _changes(before, values)
        return f"{_SUM}{total} {what}"

    written = append_if(home, Action.CONFIG, who=who, words=words)
    if written and _remembered(seen, total) is None:
        try:
            _remember(seen, total, values)
        except OSError as error:  # no reason not to start: the next change is told without keys
            logger.warning("configuration not remembered: file=%s reason=%s", seen, error)
    return written


def flat(section: BaseModel, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield each key by its whole name with its value as JSON; a secret only as set or not."""
    for name, field in type(section).model_fields.items():
        value, key = getattr(section, name), f"{prefix}{name}"
        if isinstance(value, BaseModel):
            yield from flat(value, f"{key}.")
        elif isinstance(value, SecretStr) or "SecretStr" in str(field.annotation):
            yield key, "(set)" if value else "(not set)"
        else:
            yield key, _bare(json.dumps(section.model_dump(mode="json", include={name})[name]))


def _bare(value: str) -> str:
    """Leave of addresses what nobody hides in: neither account nor path nor question."""
    return _ADDRESS.sub(r"\1\2", value)


def _last_sum(file: AuditFile) -> str:
    details = (e.detail for e in reversed(file.entries()) if e.action == Action.CONFIG)
    first, _, _ = next(details, "").partition(" ")
    return first.removeprefix(_SUM)


def _changes(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    names = [key for key in sorted({*before, *now}) if before.get(key) != now.get(key)]
    return "changed: " + ", ".join(
        f"{key} {_shown(before.get(key))} -> {_shown(now.get(key))}" for key in names
    )


def _shown(value: str | None) -> str:
    if value is None:
        return "(absent)"
    return value if len(value) <= _LONGEST_VALUE else f"{value[:_LONGEST_VALUE]}…"


def _remembered(seen: Path, total: str) -> dict[str, str] | None:
    """Return the values of a sum; None where they are not those that were seen last."""
    try:
        raw: Any = json.loads(seen.read_text(encoding="utf-8"))
        values = {str(key): str(value) for key, value in raw["values"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return values if raw["sha256"] == total else None


def _remember(seen: Path, total: str, values: Mapping[str, str]) -> None:
    # Engine and page start at the same time: each has a draft of its own.
    text = json.dumps({"sha256": total, "values": dict(values)})
    replace_file(seen, lambda file: file.write(text.encode("ascii")))
