"""``data/last_good_version.json``: which code last came up whole here, and which one before it."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from core.config import REPOSITORY, Home
from core.data.atomic_file import replace_file
from core.journal.tables import REVISION
from ops.backup.create import program_version

_HASH: Final = re.compile(r"[0-9a-f]{7,64}")
_LONGEST_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Version:
    """
    One state of the code.

    Attributes:
        revision: Its commit; empty where this is no git checkout.
        program: Its version.
        schema: Of the journal that it keeps.
        at: When it came up, UTC.
        previous: The commit that came up before it; empty when none is known.
    """

    revision: str
    program: str = ""
    schema: str = ""
    at: str = ""
    previous: str = ""


def commit_of(repository: Path = REPOSITORY) -> str:
    """Return which commit is checked out; empty where git cannot tell."""
    git = shutil.which("git")
    if git is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            [git, "-C", str(repository), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            timeout=_LONGEST_S,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    found = done.stdout.strip()
    return found if done.returncode == 0 and _HASH.fullmatch(found) else ""


def last_good_file(home: Home) -> Path:
    """Return where a home keeps it."""
    return home.root / "data" / "last_good_version.json"


def last_good(home: Home) -> Version | None:
    """Return what came up last; None when that is not known, or the file is damaged."""
    try:
        told = json.loads(last_good_file(home).read_text(encoding="utf-8"))
        version = Version(**{name: str(told[name]) for name in Version.__slots__})
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    hashes = (version.revision, version.previous)
    return version if all(not h or _HASH.fullmatch(h) for h in hashes) else None


def remember_good(
    home: Home,
    *,
    commit: str,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """
    Note that the present code has come up whole.

    Raises:
        OSError: If that cannot be written; the old note is left then.
    """
    before = last_good(home)
    now = Version(commit, program_version(), REVISION, f"{clock():%Y-%m-%dT%H:%M:%SZ}")
    if before:
        same = before.revision == commit
        now = replace(now, previous=before.previous if same else before.revision)
    text = json.dumps(asdict(now), indent=1)
    replace_file(last_good_file(home), lambda file: file.write(f"{text}\n".encode()))


def way_back(home: Home, commit: str) -> str:
    """Return the commit to go back to from ``commit``; empty when none is known."""
    known = last_good(home)
    if known is None:
        return ""
    return known.revision if known.revision != commit else known.previous
