import pytest

from core.data.sockets.health import StreamState, StreamWatch, health
from core.data.sockets.plan import Route
from core.data.sockets.watches import Watches

SILENCE_S = 8.0
KLINE, MARK, TOP = "btcusdt@kline_1m", "btcusdt@markPrice@1s", "btcusdt@bookTicker"


def watched(name: str, *, heard_s: float | None, socket_s: float | None) -> StreamWatch:
    """A stream acknowledged at 100 s; it and its socket delivered at the times given."""
    watches = Watches(Route.PUBLIC if name == TOP else Route.MARKET)
    watches.want([name])
    watches.link.up_since_s, watches.link.heard_s = 100.0, socket_s
    watch = watches.by_name[name]
    watch.acknowledged_s, watch.heard_s = 100.0, heard_s
    return watch


@pytest.mark.parametrize(
    ("name", "heard_s", "socket_s", "now_s", "state"),
    [
        (KLINE, 110.0, 110.0, 111.0, StreamState.LIVE),
        (KLINE, 110.0, 129.0, 130.0, StreamState.QUIET),
        (KLINE, 110.0, 199.0, 200.0, StreamState.SILENT),  # no candle for a minute and a half
        (KLINE, None, 110.0, 110.0, StreamState.QUIET),
        (KLINE, 110.0, 110.0, 115.0, StreamState.SILENT),  # the socket delivers nothing
        (MARK, 110.0, 112.0, 112.0, StreamState.LIVE),
        (MARK, 110.0, 114.0, 114.0, StreamState.SILENT),  # three beats missing
        (MARK, None, 102.0, 102.0, StreamState.QUIET),
        (TOP, 110.0, 110.0, 125.0, StreamState.QUIET),  # nobody need touch a book
        (TOP, 110.0, 110.0, 127.0, StreamState.SILENT),
        (TOP, 90.0, 101.0, 101.5, StreamState.QUIET),  # its new connection delivers others
        (TOP, 90.0, 90.0, 101.0, StreamState.RECONNECTING),  # which has delivered nothing yet
    ],
)
def test_quiet_is_told_from_silent(name, heard_s, socket_s, now_s, state):
    found = health(watched(name, heard_s=heard_s, socket_s=socket_s), now_s, SILENCE_S)
    assert found.state is state
    assert (found.detail == "") == (state is StreamState.LIVE)
    assert found.age_s == (None if heard_s is None else now_s - heard_s)


def test_a_socket_that_is_down_says_why():
    watches = Watches(Route.MARKET)
    watches.want([KLINE])
    watches.lost("HTTP 451", silent=False)
    found = health(watches.by_name[KLINE], 5.0, SILENCE_S)
    assert (found.state, found.detail) == (StreamState.RECONNECTING, "HTTP 451")
    watches.lost("no data for 8 s", silent=True)
    assert health(watches.by_name[KLINE], 5.0, SILENCE_S).state is StreamState.SILENT


def test_before_the_exchange_acknowledged_it_is_not_said_to_flow():
    watch = watched(KLINE, heard_s=110.0, socket_s=110.0)
    watch.acknowledged_s = None
    assert health(watch, 111.0, SILENCE_S).state is StreamState.RECONNECTING


def test_an_overdue_stream_is_revived_once_until_it_delivers_again():
    watch = watched(MARK, heard_s=110.0, socket_s=120.0)
    assert watch.worth_reviving(120.0)
    watch.revived_s = 120.0
    watch.link.heard_s = 130.0
    assert not watch.worth_reviving(130.0)
    watch.heard_s = 131.0
    watch.link.heard_s = 140.0
    assert watch.worth_reviving(140.0)


def test_on_a_mute_socket_nothing_is_revived():
    assert not watched(MARK, heard_s=110.0, socket_s=110.0).worth_reviving(116.0)


def test_what_is_known_of_a_stream_survives_a_change_of_the_others():
    watches = Watches(Route.MARKET)
    watches.want([KLINE])
    watches.by_name[KLINE].frames = 7
    watches.want([MARK, KLINE])
    assert watches.by_name[KLINE].frames == 7
    assert watches.by_wire_name[KLINE.encode()] is watches.by_name[KLINE]
    watches.want([MARK])
    assert set(watches.by_wire_name) == {MARK.encode()}
