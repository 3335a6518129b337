"""The book of a replay is the snapshot with its changes, from whichever side it is met."""

import pytest

from core.simulator.frame_replay.recorded_book import RecordedBook

SNAPSHOT = {
    "lastUpdateId": 10,
    "E": 5,
    "T": 5,
    "bids": [["100.0", "1"], ["99.0", "2"]],
    "asks": [["101.0", "3"], ["102.0", "4"]],
}


def change(last: int, bids=(), asks=()):
    return {"u": last, "pu": last - 1, "E": last, "b": list(bids), "a": list(asks)}


def test_before_its_snapshot_was_made_a_book_answers_that_snapshot():
    book = RecordedBook()
    assert book.body(5) is None
    book.expect(SNAPSHOT)
    assert book.body(1) == SNAPSHOT | {"bids": [["100.0", "1"]], "asks": [["101.0", "3"]]}


def test_changes_met_before_the_snapshot_are_applied_to_it_if_they_are_newer():
    book = RecordedBook()
    book.change(change(9, bids=[["98.0", "9"]]))
    book.change(change(12, bids=[["100.0", "7"]], asks=[["101.0", "0"]]))
    book.load(SNAPSHOT)
    book.change(change(13, bids=[["100.50", "1"]]))
    assert book.body(5) == {
        "lastUpdateId": 13,
        "E": 13,
        "T": 13,
        "bids": [["100.50", "1"], ["100.0", "7"], ["99.0", "2"]],
        "asks": [["102.0", "4"]],
    }


def test_a_level_is_found_again_however_its_price_is_written():
    book = RecordedBook()
    book.load(SNAPSHOT)
    book.change(change(11, bids=[["100.00", "0.000"]]))
    assert book.body(5)["bids"] == [["99.0", "2"]]


def test_malformed_snapshots_and_changes_are_passed_over():
    book = RecordedBook()
    for broken in ({}, SNAPSHOT | {"bids": None}, SNAPSHOT | {"asks": [["x", "1"]]}):
        book.expect(broken)
        book.load(broken)
    assert book.body(5) is None
    book.load(SNAPSHOT)
    for broken in ({"u": "11"}, change(11, bids=[["100", "NaN"]]), change(11, bids=[["100"]])):
        book.change(broken)
    assert book.body(5)["lastUpdateId"] == 10


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "x", None, ["1"]])
@pytest.mark.parametrize("at", [0, 1])
def test_a_level_that_is_no_number_spoils_its_message_and_not_the_book(text, at):
    level = ["100.0", "1"]
    level[at] = text
    book = RecordedBook()
    book.load(SNAPSHOT)
    book.change(change(11, bids=[level]))
    book.load(SNAPSHOT | {"lastUpdateId": 50, "asks": [level]})
    assert book.body(5)["lastUpdateId"] == 10


@pytest.mark.parametrize("told", ["x", [1], {}, None, 1.5])
def test_an_event_time_that_is_none_leaves_the_time_as_it_was(told):
    book = RecordedBook()
    book.load(SNAPSHOT | {"E": told})
    book.change(change(12, bids=[["100.0", "7"]]) | {"E": told})
    assert (book.body(5)["lastUpdateId"], book.body(5)["E"]) == (12, 0)
