"""What may be asked for."""

import pytest

from core.model.source import Source
from ops.metric_windows import Period
from ui.performance.question import Question, QuestionError, question_of, source_of


def test_nothing_chosen_is_everything():
    assert question_of("", "", "") == Question()
    assert source_of("") is Source.POLICY


def test_a_date_takes_the_place_of_the_period_and_is_utc():
    asked = question_of("week", "2026-11-21", " btcusdt ")
    assert asked == Question(Period.ALL, 1_795_219_200_000, "BTCUSDT")
    assert asked.words == "since_2026-11-21T0000_BTCUSDT"
    window = asked.window(1_795_219_200_000 + 5)
    assert (window.start_ms, window.end_ms) == (1_795_219_200_000, 1_795_219_200_006)
    assert question_of("", "2026-11-21T02:00+02:00", "").since_ms == 1_795_219_200_000


def test_a_date_to_come_is_an_empty_stretch():
    window = question_of("", "2030-01-01", "").window(1_795_219_200_000)
    assert window.start_ms == window.end_ms


@pytest.mark.parametrize(
    "asked",
    [
        ("year", "", ""),
        ("", "yesterday", ""),
        ("", "", "a/b"),
        ("", "9999-12-31T23:59:59-23:59", ""),
        ("", "", "a b"),
    ],
)
def test_what_there_cannot_be_is_refused(asked):
    with pytest.raises(QuestionError):
        question_of(*asked)


def test_an_account_there_is_not_is_refused():
    with pytest.raises(QuestionError):
        source_of("ghost")
