from core.model.health import Level
from ops.health.answer_times import AnswerTimes


def test_few_answers_say_nothing():
    times = AnswerTimes()
    for _ in range(19):
        times.add(9.0)
    assert times.page().level is Level.UNKNOWN


def test_the_95th_percentile_of_the_last_minutes_is_told():
    now_s = [0.0]
    times = AnswerTimes(monotonic=lambda: now_s[0])
    for _ in range(50):
        times.add(60.0)
    now_s[0] = 301.0
    for n in range(1, 101):
        times.add(n / 1000.0)
    assert times.page().value == 95.0
