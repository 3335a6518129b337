import pytest

from core.data.errors import MalformedMessageError
from core.data.orderflow.depth_snapshot import DepthSnapshot, parse_depth_snapshot

BODY = {
    "lastUpdateId": 7,
    "E": 1_700_000_000_000,
    "T": 1_699_999_999_999,
    "bids": [["99.5", "1"]],
    "asks": [["100.5", "2"]],
}


def test_an_order_book_is_read():
    told = parse_depth_snapshot(BODY, 5)
    assert told == DepthSnapshot(7, ((99.5, 1.0),), ((100.5, 2.0),), 1_700_000_000_000, 5)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "<html>",
        {},
        BODY | {"lastUpdateId": "7"},
        BODY | {"lastUpdateId": True},
        BODY | {"E": None},
        BODY | {"bids": None},
        BODY | {"bids": [["99.5"]]},
        BODY | {"bids": [["99.5", "NaN"]]},
        BODY | {"bids": [["99.5", "inf"]]},
        BODY | {"bids": [["-99.5", "1"]]},
        BODY | {"bids": [["99.5", "-1"]]},
        BODY | {"bids": [[None, "1"]]},
        BODY | {"bids": [7]},
        BODY | {"bids": [["100.5", "1"]]},
    ],
)
def test_what_is_no_order_book_is_refused(body):
    with pytest.raises(MalformedMessageError):
        parse_depth_snapshot(body, 5)
