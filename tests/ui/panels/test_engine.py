from pydantic import SecretStr

from core.model.engine_state import EngineActivity, EngineState
from tests.builders import settings
from ui.panels.engine import engine_badges, notices


def words(component):
    """All text below a component."""
    if isinstance(component, str):
        return component
    if isinstance(component, list):
        return " ".join(words(child) for child in component)
    own = [getattr(component, "title", None), getattr(component, "children", None)]
    return " ".join(words(part) for part in own if part)


def test_a_stopped_engine_says_how_to_start_it():
    text = words(notices(EngineState(EngineActivity.STOPPED, "Last seen 11:52 UTC"), ""))
    assert "make start" in text
    assert "Last seen 11:52 UTC" in text


def test_how_to_start_the_engine_is_not_said_twice():
    text = words(notices(EngineState(EngineActivity.STOPPED, "start it with: make start"), ""))
    assert text.count("make start") == 1


def test_a_disk_that_is_full_is_said():
    text = words(notices(EngineState(EngineActivity.RUNNING), "", "No space left on device"))
    assert "cannot be saved: No space left on device" in text


def test_a_running_engine_needs_no_notice():
    assert notices(EngineState(EngineActivity.RUNNING), "") == []


def test_a_journal_that_cannot_be_read_is_said():
    text = words(notices(EngineState(EngineActivity.RUNNING), "database is locked"))
    assert "database is locked" in text


def test_without_a_key_the_page_says_how_to_add_one():
    state = EngineState(EngineActivity.RUNNING, "", "no key: rules only")
    text = words(engine_badges(state, settings()))
    assert "no key: rules only" in text
    assert "DEEPSEEK_API_KEY" in text


def test_with_a_key_there_is_nothing_to_add():
    config = settings()
    config = config.model_copy(
        update={"deepseek": config.deepseek.model_copy(update={"api_key": SecretStr("k")})}
    )
    state = EngineState(EngineActivity.RUNNING, "", "DeepSeek deepseek-flash")
    assert "DEEPSEEK_API_KEY" not in words(engine_badges(state, config))


def with_budget(used, limit=1.0, analyst="DeepSeek deepseek-flash, $0.04 of $1.00 today", **more):
    return EngineState(
        EngineActivity.RUNNING, "", analyst, llm_usd_today=used, llm_usd_limit=limit, **more
    )


def test_a_budget_that_lasts_is_told_without_a_notice():
    assert "Used today: $0.04 of $1.00" in words(engine_badges(with_budget(0.04), settings()))
    assert notices(with_budget(0.79), "") == []


def test_from_four_fifths_of_the_budget_on_the_page_warns():
    assert "80% of today's budget" in words(notices(with_budget(0.8), ""))
    assert "once it is spent" in words(notices(with_budget(0.8), ""))


def test_a_spent_budget_says_that_the_rules_decide_alone():
    state = with_budget(1.0, analyst="rules only: today's budget of $1.00 is spent")
    assert "the rules decide alone until 00:00 UTC" in words(notices(state, ""))
    assert "unknown" in engine_badges(state, settings())[1].className


def test_each_halt_is_said_while_the_engine_is_not_stopped():
    halts = ("daily loss 3.1 %; until the next UTC day", "EMERGENCY_STOP is there")
    text = words(notices(with_budget(0.0, halts=halts), ""))
    assert all(f"Nothing is entered: {halt}" in text for halt in halts)
