"""A target that hangs, refuses and comes back; threads are waited for, never slept for."""

import threading

import pytest

from ops.alarms.courier import GIVEN_UP_S, MOST_KEPT, MOST_WAITING, Courier
from ops.alarms.message import Message, Tone

PATIENCE_S = 60.0


def message(text):
    return Message(text, text, Tone.INFO)


class Target:
    """Takes what it is told to take, and says when it was asked."""

    name = "1: test"

    def __init__(self):
        self.answers, self.sent, self.asked = [], [], threading.Semaphore(0)
        self.go = threading.Event()
        self.go.set()

    def send(self, message):
        assert self.go.wait(PATIENCE_S)
        went = self.answers.pop(0) if self.answers else True
        if went:
            self.sent.append(message.title)
        self.asked.release()
        return went

    def was_asked(self, times):
        for _ in range(times):
            assert self.asked.acquire(timeout=PATIENCE_S)


@pytest.fixture
def target():
    made = Target()
    yield made
    made.go.set()


def test_messages_go_out_in_order_and_are_counted(target):
    courier = Courier(target)
    for text in "abc":
        courier.take(message(text))
    courier.close(PATIENCE_S)
    assert target.sent == ["a", "b", "c"]
    state = courier.state()
    assert (state.name, state.sent, state.failed, state.waiting) == ("1: test", 3, 0, 0)


def test_a_target_that_refuses_is_asked_again_and_logged_once(target, caplog):
    caplog.set_level("INFO")
    target.answers = [False, False, False]
    courier = Courier(target, retry_s=(0.0, 0.0))
    courier.take(message("a"))
    target.was_asked(4)
    courier.close(PATIENCE_S)
    state = courier.state()
    assert (state.sent, state.failed, state.dropped, state.trouble) == (1, 3, 0, "")
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_while_it_refuses_the_trouble_is_told_and_closing_tries_once_more(target):
    target.answers = [False, True]
    courier = Courier(target, retry_s=(PATIENCE_S, PATIENCE_S))
    courier.take(message("a"))
    target.was_asked(1)
    courier.close(PATIENCE_S)
    assert target.sent == ["a"]


def test_what_cannot_be_sent_at_the_end_is_kept_for_the_next_start(target):
    target.answers = [False] * 9
    courier = Courier(target, retry_s=(PATIENCE_S, PATIENCE_S))
    for text in "ab":
        courier.take(message(text))
    courier.close(PATIENCE_S)
    state = courier.state()
    assert (state.waiting, state.dropped) == (2, 0)
    assert "not taken" in state.trouble
    assert [kept.title for kept in state.messages] == ["a", "b"]


def test_a_message_is_given_up_when_it_is_old(target):
    now_s = [0.0]
    target.answers = [False]
    target.go.clear()
    courier = Courier(target, clock_s=lambda: now_s[0], retry_s=(0.0, 0.0))
    courier.take(message("a"))
    now_s[0] = GIVEN_UP_S
    target.go.set()
    target.was_asked(1)
    courier.close(PATIENCE_S)
    assert (courier.state().dropped, target.sent) == (1, [])


def test_a_target_that_hangs_holds_nobody_up_and_the_queue_is_bounded(target):
    target.go.clear()
    courier = Courier(target)
    for number in range(MOST_WAITING + 5):
        courier.take(message(str(number)))
    state = courier.state()
    assert (state.waiting, state.dropped) == (MOST_WAITING, 5)
    assert len(state.messages) == MOST_KEPT
    assert state.messages[-1].title == str(MOST_WAITING + 4)
    courier.close(0.0)
