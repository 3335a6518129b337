"""Writes a recording from a thread of its own, so that the socket never waits for the disk."""

import gzip
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from core.data.recording.errors import RecordingError
from core.data.recording.lines import Header, frame_line
from core.data.recording.reader import SUFFIX

MOST_WAITING_BYTES = 64 << 20
_LEVEL = 4  # as small as level 6 within 3 %, in half the time
# After a power cut at most so much is missing; each such point costs a few bytes.
_FLUSH_EVERY_S = 5.0
_POLL_S = 0.25


def _created(path: Path) -> gzip.GzipFile:
    return gzip.GzipFile(path, "xb", compresslevel=_LEVEL)


class RecordingWriter:
    """
    Use as ``with RecordingWriter(folder, headers) as writer``; leaving it ends the files.

    Args:
        folder: Made if absent; must not hold a recording yet.
        headers: One file is written for each.
        create: Makes one file.
        monotonic: Seconds, for when files are flushed.
        most_waiting_bytes: What the disk has not taken yet and may be kept; more is dropped.

    Attributes:
        frames: Frames taken, by route.
        dropped: Frames that were not, because the disk was too slow or had failed.

    Raises:
        RecordingError: On entering, if a file cannot be made.
    """

    def __init__(
        self,
        folder: Path,
        headers: tuple[Header, ...],
        *,
        create: Callable[[Path], gzip.GzipFile] = _created,
        monotonic: Callable[[], float] = time.monotonic,
        most_waiting_bytes: int = MOST_WAITING_BYTES,
    ) -> None:
        self.frames: Counter[str] = Counter()
        self.dropped = 0
        self._folder = folder
        self._headers = headers
        self._create = create
        self._monotonic = monotonic
        self._most_waiting_bytes = most_waiting_bytes
        self._waiting: deque[tuple[str, int, bytes]] = deque()
        self._waiting_bytes = 0
        self._counting = threading.Lock()
        self._wake = threading.Event()
        self._ending = False
        self._failure: OSError | None = None
        self._thread = threading.Thread(target=self._run, name="recording", daemon=True)
        self._files: dict[str, gzip.GzipFile] = {}
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for header in self._headers:
                file = self._create(self._path(header.route))
                self._files[header.route] = file
                self._closing.callback(file.close)
                file.write(header.line())
        except OSError as error:
            self._close()
            raise RecordingError(f"{self._folder}: cannot be written: {error}") from error
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ending = True
        self._wake.set()
        self._thread.join()

    @property
    def failure(self) -> RecordingError | None:
        """Why nothing is written any more; None while all is well."""
        if self._failure is None:
            return None
        reason = self._failure.strerror or str(self._failure)
        return RecordingError(f"{self._folder}: cannot be written any more: {reason}")

    @property
    def size_bytes(self) -> int:
        """How much the files take on disk now."""
        return sum(
            path.stat().st_size
            for path in (self._path(route) for route in tuple(self._files))
            if path.exists()
        )

    def take(self, route: str, payload: bytes, received_ns: int) -> None:
        """Note a frame of a route named by a header; never blocks, may be the stream's tap."""
        with self._counting:
            full = self._waiting_bytes + len(payload) > self._most_waiting_bytes
            if full or self._failure is not None or route not in self._files:
                self.dropped += 1
                return
            self._waiting_bytes += len(payload)
            self.frames[route] += 1
        self._waiting.append((route, received_ns, payload))

    def discard(self) -> None:
        """Remove what was written, once the files have ended: nothing in it is worth keeping."""
        for route in self._files:
            self._path(route).unlink(missing_ok=True)
        with suppress(OSError):  # it was not ours alone
            self._folder.rmdir()

    def _run(self) -> None:
        try:
            flushed_s = self._monotonic()
            while not self._ending:
                self._wake.wait(_POLL_S)
                self._write_waiting()
                if self._monotonic() - flushed_s >= _FLUSH_EVERY_S:
                    flushed_s = self._monotonic()
                    for file in self._files.values():
                        file.flush()
            self._write_waiting()
        except OSError as error:
            self._failure = error
        finally:
            self._close()

    def _write_waiting(self) -> None:
        lines: dict[str, list[bytes]] = {}
        size = 0
        while self._waiting:
            route, received_ns, payload = self._waiting.popleft()
            lines.setdefault(route, []).append(frame_line(received_ns, payload))
            size += len(payload)
        for route, found in lines.items():
            self._files[route].write(b"".join(found))
        with self._counting:
            self._waiting_bytes -= size

    def _close(self) -> None:
        try:
            self._closing.close()
        except OSError as error:
            self._failure = self._failure or error

    def _path(self, route: str) -> Path:
        return self._folder / f"{route}{SUFFIX}"
