"""The configuration as loaded, without secrets, and which versions run."""

import platform
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr

from core.config import REPOSITORY, Settings
from ops.backup.create import program_version
from ops.logging_setup import hiding

_PACKAGES: Final = (
    "dash", "plotly", "dash-mantine-components", "dash-ag-grid", "fastapi", "uvicorn", "aiohttp",
    "numpy", "sqlalchemy", "pydantic", "msgspec", "psutil",
)  # fmt: skip
_USER = re.compile(r"(?<=://)[^/@\s]+@")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHORT = 12


def configuration(settings: Settings) -> list[tuple[str, str]]:
    """Return every setting by its path; of a secret only whether there is one."""
    document = settings.model_dump(mode="python")
    hide = hiding(tuple(_secrets(document)))
    return [(path, hide(_USER.sub("•••@", words))) for path, words in _flat("", document)]


def versions(repository: Path = REPOSITORY) -> list[tuple[str, str]]:
    """Return what runs: this program, Python and the packages that matter most."""
    commit = _commit(repository)
    own = program_version() + (f", commit {commit[:_SHORT]}" if commit else "")
    found = [("This program", own), ("Python", platform.python_version())]
    for name in _PACKAGES:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            found.append((name, "not installed"))
    return found


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, SecretStr):
        yield path, "••••••, set"
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{path}.{key}" if path else str(key), inner)
    elif isinstance(value, list | tuple | set | frozenset):
        yield path, ", ".join(str(one) for one in value) or "none"
    else:
        yield path, "not set" if value is None else str(value)


def _secrets(value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _secrets(inner)


def _commit(repository: Path) -> str:
    """Return the commit that is checked out, empty where that is not known."""
    try:
        head = (repository / ".git" / "HEAD").read_text(encoding="utf-8").strip()
        if head.startswith("ref: "):
            place = repository / ".git" / head.removeprefix("ref: ")
            head = place.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    return head if _COMMIT.fullmatch(head) else ""
