import pytest

from core.data.sockets.health import StreamState
from core.model.order_flow import BookPhase, BookState
from tests.ui.fakes import stream
from ui.feed_figures import FeedFigures
from ui.panels.feed import streams_panel

NO_BOOK = BookState("BTCUSDT", BookPhase.NONE)


def words(component):
    """All text of a component tree, in order."""
    if isinstance(component, str):
        return [component]
    if isinstance(component, list):
        return [word for part in component for word in words(part)]
    return words(getattr(component, "children", None) or [])


def told(*streams, book=NO_BOOK, **figures):
    by_symbol = {"BTCUSDT": [s for s in streams if s.name[0] != "!"]}
    by_symbol[""] = [s for s in streams if s.name[0] == "!"]
    return words(streams_panel(FeedFigures(streams=by_symbol, **figures), "BTCUSDT", book))


def test_a_stream_is_told_with_its_state_age_route_frames_and_rate():
    found = told(stream("btcusdt@markPrice@1s", age_s=0.24, expected_s=1.0, frames=12_345))
    assert {"mark price", "LIVE", "0.2 s"} <= set(found)
    assert "/market · 12\u2009345 frames · every 1 s" in found


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("btcusdt@kline_1m", "candles 1m"),
        ("btcusdt@depth@500ms", "order book"),
        ("btcusdt@bookTicker", "top of book"),
        ("!markPrice@arr@1s", "mark price (all)"),
        ("btcusdt@forceOrder", "forceOrder"),
    ],
)
def test_a_stream_has_a_name_for_people(name, word):
    assert word in told(stream(name))


def test_candles_come_first():
    found = told(*map(stream, ("!markPrice@arr@1s", "btcusdt@aggTrade", "btcusdt@kline_1m")))
    assert found.index("candles 1m") < found.index("mark price (all)") < found.index("trades")


def test_a_silent_stream_says_why_and_others_do_not_repeat_it():
    why = "subscribed, acknowledged, zero messages for 9 s"
    found = told(
        stream("btcusdt@kline_1m", state=StreamState.SILENT, detail=why),
        stream("btcusdt@aggTrade", state=StreamState.SILENT, detail=why),
    )
    assert found.count("SILENT") == 2
    assert f"btcusdt@kline_1m: {why}" in found
    assert f"btcusdt@aggTrade: {why}" not in found


def test_of_all_other_streams_only_sums_are_told():
    found = told(stream("btcusdt@kline_1m"), states={"SILENT": 2, "LIVE": 1_098})
    assert "All streams: 1\u2009098 live, 2 silent" in found
    assert "No streams yet." in told()


def test_troubled_symbols_are_named_but_not_all_of_hundreds():
    found = told(troubles={f"S{i}USDT": "SILENT" for i in range(40)})
    assert "S0USDT: SILENT" in found
    assert "and 35 other symbols" in found
    assert "S39USDT: SILENT" not in found


def test_the_trouble_of_the_shown_symbol_is_told_where_no_stream_tells_it():
    why = "6 candles the exchange does not have"
    assert f"BTCUSDT: {why}" in told(stream("btcusdt@kline_1m"), troubles={"BTCUSDT": why})
    mute = stream("btcusdt@kline_1m", state=StreamState.SILENT, detail="nothing for 9 s")
    assert f"BTCUSDT: {why}" not in told(mute, troubles={"BTCUSDT": why})


def test_an_order_book_is_told_with_spread_and_imbalance():
    book = BookState("BTCUSDT", BookPhase.LIVE, ((99.5, 3.0),), ((100.5, 1.0),), age_s=0.3)
    found = told(stream("btcusdt@kline_1m"), book=book)
    assert "spread 100.00 bps · imbalance +50 %" in found
    assert "SYNCING" in told(book=BookState("BTCUSDT", BookPhase.SYNCING))
    assert "local book" not in told()
