from core.data.sockets.health import StreamState
from core.model.gap import Gap
from core.model.order_flow import BookPhase, BookState
from tests.ui.fakes import stream, world
from ui.feed_figures import feed_figures


def test_streams_are_sorted_by_symbol_and_counted_by_state():
    feed = world().feed
    feed.healths = [
        stream("btcusdt@kline_1m"),
        stream("ethusdt@kline_1m", state=StreamState.SILENT),
        stream("!markPrice@arr@1s"),
    ]
    found = feed_figures(feed, 5.0)
    assert found.states == {"LIVE": 2, "SILENT": 1}
    assert [s.name for s in found.of("BTCUSDT")] == ["btcusdt@kline_1m", "!markPrice@arr@1s"]
    assert [s.name for s in found.of("NEWUSDT")] == ["!markPrice@arr@1s"]


def test_candles_age_from_the_reading_on():
    feed = world().feed
    feed.healths = [stream("btcusdt@kline_1m", age_s=2.0), stream("ethusdt@kline_1m", age_s=None)]
    found = feed_figures(feed, 5.0)
    assert found.age_s("BTCUSDT", 9.0) == 6.0
    assert found.age_s("ETHUSDT", 9.0) is None
    assert found.age_s("NEWUSDT", 9.0) is None


def test_gaps_are_troubles_and_order_books_are_counted():
    feed = world().feed
    feed.absent = {"BTCUSDT": (Gap(0, 60_000),)}
    feed.order_flow.books = {"ETHUSDT": BookState("ETHUSDT", BookPhase.LIVE)}
    found = feed_figures(feed, 0.0)
    assert found.troubles == {"BTCUSDT": "2 candles the exchange does not have"}
    assert found.books == {BookPhase.LIVE: 1}
