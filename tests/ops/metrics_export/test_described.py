import pytest
from prometheus_client import CollectorRegistry, generate_latest

from core.tally import Distribution
from ops.metrics_export.described import counter, few, gauge, histogram, switch, tame
from tests.ops.metrics_export.reading import families, values


class Told:
    def __init__(self, *metrics):
        self.metrics = metrics

    def describe(self):
        return ()

    def collect(self):
        return self.metrics


def text(*metrics):
    registry = CollectorRegistry()
    registry.register(Told(*metrics))
    return generate_latest(registry)


def test_values_come_back_by_their_labels():
    told = text(
        gauge("a_seconds", "How old.").of(2.5),
        counter("b_total", "How many.", "kind", "result").of({("x", "hit"): 3, ("y", "miss"): 0}),
    )
    assert values(told, "a_seconds") == {(): 2.5}
    assert values(told, "b_total") == {("x", "hit"): 3.0, ("y", "miss"): 0.0}
    assert families(told)["b_total"].documentation == "How many."


def test_what_is_not_known_is_left_out_and_still_described():
    told = text(gauge("a", "A.").of(None), gauge("b", "B.", "c").of({("x",): None, ("y",): 1.0}))
    assert values(told, "a") == {}
    assert values(told, "b") == {("y",): 1.0}


def test_a_histogram_comes_back_with_its_bounds_sum_and_count():
    spread = Distribution((0.1, 1.0))
    for value in (0.05, 0.5, 5.0):
        spread.add(value)
    told = text(histogram("h_seconds", "H.", "purpose").spread({("chat",): spread.spread()}))
    samples = {(s.name, s.labels.get("le")): s.value for s in families(told)["h_seconds"].samples}
    assert samples == {
        ("h_seconds_bucket", "0.1"): 1.0,
        ("h_seconds_bucket", "1"): 2.0,
        ("h_seconds_bucket", "+Inf"): 3.0,
        ("h_seconds_count", None): 3.0,
        ("h_seconds_sum", None): 5.55,
    }


@pytest.mark.parametrize("hostile", ['say "no"', "two\nlines", "back\\slash", "a{b=}", "# HELP x"])
def test_hostile_labels_come_back_as_they_were(hostile):
    told = text(counter("r_total", "R.", "reason").of({(hostile,): 1}))
    assert values(told, "r_total") == {(hostile,): 1.0}


def test_a_label_that_no_text_can_hold_is_written_all_the_same():
    assert values(text(gauge("g", "G.", "l").of({("\ud800x",): 1})), "g") == {("?x",): 1.0}
    assert len(tame("x" * 500)) < 100


def test_names_that_others_choose_are_bounded_and_their_sum_is_kept():
    counted = few({f"name{n}": 1 for n in range(100)}, most=3)
    assert counted == {("name0",): 1, ("name1",): 1, ("name2",): 1, ("other",): 97}


def test_a_state_is_one_of_all():
    assert switch(("A", "B"), "B") == {("A",): 0.0, ("B",): 1.0}


def test_a_counter_is_named_as_one():
    with pytest.raises(ValueError, match="_total"):
        counter("frames", "F.")
    with pytest.raises(ValueError, match="_total"):
        gauge("frames_total", "F.")
    with pytest.raises(ValueError, match="distribution"):
        histogram("h", "H.").of(1.0)
