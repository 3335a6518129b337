import datetime as dt
import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek.budget import Usage, cost_usd, is_peak, most_usage, prices_of
from tests.builders import settings

DEEPSEEK = settings().deepseek
HOURS = DEEPSEEK.peak_hours_utc
MONDAY = dt.datetime(2026, 11, 16, tzinfo=dt.UTC)


def at_ms(hour, minute=0, day=0):
    when = MONDAY + dt.timedelta(days=day, hours=hour, minutes=minute)
    return int(when.timestamp() * 1000)


@pytest.mark.parametrize(
    ("hour", "minute", "peak"),
    [
        (0, 59, False), (1, 0, True), (3, 59, True), (4, 0, False),
        (5, 59, False), (6, 0, True), (9, 59, True), (10, 0, False), (23, 59, False),
    ],
)  # fmt: skip
def test_peak_hours_begin_and_end_on_the_hour(hour, minute, peak):
    assert is_peak(at_ms(hour, minute), HOURS) is peak


@pytest.mark.parametrize(("day", "peak"), [(0, True), (4, True), (5, False), (6, False)])
def test_the_weekend_is_off_peak(day, peak):
    assert is_peak(at_ms(2, day=day), HOURS) is peak


@given(st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2100, 1, 1)))  # noqa: DTZ001 - made UTC below
def test_peak_hours_agree_with_the_calendar(when):
    when = when.replace(tzinfo=dt.UTC)
    expected = when.weekday() < 5 and (1 <= when.hour < 4 or 6 <= when.hour < 10)
    assert is_peak(int(when.timestamp()) * 1000, HOURS) is expected


def test_a_million_tokens_of_each_kind_cost_what_the_table_says():
    usage = Usage(prompt_tokens=2_000_000, cache_hit_tokens=1_000_000, completion_tokens=1_000_000)
    cost = functools.partial(cost_usd, usage, "deepseek-flash", DEEPSEEK)
    assert cost(asked_ms=at_ms(12)) == pytest.approx(0.003 + 0.15 + 0.60)
    assert cost(asked_ms=at_ms(2)) == pytest.approx(0.006 + 0.30 + 1.20)


def test_the_peak_is_as_configured():
    usage = Usage(completion_tokens=1_000_000)
    never = DEEPSEEK.model_copy(update={"peak_hours_utc": ()})
    dear = DEEPSEEK.model_copy(update={"peak_factor": 3.0})
    assert cost_usd(usage, "", never, asked_ms=at_ms(2)) == pytest.approx(0.60)
    assert cost_usd(usage, "", dear, asked_ms=at_ms(2)) == pytest.approx(1.80)


@pytest.mark.parametrize(
    ("answered", "asked", "output"),
    [
        ("deepseek-v4-pro", "deepseek-flash", 1.98),
        ("DeepSeek-V4.1-Flash", "deepseek-flash", 0.60),
        ("", "deepseek-v4-pro", 1.98),
        ("new", "newer", 1.98),
    ],
)
def test_who_answered_is_paid_else_who_was_asked_else_the_dearest(answered, asked, output):
    assert prices_of(answered, asked, DEEPSEEK.usd_per_million).output == output


@pytest.mark.parametrize("counts", [(1, 2, 0), (1, -1, 0), (1, 1, -1)])
def test_impossible_counts_cannot_exist(counts):
    with pytest.raises(ValueError, match="impossible token counts"):
        Usage(*counts)


def test_what_nobody_counted_is_rather_too_much_than_too_little():
    assert most_usage("abc", 1200) == Usage(2, 0, 1200)
    assert most_usage("\u4f60", 100) == Usage(2, 0, 100)
    prose = "Momentum is positive without being stretched."
    assert most_usage(prose, 100).prompt_tokens > 0.3 * len(prose)
