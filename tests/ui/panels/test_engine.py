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
    own = [getattr(component, "label", None), getattr(component, "children", None)]
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
