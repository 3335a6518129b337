"""What REST knows at an instant of a replay: built from recorded answers and played frames."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from core.data.recording.lines import Frame, RestAnswer
from core.simulator.frame_replay.candle_book import CandleBook, Trade
from core.simulator.frame_replay.envelope import (
    Envelope,
    event_time_ms,
    is_snapshot,
    symbol_of,
    tells_changes,
)
from core.simulator.frame_replay.recorded_book import RecordedBook

_LEAP_MS = 3_600_000


class ReplayState:
    """
    Market time, candles, order books and other answers, as far as the replay has come.

    Args:
        symbols: What the recording is about.
        streams: Which streams it holds.
        begins_ms: Market time before the first frame.
    """

    def __init__(self, symbols: Iterable[str], streams: Iterable[str], begins_ms: int) -> None:
        self.market_ms = begins_ms
        self.candles = CandleBook()
        self.exchange_info: Mapping[str, Any] | None = None
        self.malformed = 0
        self._books = {symbol: RecordedBook() for symbol in symbols}
        self._others: dict[tuple[str, str], Any] = {}
        self._coming: list[RestAnswer] = []
        self._received_ns = 0
        self._folds = _folded_streams(streams)

    def expect(self, answers: Iterable[RestAnswer]) -> None:
        """Take what REST answered while the recording was made."""
        for answer in answers:
            name = answer.path.removeprefix("/fapi/v1/")
            symbol = answer.query.get("symbol", "")
            if name == "klines" and isinstance(answer.body, list):
                self.malformed += self.candles.remember(
                    symbol,
                    answer.query.get("interval", ""),
                    answer.body,
                    open_end="endTime" not in answer.query,
                )
            elif name == "exchangeInfo" and isinstance(answer.body, dict):
                self.exchange_info = answer.body
            elif name == "depth" and symbol in self._books and isinstance(answer.body, dict):
                self._books[symbol].expect(answer.body)
                self._coming.append(answer)
            else:
                self._others[name, symbol] = answer.body
        self._coming.sort(key=lambda answer: answer.received_ns)

    def play(self, frame: Frame, envelope: Envelope | None) -> None:
        """Take a frame that has just been sent."""
        self._advance(frame)
        while self._coming and self._coming[0].received_ns <= frame.received_ns:
            answer = self._coming.pop(0)
            self._books[answer.query["symbol"]].load(answer.body)
        if envelope is None:
            self._take_snapshot(frame)
        elif (event := _object(envelope.data)) is not None:
            self._take(envelope.stream, event)

    def book(self, symbol: str, limit: int) -> Mapping[str, Any] | None:
        """Return the order book; None when none was recorded."""
        return self._books[symbol].body(limit)

    def other(self, name: str, symbol: str) -> Any:
        """Return what was answered to a request of another kind; None when nobody asked."""
        return self._others.get((name, symbol))

    def _advance(self, frame: Frame) -> None:
        """Follow the event times, but not one that leaps ahead of the time that has passed."""
        time_ms = event_time_ms(frame.payload)
        passed_ms = max(0, frame.received_ns - self._received_ns) // 1_000_000
        self._received_ns = frame.received_ns
        if time_ms is not None and time_ms <= self.market_ms + passed_ms + _LEAP_MS:
            self.market_ms = max(self.market_ms, time_ms)

    def _take(self, stream: str, event: Mapping[str, Any]) -> None:
        symbol = symbol_of(stream)
        if tells_changes(stream) and symbol in self._books:
            self._books[symbol].change(event)
        elif isinstance(kline := event.get("k"), dict):
            self.candles.play(kline)
        elif stream in self._folds and (trade := Trade.of(event)) is not None:
            self.candles.trade(symbol, trade)

    def _take_snapshot(self, frame: Frame) -> None:
        # hftbacktest writes the answer without its symbol; it records one symbol a file.
        if len(self._books) == 1 and is_snapshot(frame.payload):
            body = _object(frame.payload)
            if body is not None:
                next(iter(self._books.values())).load(body)


def _folded_streams(streams: Iterable[str]) -> frozenset[str]:
    """Return the trade streams of symbols without candles; one a symbol, single trades first."""
    held = set(streams)
    with_candles = {symbol_of(name) for name in held if "@kline_" in name}
    chosen: dict[str, str] = {}
    for kind in ("@trade", "@aggTrade"):
        for name in held:
            if name.endswith(kind) and symbol_of(name) not in with_candles:
                chosen.setdefault(symbol_of(name), name)
    return frozenset(chosen.values())


def _object(payload: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
