"""One entry of the audit trail: what it says, and the sum that binds it to the one before."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final

LONGEST_WHO: Final = 100
LONGEST_DETAIL: Final = 2_000
"""Characters: a paragraph. What was cut ends in an ellipsis."""
_END_OF_TIME_MS: Final = 253_402_300_800_000  # the year 10000, which no date can name
START: Final = "0" * 64
"""What the first entry names as the hash of the one before."""


class Action(StrEnum):
    """What somebody did."""

    CONFIG = "config"
    STOP = "stop"
    RESUME = "resume"
    RESTORE = "restore"
    MANUAL = "manual"
    MIGRATE = "migrate"
    ROLLBACK = "rollback"
    UPDATE = "update"
    SECRETS = "secrets"
    ALARM = "alarm"
    TRAIL = "trail"
    """What the trail says of itself: a torn line, entries put back."""


class EntryError(ValueError):
    """A line is no entry; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """
    Attributes:
        sequence: From 1 on, without a gap.
        at_ms: This machine's clock.
        action: The value of an `Action`; one of a newer program is unknown here.
        previous: Hash of the entry before; `START` for the first.
        hash: SHA-256 of all the others, see `sum_of`.
    """

    sequence: int
    at_ms: int
    who: str
    action: str
    detail: str
    previous: str
    hash: str

    def line(self) -> str:
        """Return the line of the file, with its end."""
        return json.dumps(asdict(self), ensure_ascii=True) + "\n"

    @property
    def is_sound(self) -> bool:
        """Whether the hash is the one of what the entry says."""
        values = asdict(self)
        del values["hash"]
        return self.hash == sum_of(values)


def sealed(before: Entry | None, at_ms: int, action: Action, *, who: str, detail: str) -> Entry:
    """Return the entry that follows another one; None before the first."""
    values: dict[str, Any] = {
        "sequence": 1 if before is None else before.sequence + 1,
        "at_ms": at_ms,
        "who": one_line(who, LONGEST_WHO) or "unknown",
        "action": action.value,
        "detail": one_line(detail, LONGEST_DETAIL),
        "previous": START if before is None else before.hash,
    }
    return Entry(**values, hash=sum_of(values))


def follows(before: Entry | None, entry: Entry) -> bool:
    """Whether an entry is the next one; ``before`` is None in front of the first."""
    if before is None:
        return (entry.sequence, entry.previous) == (1, START)
    return (entry.sequence, entry.previous) == (before.sequence + 1, before.hash)


def sum_of(values: Mapping[str, Any]) -> str:
    """
    Return the SHA-256 of an entry's values but for the hash, in hexadecimal.

    Over the canonical form: JSON of one object, keys in order of the alphabet, no space, all
    beyond ASCII escaped.
    """
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()


def entry_of(values: object) -> Entry:
    """
    Make an entry of what JSON, or a row, holds; its hash is not looked at.

    Raises:
        EntryError: If something is missing, too much, or of another kind.
    """
    if not isinstance(values, Mapping) or set(values) != set(Entry.__slots__):
        raise EntryError("has not the fields of an entry")
    for name in ("sequence", "at_ms"):
        if type(values[name]) is not int or not 0 <= values[name] < _END_OF_TIME_MS:
            raise EntryError(f"{name} is no whole number that can be")
    for name in ("who", "action", "detail", "previous", "hash"):
        if not isinstance(values[name], str) or not values[name].isprintable():
            raise EntryError(f"{name} is no line of words")
    return Entry(**values)


def entry_of_line(line: bytes) -> Entry:
    """Make an entry of a line of the file; raises `EntryError`."""
    try:
        return entry_of(json.loads(line))
    except EntryError:
        raise
    except (ValueError, RecursionError) as error:
        raise EntryError(f"is no JSON: {error}") from error


def one_line(text: str, longest: int) -> str:
    """Return words on one line, escaped where they would not show, and cut where too long."""
    shown = text[: longest + 1].strip()
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
    return line if len(line) <= longest else line[: longest - 1] + "…"
