from core.model.intervals import Interval
from ops.commands.sample_view import sample_view


def test_each_interval_has_bars_up_to_the_close_of_the_newest_candle():
    view = sample_view()
    assert view.candles.interval is Interval.M1
    for interval in Interval:
        bars = view.at(interval)
        assert interval.close_time_ms(int(bars.open_time_ms[-1])) == view.known_ms
        assert len(bars) == len(view.candles)
