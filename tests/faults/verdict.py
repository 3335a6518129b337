"""Whether a store has exactly the candles the exchange has."""

from collections.abc import Collection
from itertools import pairwise

import numpy as np

from core.model.candles import CandleSeries
from core.model.intervals import MINUTE_MS, Interval
from tests.faults.client import HIGHER, Client
from tests.faults.market import Exchange

_PAGE = 1_500
# Column of a REST row, and whether it must be the same to the bit.
_COLUMNS = {
    "open": (1, True),
    "high": (2, True),
    "low": (3, True),
    "close": (4, True),
    "volume": (5, False),
    "quote_volume": (7, False),
    "trades": (8, True),
    "taker_buy_volume": (9, False),
    "taker_buy_quote_volume": (10, False),
}


async def rows_of(market: Exchange, ours: CandleSeries) -> list[list]:
    """What the exchange says of the same span, asked page by page."""
    start_ms, end_ms = int(ours.open_time_ms[0]), int(ours.open_time_ms[-1])
    rows: list[list] = []
    while start_ms <= end_ms:
        page = await market.ask(
            "/fapi/v1/klines",
            symbol=ours.symbol,
            interval=ours.interval.value,
            startTime=start_ms,
            endTime=end_ms,
            limit=_PAGE,
        )
        if not page:
            break
        rows += page
        start_ms = page[-1][0] + ours.interval.duration_ms
    return rows


def differences(ours: CandleSeries, rows: list[list]) -> list[str]:
    """Name what differs, bar by bar; empty when nothing does."""
    theirs_ms = np.array([row[0] for row in rows], dtype=np.int64)
    if ours.open_time_ms.tolist() != theirs_ms.tolist():
        lacking = sorted(set(theirs_ms.tolist()) - set(ours.open_time_ms.tolist()))
        surplus = sorted(set(ours.open_time_ms.tolist()) - set(theirs_ms.tolist()))
        return [f"{ours.symbol} {ours.interval}: lacks {lacking[:5]}, invents {surplus[:5]}"]
    found = []
    for name, (at, exact) in _COLUMNS.items():
        mine = getattr(ours, name)
        theirs = np.array([float(row[at]) for row in rows])
        same = mine == theirs if exact else np.isclose(mine, theirs, rtol=1e-9, atol=0.0)
        found += [
            f"{ours.symbol} {ours.interval} {ours.open_time_ms[i]} {name}: {mine[i]} != {theirs[i]}"
            for i in np.flatnonzero(~same)
        ]
    return found


def is_contiguous(times_ms: list[int], step_ms: int) -> bool:
    return times_ms == list(range(times_ms[0], times_ms[-1] + 1, step_ms))


def assert_announced_each_once(client: Client, unheard_ms: Collection[int] = ()) -> None:
    """In order and without a hole, but for bars that the exchange did not have in time."""
    for symbol, told in client.heard.items():
        assert all(a < b for a, b in pairwise(told)), f"{symbol} announced out of order"
        missed = set(range(told[0], told[-1], MINUTE_MS)).difference(told, unheard_ms)
        assert not missed, f"{symbol} never announced {sorted(missed)[:5]}"


async def assert_equal_to_the_exchange(client: Client, market: Exchange) -> None:
    """All candles of all symbols and intervals, whole and the same."""
    wrong: list[str] = []
    for symbol in client.symbols:
        closed_ms = client.heard[symbol][-1] + MINUTE_MS
        for interval in (Interval.M1, *HIGHER):
            ours = client.store.candles(symbol, interval)
            step_ms = interval.duration_ms
            newest_due_ms = interval.open_time_ms(closed_ms) - step_ms
            assert int(ours.open_time_ms[-1]) >= newest_due_ms, f"{symbol} {interval} is behind"
            assert is_contiguous(ours.open_time_ms.tolist(), step_ms), f"{symbol} {interval} hole"
            wrong += differences(ours, await rows_of(market, ours))
    assert not wrong, f"{len(wrong)} differences: {wrong[:5]}"
