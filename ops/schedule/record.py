"""``data/schedule.json``: what was done when; whatever is damaged in it counts as never done."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from core.config import Home
from core.data.atomic_file import replace_file
from ops.schedule.due import NEVER, Chore, ChoreRecord


def record_file(home: Home) -> Path:
    """Return where a home keeps it."""
    return home.root / "data" / "schedule.json"


def recorded(home: Home) -> dict[Chore, ChoreRecord]:
    """Return what is known of each chore; never raises for a file that is damaged or absent."""
    try:
        told = json.loads(record_file(home).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        told = None
    entries = told if isinstance(told, dict) else {}
    return {chore: _parsed(entries.get(chore.value)) for chore in Chore}


def record(home: Home, records: Mapping[Chore, ChoreRecord]) -> None:
    """
    Write what is known; only whoever holds the place of maintenance may.

    Raises:
        OSError: If it cannot be written; the old file is left then.
    """
    text = json.dumps({chore.value: asdict(entry) for chore, entry in records.items()}, indent=1)
    replace_file(record_file(home), lambda file: file.write(f"{text}\n".encode()))


def _parsed(entry: object) -> ChoreRecord:
    if not isinstance(entry, dict):
        return NEVER
    failures, told = entry.get("failures"), entry.get("told")
    return ChoreRecord(
        succeeded_s=_number(entry.get("succeeded_s")),
        tried_s=_number(entry.get("tried_s")),
        took_s=_number(entry.get("took_s")) or 0.0,
        failures=failures if isinstance(failures, int) and failures > 0 else 0,
        told=told if isinstance(told, str) else "",
    )


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
