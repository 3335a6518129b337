"""A restore never lets go of what forbids entries: the stricter state of each breaker stays."""

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.breaker_book import breakers_key
from core.config import Home
from core.model.source import Source
from core.pause_book import PAUSED_SYMBOLS, names_in
from core.trading.breakers import Breakers, BreakerStateError
from ops.backup.snapshot import opened_database

_FREE, _DAILY, _BY_HAND = range(3)  # how hard a state is to get rid of
_UNKNOWN: Final = "unknown: the journal before the restore could not be read"


def keep_stricter(present: Path, restored: Path) -> tuple[str, ...]:
    """
    Carry tripped breakers and paused symbols over into a journal that takes another's place.

    Where the present one cannot be read, every account is halted until it is resumed by hand.

    Args:
        present: The journal that goes; it may be absent or damaged.
        restored: The one that comes, of this program's schema.

    Returns:
        The accounts whose present state was kept.

    Raises:
        sqlite3.Error: If the new journal cannot be read or written.
    """
    try:
        going = _control(present) if present.exists() else _absent(present)
    except sqlite3.Error:
        going = {breakers_key(source): _UNKNOWN for source in Source}
    coming = _control(restored)
    stricter = [source for source in Source if _is_stricter(breakers_key(source), going, coming)]
    kept = {key: _together(going[key], coming.get(key)) for key in map(breakers_key, stricter)}
    if PAUSED_SYMBOLS in going:
        kept[PAUSED_SYMBOLS] = _both(going[PAUSED_SYMBOLS], coming.get(PAUSED_SYMBOLS, "[]"))
    with closing(opened_database(restored)) as connection, connection:
        connection.executemany(
            "INSERT OR REPLACE INTO control (key, value, updated_ms) VALUES (?, ?, 0)",
            kept.items(),
        )
    return tuple(source.value for source in stricter)


def _absent(present: Path) -> Mapping[str, str]:
    """Nothing stands where there never was a journal; of one that was set aside nobody knows."""
    set_aside = Home(present.parent.parent).damage_mark.exists()
    return {breakers_key(source): _UNKNOWN for source in Source} if set_aside else {}


def _control(journal: Path) -> Mapping[str, str]:
    with closing(opened_database(journal)) as connection:
        rows = connection.execute("SELECT key, value FROM control").fetchall()
    return {str(key): str(value) for key, value in rows}


def _is_stricter(key: str, going: Mapping[str, str], coming: Mapping[str, str]) -> bool:
    if key not in going or _rank(going[key]) == _FREE:
        return False
    return _together(going[key], coming.get(key)) != coming.get(key)


def _together(going: str, coming: str | None) -> str:
    """
    Return the state that halts for as long as either does.

    One that waits for a person comes before one of the day; where the day of the present one
    would be forgotten with it, that goes on beside.
    """
    if coming is None or _rank(going) >= _rank(coming):
        return going
    try:
        present, restored = Breakers.from_json(going), Breakers.from_json(coming)
    except BreakerStateError:
        return coming
    halts = restored.halts(present.at_ms)
    if present.at_ms < restored.at_ms or any(halt.code == "daily_loss" for halt in halts):
        return coming
    of_the_day = replace(
        restored,
        at_ms=present.at_ms,
        day_start=present.day_start,
        daily_loss_at=present.daily_loss_at,
    )
    return of_the_day.to_json()


def _both(going: str, coming: str) -> str:
    """Pause what either list pauses; one that cannot be read stays, as it pauses everything."""
    for text in (going, coming):
        try:
            names_in(text)
        except ValueError:
            return text
    return json.dumps(sorted(names_in(going) | names_in(coming)))


def _rank(text: str | None) -> int:
    if text is None:
        return _FREE
    try:
        state = Breakers.from_json(text)
    except BreakerStateError:
        return _BY_HAND
    if state.drawdown_at is not None:
        return _BY_HAND
    return _DAILY if state.daily_loss_at is not None else _FREE
