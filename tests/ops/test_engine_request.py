"""What is asked of the engine is written where it looks, and waited for, but not for ever."""

import pytest

from core.journal.database import database_url
from core.journal.errors import JournalError
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from ops.engine_request import CONFIRMED_WITHIN_S, await_confirmation, leave_request
from tests.builders import home as made_home
from tests.core.journal.empty_journal import ready


class Time:
    """A clock that only waiting moves."""

    def __init__(self):
        self.now_s = 0.0

    def passes(self, seconds):
        self.now_s += seconds


def awaited(obeyed, number, time):
    return await_confirmation(obeyed, number, monotonic=lambda: time.now_s, sleep=time.passes)


def test_a_request_lies_where_the_engine_looks(tmp_path):
    home = made_home(tmp_path)
    url = database_url(home.database)
    Journal.open(ready(url)).close()
    leave_request(home, "request", "7", clock_ms=lambda: 5)
    assert JournalReader.open(url).control("request") == "7"


def test_without_a_journal_there_is_nothing_to_ask(tmp_path):
    with pytest.raises(JournalError):
        leave_request(made_home(tmp_path), "request", "1", clock_ms=None)


@pytest.mark.parametrize("told", [2, 3])
def test_it_is_confirmed_by_its_number_or_a_later_one(told):
    time = Time()
    assert awaited(lambda: told if time.now_s > 1.0 else 1, 2, time)
    assert time.now_s == pytest.approx(1.1, abs=0.11)


def test_an_engine_that_does_not_confirm_is_not_waited_for_for_ever():
    time = Time()
    assert not awaited(lambda: 1, 2, time)
    assert time.now_s == pytest.approx(CONFIRMED_WITHIN_S, abs=0.2)
