"""Reads recordings, line by line and whatever they hold: ours, cryptofeed's, hftbacktest's."""

import gzip
import heapq
import itertools
import re
import tarfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, cast

from core.data.recording.errors import RecordingError
from core.data.recording.lines import (
    REST,
    Frame,
    Header,
    LineError,
    LineFault,
    RestAnswer,
    parse_answer,
    parse_line,
)

SUFFIX = ".frames.gz"
_GZIP = b"\x1f\x8b"
# exchangeInfo is about a megabyte; what is longer by far is no line but a broken file.
_LONGEST_LINE_BYTES = 32 << 20
_CAPTURE_HEADER = re.compile(rb"wss?://\S+")
# A recording has three files. Each is open while it is played.
_MOST_FILES = 64
# All answers are in memory while a recording is played; a few bytes can unpack to many gigabytes.
_MOST_ANSWERS_BYTES = 256 << 20
_DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error, tarfile.ReadError)


@dataclass(slots=True)
class _Part:
    """One file of a recording, on disk or within an archive."""

    name: str
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    header: Header | None = None


class Recording:
    """
    A recording on disk; each iteration reads it anew.

    Args:
        path: A folder or a ``.tar`` made by ``main.py record``, or one capture, gzipped or not.

    Attributes:
        faults: Lines left out, by kind, of all that has been read.

    Raises:
        RecordingError: If there is nothing to read.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.faults: Counter[LineFault] = Counter()
        try:
            self._parts = self._found(path)
            for part in self._parts:
                part.header = self._header(part)
        except (OSError, tarfile.TarError, *_DAMAGE) as error:
            reason = " ".join(str(error).split())
            raise RecordingError(f"{path}: cannot be read: {reason}") from error
        if not self._parts:
            raise RecordingError(f"{path}: holds no *{SUFFIX}")
        if len(self._parts) > _MOST_FILES:
            raise RecordingError(f"{path}: holds more than {_MOST_FILES} files")

    @property
    def headers(self) -> tuple[Header, ...]:
        """What the files say of themselves; captures of other programs say nothing."""
        return tuple(part.header for part in self._parts if part.header is not None)

    def frames(self) -> Iterator[Frame]:
        """Yield the frames of all routes in the order in which they came."""
        parts = [self._lines(part) for part in self._parts if _route(part) != REST]
        return heapq.merge(*parts, key=lambda frame: frame.received_ns)

    def answers(self) -> Iterator[RestAnswer]:
        """Yield what REST answered, oldest first."""
        left_bytes = _MOST_ANSWERS_BYTES
        for frame in (f for part in self._parts if _route(part) == REST for f in self._lines(part)):
            left_bytes -= len(frame.payload)
            if left_bytes < 0:
                self.faults[LineFault.LONG] += 1
                return
            try:
                yield parse_answer(frame)
            except LineError as error:
                self.faults[error.fault] += 1

    def _found(self, path: Path) -> tuple[_Part, ...]:
        if path.suffix != ".tar" or path.is_dir():
            return tuple(_parts(path))
        members: list[tarfile.TarInfo] = []
        with tarfile.open(path) as archive:
            try:
                members.extend(itertools.islice(archive, _MOST_FILES + 1))
            except tarfile.ReadError:
                if not members:
                    raise
                self.faults[LineFault.CUT] += 1  # what is there may tell enough
        files = [each for each in members if each.isfile() and each.name.endswith(SUFFIX)]
        return tuple(_Part(Path(each.name).name, partial(_within, path, each)) for each in files)

    def _header(self, part: _Part) -> Header | None:
        with _opened(part) as file:
            line = file.readline(_LONGEST_LINE_BYTES)
        if not line.startswith(b"{"):
            return None
        try:
            return Header.from_line(line)
        except LineError as error:
            raise RecordingError(f"{self.path}: {part.name}: {error}") from error

    def _lines(self, part: _Part) -> Iterator[Frame]:
        route = _route(part)
        with _opened(part) as file:
            for number, line in enumerate(self._whole_lines(file)):
                if number == 0 and (part.header or _CAPTURE_HEADER.match(line)):
                    continue
                try:
                    yield parse_line(line, route)
                except LineError as error:
                    self.faults[error.fault] += 1

    def _whole_lines(self, file: IO[bytes]) -> Iterator[bytes]:
        """Yield lines without their ends; what a crash cut off ends the file."""
        skipping = False
        while True:
            try:
                line = file.readline(_LONGEST_LINE_BYTES)
            except _DAMAGE:
                self.faults[LineFault.CUT] += 1
                return
            if not line:
                return
            whole = line.endswith(b"\n") or len(line) < _LONGEST_LINE_BYTES
            if whole and not skipping and line.strip():
                yield line.rstrip(b"\r\n")
            elif not whole and not skipping:
                self.faults[LineFault.LONG] += 1
            skipping = not whole


def is_recording(path: Path) -> bool:
    """Tell whether a path looks like recorded frames, rather than candles."""
    if path.is_dir():
        return next(path.glob(f"*{SUFFIX}"), None) is not None
    return path.suffix in {".gz", ".tar", ".txt", ".jsonl"}


def _route(part: _Part) -> str:
    return part.header.route if part.header is not None else ""


def _parts(path: Path) -> Iterator[_Part]:
    if path.is_dir():
        for file in sorted(path.glob(f"*{SUFFIX}")):
            yield _Part(file.name, partial(_on_disk, file))
    else:
        yield _Part(path.name, partial(_on_disk, path))


@contextmanager
def _on_disk(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as file:
        yield file


@contextmanager
def _within(path: Path, member: tarfile.TarInfo) -> Iterator[IO[bytes]]:
    with tarfile.open(path) as archive:
        file = archive.extractfile(member)
        if file is None:
            raise RecordingError(f"{path}: {member.name} is no file")
        with file:
            yield file


@contextmanager
def _opened(part: _Part) -> Iterator[IO[bytes]]:
    with part.open() as file:
        packed = file.read(len(_GZIP)) == _GZIP
        file.seek(0)
        if not packed:
            yield file
            return
        with gzip.GzipFile(fileobj=file) as unpacked:
            yield cast("IO[bytes]", unpacked)
