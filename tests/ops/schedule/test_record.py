import json

import pytest

from core.config import Home
from ops.schedule.due import NEVER, Chore, ChoreRecord
from ops.schedule.record import record, record_file, recorded


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path)
    made.create()
    return made


def test_what_is_recorded_is_read_back(home):
    done = ChoreRecord(succeeded_s=5.0, tried_s=5.0, took_s=1.5, told="backup: made")
    record(home, {Chore.DAILY: done})
    assert recorded(home) == {Chore.DAILY: done, Chore.WEEKLY: NEVER, Chore.MONTHLY: NEVER}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"daily": 3}',
        b'{"daily": {"succeeded_s": "noon", "failures": "many", "told": 7}}',
        b'{"daily": {"succeeded_s": NaN, "tried_s": -1, "failures": -4}}',
        b'{"daily": {"succeeded_s": true, "tried_s": 1e999}}',
        b"[" * 100_000,
        b'{"daily": {"succeeded_s": 1' + b"0" * 400 + b"}}",
    ],
)
def test_a_damaged_file_counts_as_never_done(home, raw):
    record_file(home).write_bytes(raw)
    assert recorded(home) == dict.fromkeys(Chore, NEVER)


def test_damage_of_one_chore_spares_the_others(home):
    record(home, {Chore.WEEKLY: ChoreRecord(succeeded_s=9.0)})
    told = json.loads(record_file(home).read_text())
    record_file(home).write_text(json.dumps(told | {"daily": []}))
    assert recorded(home)[Chore.WEEKLY].succeeded_s == 9.0


def test_a_home_that_was_never_cared_for_has_no_file(tmp_path):
    assert recorded(Home(tmp_path / "none")) == dict.fromkeys(Chore, NEVER)
