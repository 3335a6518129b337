"""What the stand-in for an exchange says: candles, trades, marks and rules, as on the wire."""

import math
import time
from collections.abc import Iterator

MINUTE_MS = 60_000
HISTORY_MINUTES = 1_500
STEP_MS = 250
NAMED = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
_SHORT, _MEDIUM = 126, 1 << 16


class Market:
    """Candles that are a function of symbol and minute, so that REST and stream agree."""

    def __init__(self, symbols: int) -> None:
        made = (f"X{number:04d}USDT" for number in range(symbols))
        self.symbols = (*NAMED, *made)[:symbols]
        self.begins_ms = time.time_ns() // 1_000_000
        self.ahead_ms = 0

    def now_ms(self) -> int:
        """What time it is there; a burst takes it ahead of ours."""
        return time.time_ns() // 1_000_000 + self.ahead_ms

    def bar(self, number: int, minute: int, done: float = 1.0) -> dict[str, str]:
        """Values as Binance writes them, of a bar of which a share is over."""
        opening = self._price(number, minute)
        close = opening + (self._price(number, minute + 1) - opening) * done
        volume = (100.0 + (number * 7919 + minute * 104_729) % 1000) * done
        return {
            "o": f"{opening:.2f}",
            "c": f"{close:.2f}",
            "h": f"{max(opening, close) + 0.01:.2f}",
            "l": f"{min(opening, close) - 0.01:.2f}",
            "v": f"{volume:.3f}",
            "q": f"{volume * opening:.5f}",
            "V": f"{volume / 2:.3f}",
            "Q": f"{volume * opening / 2:.5f}",
        }

    def _price(self, number: int, minute: int) -> float:
        return (100.0 + number) * (1.0 + 0.02 * math.sin(minute / 50.0 + number))

    def kline(self, number: int, minute: int, event_ms: int, *, closed: bool) -> bytes:
        """A combined kline frame, keys and spaces as on the wire."""
        symbol, opens = self.symbols[number], minute * MINUTE_MS
        done = 1.0 if closed else (event_ms - opens + 1) / MINUTE_MS
        b = self.bar(number, minute, done)
        return (
            f'{{"stream":"{symbol.lower()}@kline_1m","data":{{"e":"kline","E":{event_ms},'
            f'"s":"{symbol}","k":{{"t":{opens}, "T":{opens + MINUTE_MS - 1}, "s":"{symbol}", '
            f'"i":"1m", "f":521512559, "L":521512793, "o":"{b["o"]}", "c":"{b["c"]}", '
            f'"h":"{b["h"]}", "l":"{b["l"]}", "v":"{b["v"]}", "n":{int(235 * done)}, '
            f'"x":{"true" if closed else "false"}, "q":"{b["q"]}", "V":"{b["V"]}", '
            f'"Q":"{b["Q"]}", "B":"0"}}}}}}'
        ).encode()

    def trade(self, number: int, trade_id: int, event_ms: int) -> bytes:
        """A combined aggTrade frame."""
        symbol = self.symbols[number]
        price = self.bar(number, event_ms // MINUTE_MS, 0.5)["c"]
        return (
            f'{{"stream":"{symbol.lower()}@aggTrade","data":{{"e":"aggTrade","E":{event_ms},'
            f'"a":{trade_id},"s":"{symbol}","p":"{price}","q":"0.0200","nq":"0.0200",'
            f'"f":{2 * trade_id},"l":{2 * trade_id + 1},"T":{event_ms - 3},'
            f'"m":{"true" if trade_id % 3 else "false"},"st":1}}}}'
        ).encode()

    def mark(self, number: int, event_ms: int) -> dict[str, object]:
        """A mark price event."""
        price = self.bar(number, event_ms // MINUTE_MS, 0.5)["c"] + "000000"
        next_ms = (event_ms // 28_800_000 + 1) * 28_800_000
        return {
            "e": "markPriceUpdate",
            "E": event_ms,
            "s": self.symbols[number],
            "p": price,
            "ap": price,
            "P": price,
            "i": price,
            "r": "0.00005301",
            "T": next_ms,
            "st": 1,
        }

    def top(self, number: int, event_ms: int) -> dict[str, object]:
        """A bookTicker event."""
        ask = float(self.bar(number, event_ms // MINUTE_MS, 0.5)["c"])
        return {
            "e": "bookTicker",
            "u": event_ms,
            "s": self.symbols[number],
            "b": f"{ask - 0.01:.2f}",
            "B": "73.3346",
            "a": f"{ask:.2f}",
            "A": "589.8026",
            "T": event_ms,
            "E": event_ms,
        }

    def burst(self, frames: int) -> Iterator[bytes]:
        """Candle, trade, candle, trade ... of the named symbols, from now on."""
        start_ms = self.now_ms() // STEP_MS * STEP_MS
        traded, sent = len(self.symbols[: len(NAMED)]), 0
        for step in range(1, frames):
            event_ms = start_ms + step * STEP_MS
            minute = event_ms // MINUTE_MS
            for number in range(traded):
                if event_ms % MINUTE_MS == 0:
                    yield self.kline(number, minute - 1, event_ms, closed=True)
                else:
                    yield self.kline(number, minute, event_ms, closed=False)
                yield self.trade(number, step, event_ms)
                sent += 2
                if sent >= frames:
                    self.ahead_ms += event_ms - self.now_ms()
                    return

    def klines(self, asked: dict[str, str]) -> list[list[object]]:
        """Rows of REST."""
        number, limit = self.symbols.index(asked["symbol"]), int(asked.get("limit", 500))
        if asked["interval"] != "1m":
            return []
        newest = self.now_ms() // MINUTE_MS
        oldest = self.begins_ms // MINUTE_MS - HISTORY_MINUTES
        last = min(newest, int(asked.get("endTime", newest * MINUTE_MS)) // MINUTE_MS)
        first = last - limit + 1
        if "startTime" in asked:
            first = -(-int(asked["startTime"]) // MINUTE_MS)
            last = min(last, first + limit - 1)
        return [self._row(number, minute) for minute in range(max(first, oldest), last + 1)]

    def _row(self, number: int, minute: int) -> list[object]:
        b = self.bar(number, minute)
        opens = minute * MINUTE_MS
        prices = [b["o"], b["h"], b["l"], b["c"], b["v"]]
        return [opens, *prices, opens + MINUTE_MS - 1, b["q"], 235, b["V"], b["Q"], "0"]

    def exchange_info(self) -> dict[str, object]:
        """Rules of every symbol."""
        onboard = self.begins_ms - HISTORY_MINUTES * MINUTE_MS
        filters = [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": "0.01",
                "maxPrice": "1000000",
                "tickSize": "0.01",
            },
            {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "9000", "stepSize": "0.001"},
            {"filterType": "MIN_NOTIONAL", "notional": "5"},
        ]
        symbols = [
            {
                "symbol": symbol,
                "pair": symbol,
                "contractType": "PERPETUAL",
                "deliveryDate": 4_133_404_800_000,
                "onboardDate": onboard,
                "status": "TRADING",
                "baseAsset": symbol.removesuffix("USDT"),
                "quoteAsset": "USDT",
                "marginAsset": "USDT",
                "underlyingType": "COIN",
                "filters": filters,
            }
            for symbol in self.symbols
        ]
        return {"serverTime": self.now_ms(), "symbols": symbols}


def wire(payload: bytes) -> bytes:
    """Frame a text message as a server sends it."""
    size = len(payload)
    if size < _SHORT:
        return bytes((0x81, size)) + payload
    if size < _MEDIUM:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
