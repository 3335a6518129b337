from hypothesis import given
from hypothesis import strategies as st

from core.data.sockets.kline_order import KlineOrder


def kline(minute: int, trades: int, *, closed: bool) -> dict[str, object]:
    return {"t": minute * 60_000, "x": closed, "n": trades}


TOLD = [kline(minute, trades, closed=trades == 9) for minute in range(5) for trades in (1, 4, 9)]


@given(st.lists(st.integers(0, len(TOLD) - 1)))
def test_late_and_doubled_updates_never_pass(order):
    keeper = KlineOrder()
    passed = [i for i in order if keeper.advances(TOLD[i])]
    assert passed == sorted(set(passed))
    assert not order or passed[-1] == max(order)


def test_a_correction_of_the_running_candle_passes():
    keeper = KlineOrder()
    assert keeper.advances({"t": 0, "x": False, "n": 1, "c": "1"})
    assert keeper.advances({"t": 0, "x": False, "n": 1, "c": "2"})
