"""What a backup says of itself: versions, rows, and the sum of each file in it."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from ops.backup.errors import BackupError

FORMAT: Final = 2  # 1 had neither prompts, candles nor secrets
_SUM = re.compile(r"[0-9a-f]{64}")
_LONGEST_WORDS: Final = 200
_LATEST_MS: Final = 253_402_300_799_999  # the end of the year 9999, after which there is no date


@dataclass(frozen=True, slots=True)
class Member:
    """
    One file.

    Attributes:
        sha256: Of its bytes, as 64 hexadecimal digits.

    Raises:
        ValueError: If one of them cannot be.
    """

    bytes: int
    sha256: str

    def __post_init__(self) -> None:
        if type(self.bytes) is not int or self.bytes < 0:
            raise ValueError(f"bytes is {self.bytes!r:.40}")
        if not isinstance(self.sha256, str) or not _SUM.fullmatch(self.sha256):
            raise ValueError(f"sha256 is {self.sha256!r:.40}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    Attributes:
        made_at: UTC by this machine's clock, as ``2026-11-21T03:30:00Z``.
        program: Version of the program that made it.
        schema: Revision of the journal in it; None where there was no journal.
        sqlite: Version of the library that copied it.
        members: By path within the backup.
        rows: Of each table of the journal.
        format: Of the backup itself; grows when an older program cannot read it.
        prompts: SHA-256 of each text that DeepSeek is told who it is, by the name of the text.
        thinned_before_ms: Decisions on bars before it go without features and votes; None
            where nothing was left out.

    Raises:
        ValueError: If a field is of another type.
    """

    made_at: str
    program: str
    schema: str | None
    sqlite: str
    members: Mapping[str, Member]
    rows: Mapping[str, int]
    format: int = FORMAT
    prompts: Mapping[str, str] = field(default_factory=dict)
    thinned_before_ms: int | None = None

    def __post_init__(self) -> None:
        for words in (self.made_at, self.program, self.sqlite, self.schema or ""):
            if not isinstance(words, str) or len(words) > _LONGEST_WORDS or not words.isprintable():
                raise ValueError(f"words are {words!r:.40}")
        for table, count in self.rows.items():
            if not table.isidentifier() or type(count) is not int or count < 0:
                raise ValueError(f"rows of {table!r:.40} are {count!r:.40}")
        if any(
            not isinstance(told, str) or not _SUM.fullmatch(told) for told in self.prompts.values()
        ):
            raise ValueError("a prompt has no sum")
        before_ms = self.thinned_before_ms
        if before_ms is not None and (
            type(before_ms) is not int or not 0 <= before_ms <= _LATEST_MS
        ):
            raise ValueError(f"thinned_before_ms is {before_ms!r:.40}")

    @property
    def total_bytes(self) -> int:
        """Size of all files together, unpacked."""
        return sum(member.bytes for member in self.members.values())

    @property
    def lacking(self) -> str:
        """What was left out of the journal, for people; empty where nothing was."""
        if self.thinned_before_ms is None:
            return ""
        before = datetime.fromtimestamp(self.thinned_before_ms / 1000, UTC)
        return f"decisions before {before:%Y-%m-%d %H:%M} UTC are without features and votes"

    def to_json(self) -> str:
        """Return the manifest for people and programs."""
        return json.dumps(asdict(self), indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """
        Read what `to_json` wrote.

        Raises:
            BackupError: If it is something else, or of a newer program.
        """
        try:
            told: dict[str, Any] = json.loads(text)
            if type(told["format"]) is int and told["format"] > FORMAT:
                raise BackupError(
                    f"made by version {told.get('program')!s:.40}; this program reads "
                    f"backups up to format {FORMAT}, this one is of format {told['format']}"
                )
            told["members"] = {path: Member(**m) for path, m in told["members"].items()}
            return cls(**told)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise BackupError(f"its manifest is damaged: {error!s:.100}") from error
