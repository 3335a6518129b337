import pytest

from core.model.verdict import Abstention, AbstentionReason, Action, View
from deepseek.circuit import Circuit, is_outage

DOWN = Abstention(AbstentionReason.SERVER)
GOOD = View(Action.HOLD, 50.0, None, None, None, "")
PROSE = Abstention(AbstentionReason.NOT_JSON)


class Clock:
    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


def opened():
    """A circuit that three failures have just opened, and its clock."""
    clock = Clock()
    circuit = Circuit(failures_to_open=3, open_for_s=60.0, monotonic=clock)
    for _ in range(3):
        attempt(circuit, DOWN)
    return circuit, clock


def attempt(circuit, verdict):
    assert circuit.refusal() == ""
    circuit.record(circuit.begin(), verdict)


def test_it_opens_after_so_many_failures_in_a_row():
    circuit = Circuit(failures_to_open=3, open_for_s=60.0, monotonic=Clock())
    for verdict in (DOWN, DOWN, GOOD, DOWN, DOWN, PROSE, DOWN, DOWN):
        attempt(circuit, verdict)
        assert circuit.is_closed
    attempt(circuit, DOWN)
    assert circuit.refusal() == "left in peace for 60 s after 3 failures"


def test_it_stays_open_to_the_last_moment():
    circuit, clock = opened()
    clock.now_s = 59.9
    assert circuit.refusal() == "left in peace for 1 s after 3 failures"
    clock.now_s = 60.0
    assert circuit.refusal() == ""


def test_only_one_probe_at_a_time():
    circuit, clock = opened()
    clock.now_s = 60.0
    probe = circuit.begin()
    assert probe.is_probe
    assert "probing" in circuit.refusal()
    circuit.abandon(probe)
    assert circuit.refusal() == ""


def test_a_probe_that_succeeds_closes_it():
    circuit, clock = opened()
    clock.now_s = 60.0
    attempt(circuit, GOOD)
    assert circuit.is_closed
    attempt(circuit, DOWN)
    assert circuit.refusal() == ""


def test_a_probe_that_fails_opens_it_again():
    circuit, clock = opened()
    clock.now_s = 60.0
    attempt(circuit, DOWN)
    clock.now_s = 119.0
    assert circuit.refusal() == "left in peace for 1 s after 4 failures"
    clock.now_s = 120.0
    assert circuit.refusal() == ""


def opened_with_one_under_way():
    clock = Clock()
    circuit = Circuit(failures_to_open=3, open_for_s=60.0, monotonic=clock)
    early = circuit.begin()
    assert not early.is_probe
    for _ in range(3):
        attempt(circuit, DOWN)
    return circuit, clock, early


def test_late_failures_do_not_prolong_the_peace():
    circuit, clock, early = opened_with_one_under_way()
    clock.now_s = 30.0
    circuit.record(early, DOWN)
    assert circuit.refusal() == "left in peace for 30 s after 3 failures"
    clock.now_s = 60.0
    assert circuit.refusal() == ""


@pytest.mark.parametrize("late", [DOWN, GOOD, None])
def test_while_a_probe_is_under_way_only_its_end_decides(late):
    circuit, clock, early = opened_with_one_under_way()
    clock.now_s = 60.0
    probe = circuit.begin()
    if late is None:
        circuit.abandon(early)
    else:
        circuit.record(early, late)
    assert "probing" in circuit.refusal()
    circuit.record(probe, DOWN)
    assert circuit.refusal() == "left in peace for 60 s after 4 failures"


def test_what_was_begun_before_it_closed_again_does_not_count():
    circuit, clock, early = opened_with_one_under_way()
    clock.now_s = 60.0
    attempt(circuit, GOOD)
    circuit.record(early, DOWN)
    for _ in range(2):
        attempt(circuit, DOWN)
        assert circuit.is_closed
    attempt(circuit, DOWN)
    assert not circuit.is_closed


@pytest.mark.parametrize(
    ("reason", "outage"),
    [
        (AbstentionReason.NETWORK, True),
        (AbstentionReason.TIMEOUT, True),
        (AbstentionReason.OVERLOADED, True),
        (AbstentionReason.RESOURCE, True),
        (AbstentionReason.BALANCE, True),
        (AbstentionReason.BAD_REQUEST, False),
        (AbstentionReason.BLANK, False),
        (AbstentionReason.EVIDENCE, False),
        (AbstentionReason.TOO_LONG, False),
    ],
)
def test_only_a_server_that_does_not_serve_is_an_outage(reason, outage):
    assert is_outage(Abstention(reason)) is outage
