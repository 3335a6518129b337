import json

from hypothesis import given
from hypothesis import strategies as st

from core.data.sockets.commands import SUBSCRIBE, Pace, command


def test_a_command_is_json_the_exchange_understands():
    text = command(SUBSCRIBE, ["币安usdt@kline_1m"], 7)
    assert json.loads(text) == {"method": "SUBSCRIBE", "params": ["币安usdt@kline_1m"], "id": 7}


@given(st.lists(st.floats(0, 2), max_size=50))
def test_no_second_ever_holds_five_commands(pauses):
    pace, now_s, sent = Pace(), 1000.0, []
    for pause_s in pauses:
        now_s += pause_s
        now_s += pace.reserve(now_s)
        sent.append(now_s)
    for at_s in sent:
        assert sum(at_s - 1.0 + 1e-6 < other <= at_s for other in sent) <= 4
