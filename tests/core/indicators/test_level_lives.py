import numpy as np

from core.indicators.level_lives import STILL_LIVE, Ending, level_ends, takeovers
from core.indicators.mirrored_market import PriceRows, mirrored

FAR = np.iinfo(np.intp).max
N = 12


def fate(high=(), close=(), bar=None, known=2, taken=FAR, life=6):
    """End of one level at 10 above a market at 9, altered at some rows."""
    highs, closes = np.full(N, 9.0), np.full(N, 9.0)
    for row, price in high:
        highs[row] = price
    for row, price in close:
        closes[row] = price
    bars = np.arange(N) if bar is None else bar
    rows = mirrored(PriceRows(bars, highs, np.full(N, 8.0), closes, np.ones(N)))
    ended, ending = level_ends(rows, life, np.array([known]), np.array([10.0]), np.array([taken]))
    return int(ended[0]), Ending(ending[0])


def test_a_wick_sweeps_and_a_close_mitigates():
    assert fate(high=[(5, 10.5)]) == (5, Ending.SWEPT)
    assert fate(high=[(5, 10.5)], close=[(5, 10.1)]) == (5, Ending.MITIGATED)


def test_the_edge_itself_is_not_beyond():
    assert fate(high=[(5, 10.0)], close=[(5, 10.0)], life=100) == (STILL_LIVE, Ending.LIVE)


def test_the_candle_that_confirms_a_level_does_not_end_it():
    assert fate(high=[(2, 11.0), (4, 11.0)]) == (4, Ending.SWEPT)


def test_time_ends_what_nothing_has_touched():
    assert fate() == (8, Ending.EXPIRED)
    assert fate(high=[(9, 11.0)]) == (8, Ending.EXPIRED)


def test_missing_candles_count_as_time():
    assert fate(bar=np.where(np.arange(N) > 4, np.arange(N) + 50, np.arange(N))) == (
        5,
        Ending.EXPIRED,
    )


def test_on_one_candle_price_comes_before_a_newer_level_and_that_before_time():
    assert fate(taken=5) == (5, Ending.MERGED)
    assert fate(taken=8) == (8, Ending.MERGED)
    assert fate(high=[(8, 11.0)], taken=8) == (8, Ending.SWEPT)


def test_a_level_still_lives_at_the_end_of_what_is_known():
    assert fate(life=N - 2) == (STILL_LIVE, Ending.LIVE)


def test_a_level_of_lows_is_ended_by_its_own_half():
    rows = mirrored(
        PriceRows(
            np.arange(4), np.full(4, 9.0), np.array([8, 8, 8, 6.0]), np.full(4, 8.0), np.ones(4)
        )
    )
    ended, ending = level_ends(
        rows, 9, np.array([0, 4]), np.array([9.0, -7.0]), np.array([FAR] * 2)
    )
    assert ended.tolist() == [STILL_LIVE, 7]
    assert ending.tolist() == [Ending.LIVE, Ending.SWEPT]


def test_a_level_is_taken_over_by_the_next_one_with_one_of_its_swings():
    # Swing 1 equals 0; swing 2 equals nothing of them; swing 3 equals 0 but not 1.
    newer, older = np.array([1, 3]), np.array([0, 0])
    known = np.array([10, 20, 30, 40])
    assert takeovers(newer, older, np.array([1, 3]), known).tolist() == [40, FAR]
