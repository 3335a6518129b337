"""Recorded markets through the local book and the bars, against independent passes over them."""

from dataclasses import replace

import msgspec
import numpy as np
import pandas as pd
import pytest

from core.data.market_events import AggTrade, BookTop, DepthUpdate
from core.data.orderflow.depth_snapshot import DepthSnapshot
from core.data.orderflow.flow_columns import FlowColumns
from core.data.orderflow.footprint_bars import FootprintBars
from core.data.orderflow.local_book import LocalBook
from core.data.orderflow.statistics import OrderFlowStatistics
from core.data.orderflow.top_bars import TopBars
from core.data.orderflow.trade_bars import TradeBars
from core.model.intervals import MINUTE_MS
from core.model.order_flow import BookPhase
from tests.core.data.orderflow.captures import (
    cryptofeed_depth,
    cryptofeed_snapshots,
    hftbacktest,
    recorded,
    trx,
    trx_depth,
    trx_trades,
)

# Reads a hundred thousand frames: a second each.
whole_capture = pytest.mark.simulator
BTC_TRADES = "orderflow/BTCUSDT_um_trades_20240808_2354.parquet"


def base(update: DepthUpdate) -> DepthSnapshot:
    """An empty book from which ``update`` is the next."""
    return DepthSnapshot(update.previous_id, (), (), update.event_time_ms, 1000)


def broken_at(updates: list[DepthUpdate]) -> list[int]:
    """Indices where the book says the chain broke; it is given a fitting book after each."""
    statistics = OrderFlowStatistics()
    book, breaks = LocalBook(statistics), []
    for i, update in enumerate(updates):
        before = statistics.chains_broken
        book.take(update)
        if statistics.chains_broken > before:
            breaks.append(i)
        if book.wants_snapshot:
            book.install(base(update))
            assert book.phase is BookPhase.LIVE
    return breaks


def test_the_good_depth_file_has_no_broken_chain():
    updates = trx_depth("positive")
    assert len(updates) == 600
    assert broken_at(updates) == []


def test_every_break_of_the_negative_depth_file_is_found():
    rows = trx("negative", "difference_depth")
    ids = [(int(row["FinalUpdateIdInLastStream"]), int(row["FinalUpdateId"])) for row in rows]
    distinct = list(dict.fromkeys(ids))
    breaks = [i for i in range(1, len(distinct)) if distinct[i][0] != distinct[i - 1][1]]
    # The published negative depth file equals the positive one row by row: nothing is broken.
    assert rows == trx("positive", "difference_depth")
    assert broken_at(trx_depth("negative")) == breaks == []


@pytest.mark.parametrize("seed", range(5))
def test_every_hole_put_into_the_good_depth_file_is_found(seed):
    updates, rng = trx_depth("positive"), np.random.default_rng(seed)
    kept = [0, *(i for i in range(1, len(updates)) if rng.random() > 0.05)]
    holes = [n for n in range(1, len(kept)) if kept[n] != kept[n - 1] + 1]
    assert len(holes) > 10
    assert broken_at([updates[i] for i in kept]) == holes


def test_a_forged_previous_id_in_the_good_depth_file_is_found():
    updates = trx_depth("positive")
    updates[250] = msgspec.structs.replace(updates[250], previous_id=updates[250].previous_id - 1)
    assert broken_at(updates) == [250]


class Folded:
    """Bars of one symbol from trades and tops."""

    def __init__(self) -> None:
        self.statistics = OrderFlowStatistics()
        self.columns = FlowColumns(1500)
        self.footprints = FootprintBars(60)
        self.trades = TradeBars(self.columns, self.footprints, self.statistics)
        self.tops = TopBars(self.columns, self.statistics)

    def series(self, symbol: str = "BTCUSDT"):
        self.trades.flush()
        self.tops.flush()
        return self.columns.series(symbol)


def fold(trades: list[AggTrade]) -> Folded:
    folded = Folded()
    for trade in trades:
        folded.trades.take(trade)
    return folded


def independent_bars(trades: list[AggTrade]) -> pd.DataFrame:
    frame = pd.DataFrame(msgspec.to_builtins(trades))
    frame["open"] = frame.trade_time_ms // MINUTE_MS * MINUTE_MS
    frame["quote"] = frame.price * frame.quantity
    for side, taken in (("buy", frame.taker_buys), ("sell", ~frame.taker_buys)):
        frame[f"{side}_volume"] = frame.quantity.where(taken, 0.0)
        frame[f"{side}_quote_volume"] = frame.quote.where(taken, 0.0)
    frame["trades"] = (frame.quantity > 0.0).astype(int)
    columns = ["buy_volume", "sell_volume", "buy_quote_volume", "sell_quote_volume", "trades"]
    return frame.groupby("open")[columns].sum()


def assert_same_bars(folded: Folded, trades: list[AggTrade]) -> None:
    series, told = folded.series(), independent_bars(trades)
    assert series.open_time_ms.tolist() == told.index.tolist()
    for name in told.columns:
        np.testing.assert_allclose(getattr(series, name), told[name], rtol=1e-9, err_msg=name)


def test_bars_of_the_good_trade_file_equal_a_groupby_and_lose_nothing():
    trades = trx_trades("positive")
    folded = fold(trades)
    assert folded.statistics == OrderFlowStatistics()
    assert_same_bars(folded, trades)
    # It begins 4 s into a minute and ends within one; all between is proven whole.
    n = len(folded.series())
    assert folded.series().complete.tolist() == [False, *[True] * (n - 2), False]


def test_the_broken_row_of_the_negative_trade_file_is_found():
    good, bad = trx("positive", "trade"), trx("negative", "trade")
    differing = [i for i, (one, other) in enumerate(zip(good, bad, strict=True)) if one != other]
    assert differing == [0]
    assert bad[0]["Price"] == "-1"
    trades = trx_trades("negative")
    folded = fold(trades)
    assert folded.statistics == OrderFlowStatistics(unsound=1)
    assert_same_bars(folded, trades[1:])


def test_a_price_below_zero_in_mid_file_makes_its_bar_incomplete_and_no_other():
    trades = trx_trades("positive")
    trades[5000] = msgspec.structs.replace(trades[5000], price=-1.0)
    folded = fold(trades)
    assert folded.statistics == OrderFlowStatistics(unsound=1, trades_lost=1)
    series = folded.series()
    doubted = series.open_time_ms[~series.complete]
    assert trades[5000].trade_time_ms // MINUTE_MS * MINUTE_MS in doubted
    assert len(doubted) == 3


def test_bars_of_the_btcusdt_trades_equal_a_groupby():
    frame = pd.read_parquet(recorded(BTC_TRADES))
    trades = [
        AggTrade("BTCUSDT", row.trade_id, row.price, row.qty, 1, not row.is_buyer_maker, *times)
        for row in frame.itertuples()
        for times in [(row.time, row.time)]
    ]
    folded = fold(trades)
    assert folded.statistics == OrderFlowStatistics()
    assert_same_bars(folded, trades)
    series = folded.series()
    assert series.complete.tolist() == [False, True, True, True, True, False]
    footprints = folded.footprints.snapshot()
    assert [print_.open_time_ms for print_ in footprints] == series.open_time_ms.tolist()
    bought = [print_.buy_volume.sum() for print_ in footprints]
    np.testing.assert_allclose(bought, series.buy_volume, rtol=1e-9)


def test_the_captured_trades_are_those_of_the_table():
    frame = pd.read_parquet(recorded(BTC_TRADES))
    captured = [event for event in hftbacktest("trade") if isinstance(event, AggTrade)]
    rows = [(t.trade_time_ms, t.trade_id, t.price, t.quantity, not t.taker_buys) for t in captured]
    told = frame[["time", "trade_id", "price", "qty", "is_buyer_maker"]]
    assert rows == list(told.itertuples(index=False, name=None))


class PlainBook:
    """Two mappings, sorted when asked."""

    def __init__(self, snapshot: DepthSnapshot) -> None:
        self.sides = dict(snapshot.bids), dict(snapshot.asks)

    def take(self, update: DepthUpdate) -> None:
        for side, rows in zip(self.sides, (update.bids, update.asks), strict=True):
            for price, quantity in rows:
                side[price] = quantity
                if quantity == 0.0:
                    del side[price]

    def top(self) -> tuple[tuple[tuple[float, float], ...], ...]:
        bids, asks = (sorted(side.items()) for side in self.sides)
        return tuple(bids[:-21:-1]), tuple(asks[:20])


@whole_capture
def test_the_captured_btcusdt_book_is_rebuilt_without_a_broken_chain():
    statistics, seen = OrderFlowStatistics(), 0
    book, told = LocalBook(statistics), list(hftbacktest("depthUpdate"))
    at = next(i for i, event in enumerate(told) if isinstance(event, DepthSnapshot))
    # The only snapshot of the file; taken as the whole book it never wears out.
    whole = replace(told.pop(at), limit=1001)
    plain = PlainBook(whole)
    for i, update in enumerate(told):
        if i == at:
            book.install(whole)
        book.take(update)
        if update.last_id >= whole.last_id:
            plain.take(update)
            if update.last_id % 50 == 0:
                seen += 1
                assert (book.bids(), book.asks()) == plain.top()
    assert book.phase is BookPhase.LIVE
    assert seen > 80
    assert statistics == OrderFlowStatistics(snapshots=1)


@whole_capture
def test_the_captured_book_agrees_with_the_captured_best_prices():
    statistics = OrderFlowStatistics()
    book, agreed, tops = LocalBook(statistics), 0, {}
    for event in hftbacktest("depthUpdate", "bookTicker"):
        if isinstance(event, DepthSnapshot):
            book.install(event)
        elif isinstance(event, BookTop):
            tops[event.update_id] = event
        else:
            book.take(event)
            known = tops.get(event.last_id)
            if known is not None and book.phase is BookPhase.LIVE:
                agreed += 1
                assert book.bids(1) == ((known.bid, known.bid_quantity),)
                assert book.asks(1) == ((known.ask, known.ask_quantity),)
    assert agreed > 50


@whole_capture
def test_the_captured_best_prices_lean_as_an_independent_pass_says():
    folded, told = Folded(), []
    for event in hftbacktest("bookTicker"):
        if isinstance(event, BookTop):
            folded.tops.take(event)
            told.append(event)
    assert folded.statistics.unsound == 0
    series = folded.series()
    middle = series.open_time_ms[2]
    at = np.array([top.event_time_ms for top in told])
    bid = np.array([top.bid_quantity for top in told])
    ask = np.array([top.ask_quantity for top in told])
    grid = np.arange(middle, middle + MINUTE_MS)
    holding = np.searchsorted(at, grid, side="right") - 1
    leaning = ((bid - ask) / (bid + ask))[holding]
    assert series.imbalance_mean[2] == pytest.approx(leaning.mean(), abs=1e-9)
    assert series.imbalance_last[2] == leaning[-1]


def test_the_captured_books_of_four_symbols_are_rebuilt_without_a_broken_chain():
    snapshots = {symbol: (at, book) for at, symbol, book in cryptofeed_snapshots()}
    statistics = OrderFlowStatistics()
    books = {symbol: LocalBook(statistics) for symbol in snapshots}
    updates = 0
    for at, update in cryptofeed_depth():
        updates += 1
        due = snapshots.get(update.symbol)
        if due is not None and due[0] <= at:
            books[update.symbol].install(snapshots.pop(update.symbol)[1])
        books[update.symbol].take(update)
    assert updates == 764
    assert snapshots == {}
    assert {book.phase for book in books.values()} == {BookPhase.LIVE}
    assert statistics == OrderFlowStatistics(snapshots=4)
