"""REST of a replay shows each candle as it was at that instant, and never one of the future."""

import pytest

from core.simulator.frame_replay.candle_book import CandleBook, Trade

MINUTE = 60_000
START = 1_795_244_400_000 - 1_795_244_400_000 % 86_400_000


def row(minute: int, close: str = "1.50", volume: str = "2.0") -> list[object]:
    open_ms = START + minute * MINUTE
    end_ms = open_ms + MINUTE - 1
    return [open_ms, "1.00", "2.00", "0.50", close, volume, end_ms, "3.00", 4, "1.0", "1.50", "0"]


def kline(minute: int, close: str, *, closed: bool) -> dict[str, object]:
    values = row(minute, close)
    keys = ("t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q")
    return dict(zip(keys, values, strict=False)) | {"s": "BTCUSDT", "i": "1m", "x": closed}


def shown(book: CandleBook, now_ms: int, interval: str = "1m", **bounds: int):
    wanted = {"start_ms": None, "end_ms": None, "limit": 500} | bounds
    return book.rows("BTCUSDT", interval, now_ms, **wanted)


def test_rows_told_at_the_end_of_a_recording_are_shown_only_once_they_have_closed():
    book = CandleBook()
    book.remember("BTCUSDT", "1m", [row(n) for n in range(3)], open_end=True)
    book.remember("BTCUSDT", "1m", [row(n) for n in range(10)], open_end=True)
    now_ms = START + 2 * MINUTE + 5_000
    assert [r[0] for r in shown(book, now_ms)] == [START, START + MINUTE, START + 2 * MINUTE]
    later = shown(book, START + 5 * MINUTE)
    assert [r[0] for r in later] == [START + n * MINUTE for n in range(5)]


def test_the_running_bar_is_as_the_last_frame_told_it():
    book = CandleBook()
    book.remember("BTCUSDT", "1m", [row(0), row(1, "1.10")], open_end=True)
    assert shown(book, START + MINUTE + 1)[-1][4] == "1.10"
    book.play(kline(1, "1.20", closed=False))
    assert shown(book, START + MINUTE + 2)[-1][4] == "1.20"
    book.play(kline(1, "1.30", closed=True))
    book.play(kline(2, "1.40", closed=False))
    assert [r[4] for r in shown(book, START + 2 * MINUTE + 9)] == ["1.50", "1.30", "1.40"]


def test_bounds_and_limit_are_those_of_the_exchange():
    book = CandleBook()
    book.remember("BTCUSDT", "1m", [row(n) for n in range(10)], open_end=False)
    now_ms = START + 10 * MINUTE
    assert [r[0] for r in shown(book, now_ms, limit=2)] == [START + n * MINUTE for n in (8, 9)]
    oldest = shown(book, now_ms, start_ms=START + MINUTE, limit=2)
    assert [r[0] for r in oldest] == [START + n * MINUTE for n in (1, 2)]
    inside = shown(book, now_ms, start_ms=START + MINUTE, end_ms=START + 2 * MINUTE)
    assert [r[0] for r in inside] == [START + n * MINUTE for n in (1, 2)]


def test_higher_intervals_are_folded_exactly_and_only_from_all_of_their_minutes():
    book = CandleBook()
    minutes = [row(n, f"1.{n:02}", "0.1") for n in range(3, 13)]
    book.remember("BTCUSDT", "1m", minutes, open_end=False)
    bars = shown(book, START + 13 * MINUTE, "5m")
    assert [r[0] for r in bars] == [START + 5 * MINUTE, START + 10 * MINUTE]
    whole = bars[0]
    assert whole[1:6] == ["1.00", "2.00", "0.50", "1.09", "0.5"]
    assert whole[6] == START + 10 * MINUTE - 1
    assert whole[7:11] == ["15.00", 20, "5.0", "7.50"]
    assert bars[1][4] == "1.12"


def test_rows_that_are_no_candles_are_left_out_and_counted():
    book = CandleBook()
    broken = [*row(1)[:4], "NaN", *row(1)[5:]]
    rows = [row(0), broken, "html", [1, 2], None, [*row(2)[:8], True, *row(2)[9:]]]
    assert book.remember("BTCUSDT", "1m", rows, open_end=False) == 5
    book.play({"s": "BTCUSDT", "i": "1m", "x": True})
    assert [r[0] for r in shown(book, START + 9 * MINUTE)] == [START]


def test_trades_make_candles_with_flat_ones_where_nobody_traded():
    book = CandleBook()
    for minute, price, buys in ((0, "5.0", True), (0, "4.0", False), (3, "6.0", True)):
        book.trade("BTCUSDT", Trade(START + minute * MINUTE + 7, price, "2.0", 3, buys))
    rows = shown(book, START + 3 * MINUTE + 8)
    assert [r[1:6] for r in rows] == [
        ["5.0", "5.0", "4.0", "4.0", "4.0"],
        ["4.0", "4.0", "4.0", "4.0", "0"],
        ["4.0", "4.0", "4.0", "4.0", "0"],
        ["6.0", "6.0", "6.0", "6.0", "2.0"],
    ]
    assert rows[0][7:11] == ["18.00", 6, "2.0", "10.00"]


def test_an_aggregate_counts_as_the_trades_it_stands_for_and_a_malformed_one_as_none():
    event = {"e": "aggTrade", "T": START, "p": "5", "q": "1", "f": 7, "l": 9, "m": True}
    assert Trade.of(event) == Trade(START, "5", "1", 3, taker_buys=False)
    for change in ({"p": "NaN"}, {"q": "-1"}, {"p": 5.0}, {"T": "now"}, {"l": None}):
        assert Trade.of(event | change) is None


@pytest.mark.parametrize("text", ["1e999999999", "NaN", "-1.0", "1" * 40, "\u0663", "", None, 1.5])
def test_a_number_that_is_not_written_in_plain_digits_is_no_candle(text):
    book = CandleBook()
    assert book.remember(
        "BTCUSDT", "1m", [row(0), [*row(1)[:4], text, *row(1)[5:]]], open_end=False
    )
    book.play(kline(2, text, closed=True))
    assert [r[0] for r in shown(book, START + 9 * MINUTE)] == [START]
    assert len(shown(book, START + 9 * MINUTE, "5m")) == 1


def test_a_trade_of_a_broken_time_makes_no_minutes():
    book = CandleBook()
    event = {"e": "trade", "p": "1.5", "q": "2", "m": True}
    for time_ms in (START, START + 10**15, START + MINUTE):
        book.trade("BTCUSDT", Trade.of(event | {"T": time_ms}))
    assert [r[0] for r in shown(book, START + 10**16)] == [START, START + MINUTE]
    assert Trade.of(event | {"T": -1}) is None
    assert Trade.of(event | {"e": "aggTrade", "f": 9, "l": 3, "T": START}) is None
    assert Trade.of(event | {"p": "1e999999999", "T": START}) is None
