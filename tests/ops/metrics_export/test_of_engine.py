from core.config import Home
from tests.core.test_engine_tallies import refused
from tests.deepseek.test_call_tally import CALL
from tests.ops.metrics_export.reading import families, values
from tests.ops.metrics_export.scene import Scene


def test_the_engine_tells_everything_in_one_answer(tmp_path):
    told = Scene(Home(tmp_path)).engine()
    assert set(values(told, "trading_scrape_failures_total").values()) == {0.0}
    assert values(told, "trading_llm_circuit_open") == {(): 1.0}
    assert values(told, "trading_journal_writes_refused_total") == {(): 3.0}
    assert values(told, "trading_health_level") == {("disk",): 2.0, ("sharpe",): 1.0}
    assert values(told, "trading_health_value") == {("disk",): 86.0}
    assert values(told, "trading_feature_computations_total") == {("supertrend",): 12.0}
    assert values(told, "trading_engine_heartbeats_total") == {(): 7.0}


def test_without_anybody_to_ask_nothing_was_asked(tmp_path):
    told = Scene(Home(tmp_path), brain=None).engine()
    assert values(told, "trading_llm_calls_total") == {("decision",): 0.0}
    assert values(told, "trading_llm_circuit_open") == {(): 0.0}


def test_a_source_that_raises_costs_its_own_part_only(tmp_path):
    told = Scene(Home(tmp_path), fault=RuntimeError("dictionary changed size")).engine()
    failures = values(told, "trading_scrape_failures_total")
    assert {part for (part,), n in failures.items() if n} == {"engine"}
    assert b"trading_equity_usd" not in told
    assert values(told, "trading_feed_frames_total") == {(): 1_234.0}
    assert values(told, "trading_decisions_total")[("hold",)] == 0.0


def test_labels_are_short_words_and_no_reason_for_people_is_one(tmp_path):
    scene = Scene(Home(tmp_path))
    scene.tallies.decided(refused('lost "all" of\nit, that is 86 % of everything'))
    found = families(scene.engine())
    labels = {v for family in found.values() for s in family.samples for v in s.labels.values()}
    assert "other" in labels
    assert not any(" " in label or "\n" in label or len(label) > 40 for label in labels)


def test_no_counter_falls_from_one_scrape_to_the_next(tmp_path):
    scene = Scene(Home(tmp_path))

    def work():
        scene.tallies.decided(refused("cooldown: 3 minutes"))
        scene.tally.add(CALL)
        scene.reading = (0, 0)  # somebody has deleted the cache

    before, after = (families(text) for text in scene.engine_twice(work))
    counted = [
        (old, new)
        for name, family in before.items()
        if family.type in {"counter", "histogram"}
        for old, new in zip(family.samples, after[name].samples, strict=False)
        if old.labels == new.labels and old.name == new.name
    ]
    assert len(counted) > 60
    assert [pair for pair in counted if pair[1].value < pair[0].value] == []
    assert sum(new.value > old.value for old, new in counted) > 10
