"""What a recording is about, before it is played: symbols, streams, precision, first instant."""

import itertools
import re
from dataclasses import dataclass
from pathlib import Path

from core.data.recording.errors import RecordingError
from core.data.recording.reader import Recording
from core.simulator.errors import SimulatorError
from core.simulator.frame_replay.envelope import event_time_ms, opened, symbol_of
from core.simulator.listings import Listing, listing

# Enough to meet every stream of a capture that does not list them itself.
_LOOKED_AT = 200_000
_MOST_DECIMALS = 12
_SYMBOL = re.compile(r"[^\s/\\@!?&#%\"a-z.]{2,40}")
_PRICE = re.compile(rb'"[bcp]"\s*:\s*"(\d+)(?:\.(\d+))?"')
_QUANTITY = re.compile(rb'"[Bqv]"\s*:\s*"(\d+)(?:\.(\d+))?"')


@dataclass(frozen=True, slots=True)
class Contents:
    """
    What a recording is about.

    Attributes:
        begins_ms: Event time of the first frame that has one.
    """

    listings: tuple[Listing, ...]
    streams: frozenset[str]
    begins_ms: int


def contents(recording: Recording, symbols: tuple[str, ...] = ()) -> Contents:
    """
    Look through a recording.

    Args:
        recording: What is to be played.
        symbols: Which of its symbols; empty: all.

    Raises:
        SimulatorError: If it holds no frame, or not one of the symbols.
    """
    streams = {name for header in recording.headers for name in header.streams}
    begins_ms: int | None = None
    digits: dict[str, tuple[int, int]] = {}
    for frame in itertools.islice(recording.frames(), _LOOKED_AT):
        if begins_ms is None:
            begins_ms = event_time_ms(frame.payload)
        envelope = opened(frame.payload)
        if envelope is not None:
            streams.add(envelope.stream)
            symbol = symbol_of(envelope.stream)
            price, quantity = digits.get(symbol, (0, 0))
            price = max(price, _decimals(_PRICE, envelope.data))
            digits[symbol] = price, max(quantity, _decimals(_QUANTITY, envelope.data))
    told = {symbol for header in recording.headers for symbol in header.symbols}
    held = sorted(s for s in told | {symbol_of(name) for name in streams} if _SYMBOL.fullmatch(s))
    if begins_ms is None or not held:
        raise SimulatorError(f"{recording.path}: holds no frame of a market stream")
    if absent := [symbol for symbol in symbols if symbol not in held]:
        raise SimulatorError(f"{recording.path}: no frames of {', '.join(absent)}")
    chosen = symbols or tuple(held)
    return Contents(
        tuple(_listing(symbol, *digits.get(symbol, (2, 3))) for symbol in chosen),
        frozenset(streams),
        begins_ms,
    )


def opened_recording(path: Path) -> Recording:
    """
    Open a recording for the simulator.

    Raises:
        SimulatorError: If it cannot be read.
    """
    try:
        return Recording(path)
    except RecordingError as error:
        raise SimulatorError(str(error)) from error


def _listing(symbol: str, price_decimals: int, quantity_decimals: int) -> Listing:
    known = listing(symbol)
    if known.price_decimals >= price_decimals and known.quantity_decimals >= quantity_decimals:
        return known
    return Listing(symbol, price_decimals, 1, quantity_decimals, known.typical_price)


def _decimals(numbers: re.Pattern[bytes], data: bytes) -> int:
    match = numbers.search(data)
    return min(len((match[2] or b"").rstrip(b"0")), _MOST_DECIMALS) if match else 0
