"""
An exchange for measurements: a process of its own that sends as much as is asked for.

Paced, each symbol's candle four times a second and all mark prices once; or on
``GET /blast?frames=N`` that many candle and trade frames as fast as they are read, after which
it goes on at its pace. REST tells the same candles. The simulator could do neither: it is made
to be right about everything, not to send as fast as a client can read.

``python -m benchmarks.exchange_stand_in SYMBOLS`` prints its port.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from http import HTTPStatus
from itertools import islice
from urllib.parse import parse_qs, urlsplit

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State

from benchmarks.stand_in_market import MINUTE_MS, STEP_MS, Market, wire

_TICK_S = 0.001
_CHUNK = 200
_BUFFERED = 1 << 20


class StandIn:
    """Serves streams and REST on one port."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._subscribed: dict[ServerConnection, set[str]] = {}
        self._numbers = {s.lower(): i for i, s in enumerate(market.symbols)}
        self._paced = True
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Serve until killed."""
        async with serve(
            self._serve, "127.0.0.1", 0, compression=None, process_request=self._rest
        ) as server:
            print(next(iter(server.sockets)).getsockname()[1], flush=True)
            await self._pacing()

    async def _serve(self, connection: ServerConnection) -> None:
        request = connection.request
        query = parse_qs(urlsplit(request.path if request else "").query)
        names = set("/".join(query.get("streams", [])).split("/")) - {""}
        self._subscribed[connection] = names
        try:
            async for message in connection:
                asked = json.loads(message)
                if asked["method"] == "SUBSCRIBE":
                    names |= set(asked["params"])
                elif asked["method"] == "UNSUBSCRIBE":
                    names -= set(asked["params"])
                await connection.send(json.dumps({"result": None, "id": asked["id"]}))
        except ConnectionClosed:
            return  # the client was killed: how `whole_market` ends
        finally:
            del self._subscribed[connection]

    async def _pacing(self) -> None:
        chance = random.Random(7)  # noqa: S311 - spreads the load, hides nothing
        now = time.monotonic()
        step_s = STEP_MS / 1000
        due = sorted((now + chance.random() * step_s, i) for i in range(len(self._numbers)))
        told = [0] * len(due)
        beat = now
        while True:
            now = time.monotonic()
            while self._paced and due[0][0] <= now:
                at, number = due.pop(0)
                due.append((max(at + step_s, now - step_s), number))
                self._tell(number, told)
            if self._paced and beat <= now:
                beat = now + 1.0
                self._beat()
            await asyncio.sleep(_TICK_S)

    def _tell(self, number: int, told: list[int]) -> None:
        name = f"{self._market.symbols[number].lower()}@kline_1m"
        event_ms = self._market.now_ms()
        minute = event_ms // MINUTE_MS
        closes = 0 < told[number] < minute
        bar = told[number] if closes else minute
        told[number] = minute
        frame = wire(self._market.kline(number, bar, event_ms, closed=closes))
        for connection, names in self._subscribed.items():
            if name in names:
                _write(connection, frame)

    def _beat(self) -> None:
        event_ms = self._market.now_ms() // 1000 * 1000
        for connection, names in self._subscribed.items():
            for name in names:
                symbol, _, kind = name.partition("@")
                if name.startswith("!markPrice@arr"):
                    numbers = range(len(self._market.symbols))
                    data: object = [self._market.mark(number, event_ms) for number in numbers]
                elif kind.startswith("markPrice") and symbol in self._numbers:
                    data = self._market.mark(self._numbers[symbol], event_ms)
                elif kind == "bookTicker" and symbol in self._numbers:
                    data = self._market.top(self._numbers[symbol], event_ms)
                else:
                    continue
                body = json.dumps({"stream": name, "data": data}, separators=(",", ":"))
                _write(connection, wire(body.encode()))

    async def _blast(self, chunks: list[bytes], connection: ServerConnection) -> None:
        for chunk in chunks:
            _write(connection, chunk)
            while connection.transport.get_write_buffer_size() > _BUFFERED:
                await asyncio.sleep(_TICK_S)
        self._paced = True  # from where the burst has taken the time

    def _rest(self, connection: ServerConnection, request: Request) -> Response | None:
        parts = urlsplit(request.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        answers: dict[str, Callable[[dict[str, str]], object]] = {
            "/blast": self._begin_blast,
            "/fapi/v1/klines": self._market.klines,
            "/fapi/v1/exchangeInfo": lambda _: self._market.exchange_info(),
            "/fapi/v1/ticker/24hr": self._tickers,
            "/fapi/v1/time": lambda _: {"serverTime": self._market.now_ms()},
            "/fapi/v1/depth": self._book,
        }
        if parts.path not in answers:
            return None
        body = json.dumps(answers[parts.path](asked)).encode()
        headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(body))})
        headers["Connection"] = "close"
        return Response(HTTPStatus.OK, "OK", headers, body)

    def _begin_blast(self, asked: dict[str, str]) -> object:
        self._paced = False
        frames = map(wire, self._market.burst(int(asked["frames"])))
        chunks = []
        while chunk := b"".join(islice(frames, _CHUNK)):  # whole frames: an answer may slip between
            chunks.append(chunk)
        for connection, names in self._subscribed.items():
            if any("@kline_1m" in name for name in names):
                self._tasks.add(asyncio.create_task(self._blast(chunks, connection)))
        return {"bytes": sum(map(len, chunks))}

    def _tickers(self, _: dict[str, str]) -> object:
        return [{"symbol": s, "quoteVolume": "1000.0"} for s in self._market.symbols]

    def _book(self, _: dict[str, str]) -> object:
        now_ms = self._market.now_ms()
        return {"lastUpdateId": 1, "E": now_ms, "T": now_ms, "bids": [], "asks": []}


def _write(connection: ServerConnection, frames: bytes) -> None:
    if connection.state is State.OPEN:
        connection.transport.write(frames)


if __name__ == "__main__":
    asyncio.run(StandIn(Market(int(sys.argv[1]))).run())
