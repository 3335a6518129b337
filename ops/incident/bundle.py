"""One archive with what somebody needs who was not there: nothing that is missing prevents it."""

import hashlib
import io
import json
import os
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from core.config import ConfigError, Home, load_settings
from core.telemetry import reason_of
from ops.backup.places import INCIDENTS, config_file
from ops.backup.secrets import without_secrets
from ops.incident.answers import doctor, questions
from ops.incident.cleaning import cleaning
from ops.incident.journal_shape import journal_shape
from ops.incident.recent_logs import recent_logs
from ops.incident.surroundings import files, latch, processes, versions
from ops.logs.known_secrets import secrets_at_hand

SUFFIX: Final = ".tar.gz"
GATHER_S: Final = 16.0
"""What has not come by then is left out, so that packing ends within half a minute."""
LOOK_AT: Final = (
    "logs: symbols, positions, paths, host names; chat_history.log holds what people wrote",
    "config.yaml and versions.txt: addresses and ports of your installation",
    "processes.json and files.txt: paths, which may name you",
)
Pieces = Iterable[tuple[str, str]]
Source = Callable[[], Pieces]


class BundleError(Exception):
    """The bundle cannot be written; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """
    Attributes:
        path: Where it is.
        missing: What could not be told, and why.
    """

    path: Path
    members: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Means:
    """
    What takes time.

    Attributes:
        gather_s: What has not come by then is left out.
    """

    doctor: Callable[[Home], str] = doctor
    versions: Callable[[], str] = versions
    gather_s: float = GATHER_S


@dataclass(slots=True)
class _Found:
    texts: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def incident_bundle(
    home: Home,
    *,
    hours: float = 24.0,
    chat: bool = True,
    output: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
    means: Means | None = None,
) -> Bundle:
    """
    Pack logs, answers, configuration and versions, all cleared of secrets.

    Args:
        home: Whose.
        hours: Of logs.
        chat: Whether the log of the chat is among them.
        output: A file, or a directory; by default below ``reports/incidents``.
        say: Hears how it goes.
        means: For tests.

    Raises:
        BundleError: If it cannot be written; nothing is left of it then.
    """
    now_s, means = time.time(), means or Means()
    target = _target(home, output, now_s)
    # Before all else: without them nothing may be packed.
    clean = cleaning(secrets_at_hand())
    say("Gathering, half a minute at most ...")
    found = _gathered(_sources(home, hours, now_s, means=means, chat=chat), means.gather_s)
    texts = {name: clean(text) for name, text in found.texts.items() if text}
    missing = tuple(clean(one) for one in found.missing)
    texts["manifest.json"] = _manifest(texts, missing, hours, now_s)
    say(f"Packing {len(texts)} files ...")
    _pack(target, texts, now_s)
    return Bundle(target, tuple(sorted(texts)), missing)


def _sources(
    home: Home, hours: float, now_s: float, *, means: Means, chat: bool
) -> dict[str, Source]:
    told: dict[str, Callable[[], str]] = {
        "config.yaml": _config,
        "versions.txt": means.versions,
        "doctor.txt": lambda: means.doctor(home),
        "journal.txt": lambda: journal_shape(home.database),
        "processes.json": lambda: processes(home),
        "EMERGENCY_STOP": lambda: latch(home),
        "files.txt": lambda: files(home),
        **questions(home, _token()),
    }
    logs = partial(recent_logs, home.logs, hours, now_s, chat=chat)
    return {"logs": lambda: ((f"logs/{name}", text) for name, text in logs())} | {
        name: partial(_alone, name, tell) for name, tell in told.items()
    }


def _alone(name: str, tell: Callable[[], str]) -> Pieces:
    return [(name, tell())]


def _gathered(sources: dict[str, Source], gather_s: float) -> _Found:
    """Ask every source at once; of one that hangs or fails, what came by then stays."""
    told: SimpleQueue[tuple[str, str, str | None]] = SimpleQueue()
    for name, source in sources.items():
        # Daemons: one that hangs in a dead disk must not keep the command from ending.
        threading.Thread(target=_ask, args=(name, source, told), daemon=True).start()
    found, waiting, until_s = _Found(), set(sources), time.monotonic() + gather_s
    while waiting:
        try:
            name, text, of = told.get(timeout=max(0.0, until_s - time.monotonic()))
        except Empty:
            found.missing += [f"{one}: not there within {gather_s:.0f} s" for one in waiting]
            break
        if of is None:
            waiting.discard(name)
            found.missing += [f"{name}: {text}"] if text else []
        else:
            found.texts[of] = text
    return found


def _ask(name: str, source: Source, told: "SimpleQueue[tuple[str, str, str | None]]") -> None:
    fault = ""
    try:
        for of, text in source():
            told.put((name, text, of))
    except Exception as error:  # noqa: BLE001 - whatever is broken is why somebody packs this
        fault = reason_of(error) or type(error).__name__
    told.put((name, fault, None))


def _config() -> str:
    config = config_file()
    return without_secrets(config.read_text(encoding="utf-8"), secrets_at_hand(config))


def _token() -> str:
    try:
        token = load_settings().dashboard.token
    except ConfigError:  # then nobody is let in who has to show one
        return ""
    return token.get_secret_value() if token is not None else ""


def _target(home: Home, output: Path | None, now_s: float) -> Path:
    name = f"incident_{datetime.fromtimestamp(now_s, UTC):%Y%m%d_%H%M%S}"
    if output is not None and not output.is_dir():
        if output.exists():
            raise BundleError(f"{output}: is there already")
        if not output.parent.is_dir():
            raise BundleError(f"{output.parent}: no such directory")
        return output
    folder = output or home.reports / INCIDENTS
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BundleError(f"{folder}: cannot be made: {error.strerror}") from error
    return next(path for path in _names(folder, name) if not path.exists())


def _names(folder: Path, name: str) -> Iterator[Path]:
    yield folder / f"{name}{SUFFIX}"
    number = 1
    while True:
        number += 1
        yield folder / f"{name}_{number}{SUFFIX}"


def _manifest(texts: dict[str, str], missing: tuple[str, ...], hours: float, now_s: float) -> str:
    return json.dumps(
        {
            "made_at": f"{datetime.fromtimestamp(now_s, UTC):%Y-%m-%dT%H:%M:%SZ}",
            "hours": hours,
            "look_at_before_sharing": LOOK_AT,
            "missing": missing,
            "members": {
                name: {
                    "bytes": len(data := text.encode()),
                    "sha256": hashlib.sha256(data).hexdigest(),
                }
                for name, text in sorted(texts.items())
            },
        },
        indent=1,
    )


def _pack(target: Path, texts: dict[str, str], now_s: float) -> None:
    """Write a draft beside the target and give it its name once it is whole; for its owner only."""
    draft = Path()
    try:
        descriptor, named = tempfile.mkstemp(prefix=".incident-", dir=target.parent)
        draft = Path(named)
        with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w:gz") as tar:
            for name, text in sorted(texts.items()):
                data = text.encode()
                member = tarfile.TarInfo(f"{target.name.removesuffix(SUFFIX)}/{name}")
                member.size, member.mtime, member.mode = len(data), int(now_s), 0o600
                tar.addfile(member, io.BytesIO(data))
        draft.replace(target)
    except OSError as error:
        raise BundleError(f"{target}: cannot be written: {error.strerror}") from error
    finally:
        if draft.name:
            draft.unlink(missing_ok=True)
