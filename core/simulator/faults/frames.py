"""What becomes of the frames of one socket while faults are active."""

import re
from fnmatch import fnmatchcase
from typing import NamedTuple

from core.simulator.faults.board import FaultBoard, draw, strikes
from core.simulator.faults.garbage import broken_payload
from core.simulator.faults.kinds import (
    ClockSkew,
    Delay,
    Duplicate,
    Garbage,
    MissingClose,
    Mute,
    Reorder,
    SilentSubscription,
)

_WRAPPING = re.compile(r'\s*\{\s*"stream"\s*:\s*"([^"\\]*)"')
_EVENT_TIME = re.compile(r'("E":\s*)(\d+)')
_OPEN_TIME = re.compile(r'"t":\s*(\d+)')
_CLOSED = re.compile(r'"x":\s*true')


class Frame(NamedTuple):
    """A payload as ``/ws`` sends it, and wrapped as ``/stream`` does."""

    payload: str
    wrapped: str

    @property
    def stream(self) -> str:
        """The name in the wrapping; empty for a recorded frame that has none."""
        found = _WRAPPING.match(self.wrapped)
        return found[1] if found else ""

    def with_payload(self, payload: str) -> "Frame":
        """Return another payload in the same wrapping."""
        stream = self.stream
        return Frame(payload, f'{{"stream":"{stream}","data":{payload}}}' if stream else payload)


class FrameFaults:
    """
    The faults of a socket's frames; it remembers a frame that waits to change places.

    Args:
        board: What is active.
    """

    def __init__(self, board: FaultBoard) -> None:
        self._board = board
        self._held: Frame | None = None

    @property
    def calm(self) -> bool:
        """Whether frames go through as they are."""
        return self._board.quiet and self._held is None

    def struck(self, payload: str, wrapped: str) -> list[Frame]:
        """Return what is sent in the place of a frame, in order."""
        frame = self._skewed(Frame(payload, wrapped))
        if self._lost(frame):
            return []
        frames = [f for one in self._repeated(frame) for f in self._reordered(one)]
        for _ in frames:
            for delay in self._board.of(Delay):
                delay.strike()
        return frames

    def delay_s(self) -> float:
        """Return how late frames are sent."""
        return sum(active.fault.ms for active in self._board.of(Delay)) / 1_000

    def _skewed(self, frame: Frame) -> Frame:
        shift_ms = 0
        for active in self._board.of(ClockSkew):
            active.strike()
            shift_ms += active.fault.ms
        if not shift_ms:
            return frame
        shifted = _EVENT_TIME.sub(
            lambda found: f"{found[1]}{int(found[2]) + shift_ms}", frame.payload
        )
        return frame.with_payload(shifted)

    def _lost(self, frame: Frame) -> bool:
        for mute in self._board.of(Mute):
            mute.strike()
            return True
        for silent in self._board.of(SilentSubscription):
            if fnmatchcase(frame.stream, silent.fault.streams):
                silent.strike()
                return True
        for missing in self._board.of(MissingClose):
            if _is_missing(missing.fault, frame):
                missing.strike()
                return True
        return False

    def _repeated(self, frame: Frame) -> list[Frame]:
        frames = [frame]
        for garbage in self._board.of(Garbage):
            if strikes(garbage.fault, frame.payload):
                garbage.strike()
                which = draw(garbage.fault, f"how|{frame.payload}")
                frames.insert(0, frame.with_payload(broken_payload(frame.payload, which)))
        for duplicate in self._board.of(Duplicate):
            if strikes(duplicate.fault, frame.payload):
                duplicate.strike()
                frames.append(frame)
        return frames

    def _reordered(self, frame: Frame) -> list[Frame]:
        if self._held is not None:
            held, self._held = self._held, None
            return [frame, held]
        for reorder in self._board.of(Reorder):
            if strikes(reorder.fault, frame.payload):
                reorder.strike()
                self._held = frame
                return []
        return [frame]


def _is_missing(fault: MissingClose, frame: Frame) -> bool:
    """Decide by candle: what one socket does not get, no other gets."""
    symbol, _, kind = frame.stream.partition("@")
    if not kind.startswith("kline_") or not _CLOSED.search(frame.payload):
        return False
    if fault.symbols is not None and symbol.upper() not in fault.symbols:
        return False
    opened = _OPEN_TIME.search(frame.payload)
    return opened is not None and strikes(fault, f"{frame.stream}|{opened[1]}")
