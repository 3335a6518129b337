"""The recorded order flow of ../shared/data, as events."""

import csv
import gzip
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.config import REPOSITORY
from core.data.market_events import AggTrade, BookTop, DepthUpdate
from core.data.orderflow.depth_snapshot import DepthSnapshot, parse_depth_snapshot

_DATA = REPOSITORY.parent / "shared" / "data"
HFTBACKTEST = "ws_raw/hftbacktest_usdm_btcusdt_20240808.txt.gz"
CRYPTOFEED = "ws_raw/cryptofeed_BINANCE_FUTURES.ws.1.0.txt.gz"
CRYPTOFEED_REST = "rest_raw/cryptofeed_BINANCE_FUTURES.http.0.0.txt.gz"


def recorded(name: str) -> Path:
    path = _DATA / name
    if not path.is_file():
        pytest.skip(f"the recorded data are not here: {path}")
    return path


def trx(kind: str, stream: str) -> list[dict[str, str]]:
    """Rows of one of the TRXUSDT files; ``kind`` is positive or negative."""
    name = f"orderflow/{kind}_binance_{stream}_stream_usd_m_futures_trxusdt_04-03-2025.csv.gz"
    with gzip.open(recorded(name), "rt", newline="") as lines:
        return list(csv.DictReader(lines))


def trx_trades(kind: str) -> list[AggTrade]:
    return [
        AggTrade(
            symbol=row["Symbol"],
            trade_id=int(row["TradeId"]),
            price=float(row["Price"]),
            quantity=float(row["Quantity"]),
            trades=1,
            taker_buys=row["IsBuyerMarketMaker"] == "0",
            trade_time_ms=int(row["TransactionTime"]),
            event_time_ms=int(row["EventTime"]),
        )
        for row in trx(kind, "trade")
    ]


def trx_depth(kind: str) -> list[DepthUpdate]:
    """One update per frame; the file has one row per level."""
    keys = ("FirstUpdateId", "FinalUpdateId", "FinalUpdateIdInLastStream", "EventTime")
    frames = itertools.groupby(
        trx(kind, "difference_depth"), key=lambda row: [int(row[k]) for k in keys]
    )
    updates = []
    for (first, last, previous, event_ms), rows in frames:
        sides: dict[str, list[tuple[float, float]]] = {"0": [], "1": []}
        for row in rows:
            sides[row["IsAsk"]].append((float(row["Price"]), float(row["Quantity"])))
        updates.append(
            DepthUpdate(
                "TRXUSDT", first, last, previous, tuple(sides["0"]), tuple(sides["1"]), event_ms
            )
        )
    return updates


def levels(rows: list[list[str]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(price), float(quantity)) for price, quantity in rows)


def depth_update(data: dict[str, Any]) -> DepthUpdate:
    bids, asks = levels(data["b"]), levels(data["a"])
    return DepthUpdate(data["s"], data["U"], data["u"], data["pu"], bids, asks, data["E"])


def hftbacktest(*kinds: str) -> Iterator[DepthSnapshot | DepthUpdate | BookTop | AggTrade]:
    """The snapshot and the events of these kinds (``depthUpdate``, ``bookTicker``, ``trade``)."""
    wanted = tuple(f'"e":"{kind}"' for kind in kinds)
    with gzip.open(recorded(HFTBACKTEST), "rt") as lines:
        for line in lines:
            head = line[20:110]
            if '"lastUpdateId"' in head:
                yield parse_depth_snapshot(json.loads(line[20:]), 1000)
            elif any(kind in head for kind in wanted):
                yield _event(json.loads(line[20:])["data"])


def _event(data: dict[str, Any]) -> DepthUpdate | BookTop | AggTrade:
    symbol, event_ms = data["s"], data["E"]
    if data["e"] == "depthUpdate":
        return depth_update(data)
    if data["e"] == "bookTicker":
        best = [float(data[key]) for key in "bBaA"]
        return BookTop(symbol, data["u"], *best, event_ms)
    price, quantity = float(data["p"]), float(data["q"])
    return AggTrade(symbol, data["t"], price, quantity, 1, not data["m"], data["T"], event_ms)


def cryptofeed_depth() -> list[tuple[float, DepthUpdate]]:
    """Receive time in s and update, of four symbols."""
    with gzip.open(recorded(CRYPTOFEED), "rt") as lines:
        next(lines)
        frames = (line.split(": ", 1) for line in lines)
        told = ((float(at), json.loads(text)["data"]) for at, text in frames)
        return [(at, depth_update(data)) for at, data in told if data["e"] == "depthUpdate"]


def cryptofeed_snapshots() -> list[tuple[float, str, DepthSnapshot]]:
    """Receive time in s, symbol and order book."""
    with gzip.open(recorded(CRYPTOFEED_REST), "rt") as lines:
        return [
            (
                float(line.split(" -> ")[1].split(": ", 1)[0]),
                line.split("symbol=")[1].split("&")[0],
                parse_depth_snapshot(json.loads(line.split(": ", 1)[1]), 1000),
            )
            for line in lines
            if "/depth?" in line
        ]
