from core.data.stream_selection import ALL_MARK_PRICES, ONE_BEAT_ABOVE, select_streams


def many(n: int) -> list[str]:
    return [f"S{i}USDT" for i in range(n)]


def test_few_symbols_have_a_heartbeat_each_and_many_share_one():
    few = select_streams(many(ONE_BEAT_ABOVE), ()).names
    assert f"s{ONE_BEAT_ABOVE - 1}usdt@markPrice@1s" in few
    assert ALL_MARK_PRICES not in few
    more = select_streams(many(ONE_BEAT_ABOVE + 1), ()).names
    assert [name for name in more if "markPrice" in name] == [ALL_MARK_PRICES]
    assert len(more) == ONE_BEAT_ABOVE + 2


def test_order_flow_is_wanted_only_of_what_is_in_focus():
    selection = select_streams(["BTCUSDT", "ETHUSDT"], {"ETHUSDT", "OTHER"})
    flow = [name for name in selection.names if selection.flow.get(name)]
    assert flow == ["ethusdt@aggTrade", "ethusdt@bookTicker", "ethusdt@depth@500ms"]


def test_a_socket_concerns_the_symbols_whose_streams_it_carries():
    selection = select_streams(["BTCUSDT", "币安人生USDT"], {"BTCUSDT"})
    carried = frozenset({"币安人生usdt@kline_1m", "btcusdt@markPrice@1s", "btcusdt@aggTrade"})
    assert selection.symbols_of(carried) == {"币安人生USDT"}
    assert selection.flow_of(carried) == {"BTCUSDT"}
    assert selection.symbols_of(frozenset()) == {"BTCUSDT", "币安人生USDT"}
    assert selection.symbols_of(frozenset({"btcusdt@bookTicker"})) == frozenset()


def test_a_symbol_that_is_named_twice_is_streamed_once():
    names = select_streams(["BTCUSDT", "BTCUSDT"], {"BTCUSDT"}).names
    assert len(names) == len(set(names))
