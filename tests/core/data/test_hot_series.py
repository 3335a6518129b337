from core.data.hot_series import HotSeries
from core.model.intervals import MINUTE_MS, Interval
from tests.builders import START_MS, candle, candles, random_walk

WALK = random_walk(1200)
M1 = Interval.M1


def hot(capacity: int = 50, most_unsaved: int = 10_000) -> HotSeries:
    return HotSeries("BTCUSDT", M1, capacity, most_unsaved)


def test_what_comes_in_while_saving_stays_unsaved():
    series = hot()
    for row in WALK.head(5):
        series.append(row)
    saving = series.unsaved.taken()
    series.append(WALK.candle(5))
    series.unsaved.saved(saving)
    assert list(series.unsaved.candles) == [WALK.candle(5)]
    assert series.unsaved.oldest_ms == WALK.candle(5).open_time_ms


def test_what_is_corrected_while_saving_is_saved_again():
    series = hot()
    series.merge(candles([1, 2, 3]))
    saving = series.unsaved.taken()
    series.merge(candles([9]))
    series.unsaved.saved(saving)
    assert series.unsaved.candles.close.tolist() == [9, 2, 3]


def test_a_long_list_of_single_candles_is_kept_whole():
    series = hot()
    for row in WALK:
        series.append(row)
    assert list(series.unsaved.candles) == list(WALK)
    assert len(series.unsaved) == len(WALK)
    assert series.open_times.tolist() == WALK.open_time_ms.tolist()


def test_the_oldest_are_given_up_when_too_much_waits():
    series = hot(most_unsaved=700)
    for row in WALK:
        series.append(row)
    left = series.unsaved.candles
    assert 700 <= len(left) <= 1212
    assert list(left) == list(WALK.tail(len(left)))


def test_parts_of_a_bar_are_given_only_if_none_is_missing():
    series = hot()
    for row in WALK.head(5):
        series.append(row)
    assert series.appended_since(START_MS, 5) == list(WALK.head(5))
    assert series.appended_since(START_MS, 4) is None, "it is not the newest that begin there"
    series.append(WALK.candle(6))
    assert series.appended_since(WALK.candle(2).open_time_ms, 5) is None


def test_parts_are_forgotten_when_one_is_corrected():
    series = hot()
    for row in candles([1, 2, 3, 4, 5]):
        series.append(row)
    series.merge(candles([7]))
    assert series.appended_since(START_MS, 5) is None


def test_a_lost_file_makes_all_of_memory_unsaved():
    series = hot()
    for row in WALK.head(30):
        series.append(row)
    series.unsaved.saved(series.unsaved.taken())
    assert not len(series.unsaved)
    series.lost()
    assert list(series.unsaved.candles) == list(WALK.head(30))


def test_a_larger_ring_is_thin_until_it_is_filled():
    series = hot(capacity=10)
    series.live = True
    for row in WALK.head(30):
        series.append(row)
    series.unsaved.saved(series.unsaved.taken())
    series.resize(20, 100)
    assert series.thin
    series.fill(WALK.head(28), None)
    assert not series.thin
    assert list(series.ring.snapshot()) == list(WALK.rows(10, 30))


def test_memory_wins_over_the_disk_while_it_is_live():
    series = hot()
    series.live = True
    series.append(candle(close=5.0))
    series.fill(candles([1.0, 2.0]), None)
    assert series.ring.snapshot().close.tolist() == [5.0, 2.0]


def test_a_series_begins_with_the_file_what_waits_and_what_is_missing_at_once():
    series = hot()
    series.merge(candles([3.0], start_ms=START_MS + 2 * MINUTE_MS))
    series.fill(candles([1.0]), (1, 2, 3), candles([9.0, 2.0, 9.0, 4.0]))
    assert series.live
    assert series.signature == (1, 2, 3)
    assert series.ring.snapshot().close.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert series.unsaved.candles.close.tolist() == [2.0, 3.0, 4.0]


def test_a_live_series_does_not_forget_that_it_had_a_file():
    series = hot()
    series.fill(candles([1.0]), (1, 2, 3), candles([]))
    series.fill(candles([]), None)
    assert series.signature == (1, 2, 3)
    series.lost()
    assert series.signature is None


def test_memory_that_is_not_ahead_of_its_file_has_nothing_newer():
    series = hot()
    series.fill(candles([1.0, 2.0]), (1, 2, 3))
    assert len(series.newer) == 0
    series.append(candle(START_MS + 2 * MINUTE_MS, 3.0))
    assert series.newer.close.tolist() == [1.0, 2.0, 3.0]
