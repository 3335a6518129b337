from core.model.intervals import Interval
from core.overlays.timeframe_alignment import OVERLAY
from tests.ui.fakes import world
from ui.decision.alignment import (
    AlignmentReader,
    AlignmentReading,
    Timeframe,
    alignment_told,
    score_words,
)
from ui.view import View

VIEW = View("BTCUSDT", Interval.H1)


def test_the_grid_says_what_the_overlay_says_on_a_1m_chart():
    market = world()
    market.store.series.update(market.feed.histories)
    reading = AlignmentReader(market.services).reading(VIEW)
    views = market.services.views
    seen = views.closed("BTCUSDT", Interval.M1, companions=OVERLAY.companions)
    shapes = OVERLAY.compute(seen, OVERLAY.defaults)
    assert [frame.interval for frame in reading.timeframes] == [i.value for i in Interval]
    for frame, ribbon in zip(reading.timeframes, shapes[:-1], strict=True):
        assert frame.state == ribbon.states[int(ribbon.code[-1])].key
        assert frame.strength == ribbon.strength[-1]
    assert reading.score == shapes[-1].y[-1]
    assert reading.is_whole


def test_it_is_judged_once_per_closed_minute():
    market = world()
    market.store.series.update(market.feed.histories)
    reader = AlignmentReader(market.services)
    assert reader.reading(VIEW) is reader.reading(VIEW)


def test_a_symbol_without_candles_says_so():
    market = world()
    market.store.series.clear()
    reading = AlignmentReader(market.services).reading(VIEW)
    assert score_words(reading) == "No closed candle of this symbol is known yet."


def test_strength_and_sum_are_told_in_words():
    frames = (Timeframe("1m", "up", 0.9), Timeframe("5m", "down", 0.45), Timeframe("1d"))
    told = alignment_told(AlignmentReading("BTCUSDT", frames, None, 1))
    assert [(one["arrow"], one["words"]) for one in told["timeframes"]] == [
        ("▲", "strong"),
        ("▼", "slight"),
        ("\u2013", "too few bars"),
    ]
    assert told["words"] == "1 up, 1 down, 0 flat, 1 not known"
