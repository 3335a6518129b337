import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.sockets.plan import Route, SocketPlan, expected_s, route_of

names = st.sampled_from(
    [f"s{i}@{kind}" for i in range(12) for kind in ("kline_1m", "markPrice@1s", "bookTicker")]
    + ["!markPrice@arr@1s", "!forceOrder@arr"]
)
changes = st.lists(st.tuples(st.booleans(), st.lists(names, max_size=12)), max_size=20)


@pytest.mark.parametrize(
    ("stream", "route"),
    [
        ("btcusdt@kline_1m", Route.MARKET),
        ("btcusdt@aggTrade", Route.MARKET),
        ("!markPrice@arr@1s", Route.MARKET),
        ("btcusdt@tradingSession", Route.MARKET),
        ("btcusdt@bookTicker", Route.PUBLIC),
        ("!bookTicker", Route.PUBLIC),
        ("btcusdt@depth20@500ms", Route.PUBLIC),
        ("btcusdt@depth@500ms", Route.PUBLIC),
        ("btcusdt@rpiDepth@500ms", Route.PUBLIC),
    ],
)
def test_streams_travel_on_the_only_route_that_carries_them(stream, route):
    assert route_of(stream) is route


def test_only_mark_prices_have_a_fixed_rate():
    assert [expected_s(name) for name in ("a@markPrice@1s", "!markPrice@arr", "a@kline_1m")] == [
        1.0,
        3.0,
        None,
    ]


@pytest.mark.parametrize("room", [1, 1025])
def test_a_socket_must_have_room_for_a_stream_and_its_heartbeat(room):
    with pytest.raises(ValueError, match=str(room)):
        SocketPlan(room)


def test_550_symbols_need_three_sockets_each_with_a_heartbeat():
    plan = SocketPlan(200)
    plan.add(["!markPrice@arr@1s", *(f"s{i}@kline_1m" for i in range(550))])
    carried = [plan.streams(socket) for socket in plan.routes]
    assert [len(streams) for streams in carried] == [199, 200, 154]
    assert [streams[0] for streams in carried] == [
        "!markPrice@arr@1s",
        "s198@markPrice@1s",
        "s397@markPrice@1s",
    ]


def test_a_heartbeat_follows_when_its_symbol_leaves():
    plan = SocketPlan(10)
    plan.add(["a@kline_1m", "b@kline_1m"])
    assert plan.streams(1)[0] == "a@markPrice@1s"
    plan.remove(["a@kline_1m"])
    assert plan.streams(1) == ("b@markPrice@1s", "b@kline_1m")


@given(changes, st.integers(2, 7))
def test_the_plan_keeps_its_promises_whatever_is_asked(asked, room):
    plan, wanted = SocketPlan(room), set()
    for adding, streams in asked:
        before = {name: plan.socket_of(name) for name in wanted}
        (plan.add if adding else plan.remove)(streams)
        wanted = wanted | set(streams) if adding else wanted - set(streams)
        stayed = wanted & set(before)
        assert {name: plan.socket_of(name) for name in stayed} == {n: before[n] for n in stayed}
    assert plan.wanted == wanted
    for socket, route in plan.routes.items():
        streams = plan.streams(socket)
        assert 0 < len(set(streams)) == len(streams) <= room
        assert all(route_of(name) is route for name in streams)
        assert route is Route.PUBLIC or expected_s(streams[0]) is not None
    assert all(name in plan.streams(plan.socket_of(name)) for name in wanted)


@given(st.lists(names, unique=True, min_size=1), st.integers(2, 7))
def test_no_more_sockets_than_the_room_demands(streams, room):
    plan = SocketPlan(room)
    plan.add(streams)
    for route in Route:
        mine = [name for name in streams if route_of(name) is route]
        sockets = [socket for socket in plan.routes if plan.routes[socket] is route]
        usable = room if route is Route.PUBLIC else room - 1
        assert len(sockets) <= -(-len(mine) // usable)
