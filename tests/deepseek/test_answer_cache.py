from deepseek.answer_cache import AnswerCache, KnownAnswer


def test_what_was_not_used_for_longest_is_forgotten():
    cache = AnswerCache(capacity=2)
    for name in "ab":
        cache.remember(name, KnownAnswer(name, "m"))
    assert cache.find("a") == KnownAnswer("a", "m")
    cache.remember("c", KnownAnswer("c", "m"))
    assert cache.find("b") is None
    assert cache.find("a") == KnownAnswer("a", "m")
    assert cache.find("c") == KnownAnswer("c", "m")


def test_the_latest_answer_to_a_question_counts():
    cache = AnswerCache(capacity=1)
    cache.remember("a", KnownAnswer("old", "m"))
    cache.remember("a", KnownAnswer("new", "m"))
    assert cache.find("a") == KnownAnswer("new", "m")
