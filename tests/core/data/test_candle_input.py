"""Anybody's file of candles: taken where it is sound, refused in one line where it is not."""

import os

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data.candle_file import write_candles
from core.data.candle_input import CandleInputError, read_candle_input
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, random_walk

N = 2_900


def columns(n=N, *, interval=Interval.M1):
    market = random_walk(n, interval=interval)
    return {
        "open_time": market.open_time_ms,
        "open": market.open,
        "high": market.high,
        "low": market.low,
        "close": market.close,
        "volume": market.volume,
    }


def written(folder, table, **options):
    path = folder / "candles.parquet"
    pq.write_table(pa.table(table) if isinstance(table, dict) else table, path, **options)
    return path


def refusal(path, interval=Interval.M1):
    with pytest.raises(CandleInputError) as caught:
        read_candle_input(path, interval)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message


def with_value(name, value, row=7):
    found = columns(50)
    found[name] = found[name].copy()
    found[name][row] = value
    return found


def test_a_file_of_our_cache_is_read_as_it_was_written(tmp_path):
    market = random_walk(200)
    path = tmp_path / "BTCUSDT_1m_history.parquet"
    write_candles(market, path)
    found = read_candle_input(path, Interval.M1)
    assert found.absent == ()
    assert found.candles.symbol == "BTCUSDT"
    for name in ("open_time_ms", "high", "volume", "trades", "taker_buy_volume"):
        np.testing.assert_array_equal(
            getattr(found.candles, name), getattr(market, name), err_msg=name
        )


def test_what_takers_did_may_be_absent_and_columns_of_other_names_do_not_matter(tmp_path):
    path = written(tmp_path, {"note": ["x"] * N} | columns())
    found = read_candle_input(path, Interval.M1)
    assert found.absent == ("quote_volume", "trades", "taker_buy_volume", "taker_buy_quote_volume")
    assert np.isnan(found.candles.taker_buy_volume).all()
    assert not found.candles.trades.any()


def test_a_column_of_takers_without_a_single_value_counts_as_absent(tmp_path):
    for empty in (pa.nulls(50), pa.nulls(50, pa.float64()), pa.array([float("nan")] * 50)):
        found = read_candle_input(
            written(tmp_path, columns(50) | {"taker_buy_volume": empty}), Interval.M1
        )
        assert "taker_buy_volume" in found.absent
        assert np.isnan(found.candles.taker_buy_volume).all()


def test_a_name_that_is_no_text_is_still_a_file(tmp_path):
    odd = tmp_path / os.fsdecode(b"\xff.parquet")
    written(tmp_path, columns(50)).rename(odd)
    assert len(read_candle_input(odd, Interval.M1).candles) == 50


def test_a_path_of_two_lines_is_told_in_one(tmp_path):
    with pytest.raises(CandleInputError, match=r"a b\.parquet: there is no such file$"):
        read_candle_input(tmp_path / "a\nb.parquet", Interval.M1)


def test_numbers_of_any_type_and_times_as_timestamps_are_taken(tmp_path):
    found = columns(100)
    table = {
        "open_time": pa.array(found["open_time"]).cast(pa.timestamp("ms", "UTC")),
        "open": pa.array([100] * 100, pa.int32()),
        "high": pa.array([101.5] * 100, pa.float32()),
        "low": pa.array([99] * 100, pa.uint16()),
        "close": pa.array([100] * 100, pa.int16()).cast(pa.decimal128(12, 2)),
        "volume": pa.array([1.0] * 100),
        "trades": pa.array([None] * 100, pa.int64()),
    }
    candles = read_candle_input(written(tmp_path, table), Interval.M1).candles
    np.testing.assert_array_equal(candles.open_time_ms, found["open_time"])
    assert (candles.high[0], candles.close[0], candles.trades[0]) == (101.5, 100.0, 0)


def test_a_link_to_a_file_is_as_good_as_the_file(tmp_path):
    link = tmp_path / "link.parquet"
    link.symlink_to(written(tmp_path, columns(10)))
    assert len(read_candle_input(link, Interval.M1).candles) == 10


def test_longer_intervals_are_folded_from_whole_bars_and_gaps_are_told(tmp_path):
    kept = np.delete(np.arange(N), np.arange(100, 130))
    view = read_candle_input(
        written(tmp_path, {name: column[kept] for name, column in columns().items()}), Interval.M1
    ).view()
    assert set(view.others) == set(Interval) - {Interval.M1}
    assert len(view.others[Interval.M15]) == N // 15 - 3
    assert [(gap.start_ms, gap.end_ms) for gap in view.gaps] == [
        (START_MS + 100 * MINUTE_MS, START_MS + 129 * MINUTE_MS)
    ]


def test_a_gap_of_longer_candles_ends_with_its_last_minute(tmp_path):
    table = {name: np.delete(c, [5, 6]) for name, c in columns(20, interval=Interval.M5).items()}
    view = read_candle_input(written(tmp_path, table), Interval.M5).view()
    assert Interval.M1 not in view.others
    (gap,) = view.gaps
    assert gap.end_ms == START_MS + (7 * 5 - 1) * MINUTE_MS


def test_a_file_that_is_absent_a_folder_or_something_else_is_refused(tmp_path):
    assert "no such file" in refusal(tmp_path / "absent.parquet")
    assert "folder" in refusal(tmp_path)
    text = tmp_path / "text.parquet"
    text.write_text("open_time,open\n1,2\n")
    assert "Parquet" in refusal(text)
    text.write_bytes(b"")
    refusal(text)


def test_a_damaged_file_is_refused(tmp_path):
    path = written(tmp_path, columns(), compression="zstd", write_page_checksum=True)
    content = bytearray(path.read_bytes())
    content[200:230] = bytes(30)
    path.write_bytes(content)
    refusal(path)


def test_a_file_larger_than_any_market_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("core.data.candle_input.MOST_ROWS", 49)
    assert "50 rows are more than 49" in refusal(written(tmp_path, columns(50)))


@pytest.mark.parametrize("name", ["open_time", "high", "volume"])
def test_an_absent_column_is_named(tmp_path, name):
    found = columns(10)
    del found[name]
    assert f"lacks {name}" in refusal(written(tmp_path, found))


def test_columns_that_are_odd_are_named(tmp_path):
    found = columns(10)
    assert "open must be numbers, is string" in refusal(
        written(tmp_path, found | {"open": ["1"] * 10})
    )
    assert "open_time must be integer milliseconds, is double" in refusal(
        written(tmp_path, found | {"open_time": found["open_time"] * 1.0})
    )
    assert "close has empty cells" in refusal(
        written(tmp_path, found | {"close": pa.array([1.0] * 9 + [None])})
    )
    twice = pa.table([*found.values(), found["open"]], names=[*found, "open"])
    assert "open is there twice" in refusal(written(tmp_path, twice))
    assert "holds no candles" in refusal(
        written(tmp_path, {name: column[:0] for name, column in found.items()})
    )


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("close", np.nan, "close nan of row 7 is no price"),
        ("open", np.inf, "open inf of row 7 is no price"),
        ("low", 0.0, "low 0.0 of row 7 is no price"),
        ("low", -1.0, "is no price"),
        ("high", 1e300, "is no price"),
        ("high", 1e-3, "of row 7 is above the high"),
        ("close", 1e-3, "close 0.001 of row 7 is below the low"),
        ("volume", -1.0, "volume -1.0 of row 7 cannot be"),
        ("volume", np.nan, "volume nan of row 7 is no volume"),
        ("volume", np.inf, "cannot be"),
        ("open_time", START_MS, "of row 7 is not later than the one before"),
        ("open_time", START_MS + 6 * MINUTE_MS, "of row 7 is not later than the one before"),
        ("open_time", START_MS + 7 * MINUTE_MS + 1, "of row 7 is the start of no 1m candle"),
        ("open_time", START_MS // 1000, "is not UTC in milliseconds"),
        ("open_time", -(2**62), "is not UTC in milliseconds"),
    ],
)
def test_a_value_that_cannot_be_is_named_with_its_row(tmp_path, name, value, problem):
    assert problem in refusal(written(tmp_path, with_value(name, value)))


@pytest.mark.parametrize(
    ("name", "value"),
    [("taker_buy_volume", 11.0), ("taker_buy_volume", -1.0), ("trades", -1), ("trades", 2**62)],
)
def test_flow_that_cannot_be_is_refused(tmp_path, name, value):
    found = columns(10) | {"volume": np.full(10, 10.0), name: np.full(10, value)}
    assert name in refusal(written(tmp_path, found))


def test_candles_of_another_interval_are_refused(tmp_path):
    path = written(tmp_path, columns(50, interval=Interval.M15))
    assert "15 minutes apart, not 1m" in refusal(path, Interval.M1)
    assert "the start of no 1h candle" in refusal(path, Interval.H1)
    write_candles(random_walk(50), path)
    assert "holds 1m candles, not 5m" in refusal(path, Interval.M5)
