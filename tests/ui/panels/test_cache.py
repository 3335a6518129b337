from dataclasses import replace

import pytest

from core.model.intervals import Interval
from tests.ui.fakes import world
from ui.cache_figures import CacheFigures, cache_figures
from ui.panels.cache import age, cache_panel


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.0, "59 s"), (90.0, "1 min"), (7300.0, "2 h"), (2e5, "2 d")],
)
def test_ages_have_one_unit(seconds, text):
    assert age(seconds) == text


def test_figures_are_read_from_the_store():
    store = world().store
    figures = cache_figures(store.get_cache_stats())
    assert figures.files == len(figures.series) == 3
    assert (figures.series[0].symbol, figures.series[0].interval) == ("BTCUSDT", Interval.M1)
    assert figures.series[0].bars == 900
    assert figures.tiers[1] == ("parquet", 1, 1)


def test_series_are_listed_by_symbol_and_length_of_their_bars():
    stats = world().store.get_cache_stats()
    row = stats["series"]["BTCUSDT 1m"]
    names = ["ETHUSDT 1m", "BTCUSDT 15m", "BTCUSDT 1d", "BTCUSDT 5m"]
    figures = cache_figures(stats | {"series": dict.fromkeys(names, row)})
    ordered = ["BTCUSDT 5m", "BTCUSDT 15m", "BTCUSDT 1d", "ETHUSDT 1m"]
    assert [f"{row.symbol} {row.interval.value}" for row in figures.series] == ordered


def test_before_the_first_read_there_is_no_hit_rate():
    stats = world().store.get_cache_stats() | {"hits": 0, "misses": 0, "hit_rate": 0.0}
    assert cache_figures(stats).hit_rate is None


def test_an_empty_cache_says_so():
    assert "No candles cached yet" in str(cache_panel(CacheFigures(), "BTCUSDT"))


def test_only_the_shown_symbol_is_listed_and_others_are_summed_up():
    figures = cache_figures(world().store.get_cache_stats())
    text = str(cache_panel(figures, "ETHUSDT"))
    assert "Th('ETHUSDT')" in text
    assert "BTCUSDT" not in text
    assert r"1\u2009800 bars of 2 other symbols" in text


def test_an_alarm_stands_before_everything_else():
    figures = replace(cache_figures(world().store.get_cache_stats()), alarm="No space left")
    assert "No space left" in str(cache_panel(figures, "BTCUSDT")[0])


def test_files_that_were_set_aside_are_told():
    figures = cache_figures(world().store.get_cache_stats() | {"quarantined": 2})
    assert "2 files" in str(cache_panel(figures, "BTCUSDT"))
