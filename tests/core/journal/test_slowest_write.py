import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.journal.errors import JournalError
from core.journal.slowest_write import RECENT_S, SlowestWrite
from core.journal.writer import JournalWriter


def test_nothing_written_is_nothing_to_tell():
    slowest = SlowestWrite()
    assert slowest.slowest_ms(0.0) is None
    slowest.end(1.0)
    assert slowest.slowest_ms(1.0) is None


def test_a_writer_tells_of_its_slowest_write_also_when_that_failed():
    now_s = [0.0]

    def take(seconds):
        now_s[0] += seconds
        if seconds > 3.0:
            raise JournalError("no such table")

    async def scenario():
        writer = JournalWriter(monotonic=lambda: now_s[0])
        await writer.write(take, 2.0)
        with pytest.raises(JournalError):
            await writer.write(take, 4.0)
        writer.close()
        return writer.slowest_ms

    assert asyncio.run(scenario()) == 4_000.0


def test_a_write_under_way_counts():
    slowest = SlowestWrite()
    slowest.begin(10.0)
    assert slowest.slowest_ms(12.0) == 2_000.0


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=30))
def test_it_is_the_longest_of_those_that_ended_within_the_last_minute(writes):
    slowest, now_s, ended = SlowestWrite(), 0.0, []
    for pause_s, took_s in writes:
        slowest.begin(now_s + pause_s)
        now_s += pause_s + took_s
        slowest.end(now_s)
        ended.append((now_s, took_s))
    recent = [took_s for at_s, took_s in ended if now_s - at_s <= RECENT_S]
    assert slowest.slowest_ms(now_s) == (max(recent) * 1000.0 if recent else None)
