import json

import pytest

from core.config import REPOSITORY
from core.data.errors import MalformedMessageError
from core.data.open_interest import Period, parse_open_interest
from core.model.open_interest import OpenInterest
from tests.builders import START_MS

DOCUMENTED = "data/rest_raw/binance_net_usdfutures/GetOpenInterestHistory.txt"


def row(i, held="20403.637", **changes):
    told = {
        "symbol": "BTCUSDT",
        "sumOpenInterest": held,
        "sumOpenInterestValue": "1",
        "timestamp": START_MS + i * Period.M5.duration_ms,
    }
    return told | changes


def test_snapshots_come_in_order_and_once():
    found = parse_open_interest("BTCUSDT", [row(1, "2"), row(0, "1"), row(0, "1")])
    assert found == (OpenInterest(START_MS, 1.0), OpenInterest(START_MS + 300_000, 2.0))


def test_the_documented_answer_is_understood():
    path = REPOSITORY.parent / "shared" / DOCUMENTED
    if not path.exists():
        pytest.skip("the shared data are not here")
    text = path.read_text()
    found = parse_open_interest("BTCUSDT", json.loads(text[text.index("[") :]))
    assert found[0] == OpenInterest(1_583_127_900_000, 20403.637)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        None,
        [None],
        [row(0, symbol="ETHUSDT")],
        [row(0, timestamp=0)],
        [row(0, timestamp="soon")],
        [row(0, 5.0)],
        [row(0, "NaN")],
        [row(0, "inf")],
        [row(0, "-1")],
        [row(0, "")],
        [row(0), row(1, "x")],
    ],
    ids=repr,
)
def test_an_answer_with_any_row_that_is_none_is_refused(answer):
    with pytest.raises(MalformedMessageError):
        parse_open_interest("BTCUSDT", answer)
