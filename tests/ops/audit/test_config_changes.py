"""A start with another configuration is written down, with what changed but never a secret."""

import pytest
import yaml

from core.config import REPOSITORY, Home
from core.config.loading import parse_settings
from ops.audit.config_changes import flat, note_config
from ops.audit.verify import read_trail, verify

KEY = "sk-0123456789abcdef"
DOCUMENT = yaml.safe_load((REPOSITORY / "config.yaml").read_text())


def settings(environ=None, **sections):
    document = {
        name: {**section, **sections.get(name, {})} if isinstance(section, dict) else section
        for name, section in DOCUMENT.items()
    }
    return parse_settings(document, environ or {})


@pytest.fixture
def home(tmp_path):
    (tmp_path / "data").mkdir()
    return Home(tmp_path)


def details(home):
    return [entry.detail.partition(" ")[2] for entry in read_trail(home)]


def test_a_start_is_no_entry_unless_the_configuration_changed(home):
    for who in ("engine", "dashboard", "engine"):
        assert note_config(home, settings(), who=who)
    assert details(home) == ["the first that is written down"]
    note_config(home, settings(risk={"max_positions": 2}), who="engine")
    note_config(home, settings(risk={"max_positions": 2}), who="dashboard")
    was = DOCUMENT["risk"]["max_positions"]
    assert details(home)[1:] == [f"changed: risk.max_positions {was} -> 2"]
    assert not verify(home).fault


def test_of_a_secret_only_that_there_is_one_is_told(home):
    note_config(home, settings(), who="engine")
    urls = {"DEEPSEEK_API_KEY": KEY, "ALARM_URLS": "tgram://123456789:abcdefghijklm/42"}
    note_config(home, settings(urls), who="engine")
    note_config(
        home, settings(urls, deepseek={"base_url": f"https://ann:{KEY}@x.y/?key={KEY}"}), who="e"
    )
    assert details(home)[1] == (
        "changed: alarms.urls (not set) -> (set), deepseek.api_key (not set) -> (set)"
    )
    assert details(home)[2] == (
        'changed: deepseek.base_url "https://api.deepseek.com" -> "https://x.y"'
    )
    for path in home.root.rglob("*"):
        if path.is_file():
            text = path.read_text()
            assert KEY not in text
            assert "abcdefghijklm" not in text


def test_every_secret_of_the_settings_is_known_as_one():
    secret = {key for key, text in flat(settings()) if text in {"(set)", "(not set)"}}
    assert secret == {
        "alarms.heartbeat_url",
        "alarms.urls",
        "backup.passphrase",
        "dashboard.password_hash",
        "dashboard.token",
        "deepseek.api_key",
    }


def test_where_the_last_configuration_is_forgotten_the_change_is_written_all_the_same(home):
    note_config(home, settings(), who="engine")
    for path in (home.root / "data").iterdir():
        path.write_text("rubbish")
    note_config(home, settings(risk={"max_positions": 2}), who="engine")
    assert details(home)[1:] == ["what changed is not known"]


@pytest.mark.parametrize("odd", ["[" * 100_000, "null", '{"sha256": 1}', "\x00"])
def test_what_was_remembered_may_be_rubbish(home, odd):
    note_config(home, settings(), who="engine")
    (home.root / "data" / "config.seen.json").write_text(odd)
    note_config(home, settings(risk={"max_positions": 2}), who="engine")
    assert details(home)[1] == "what changed is not known"


def test_what_cannot_be_remembered_keeps_nobody_from_starting(home, caplog):
    (home.root / "data" / "config.seen.json").mkdir()
    assert note_config(home, settings(), who="engine")
    assert "not remembered" in caplog.text


def test_what_another_process_drafts_at_the_same_time_is_left_alone(home):
    draft = home.root / "data" / "config.seen.new"
    draft.write_text("the page's")
    note_config(home, settings(), who="engine")
    assert draft.read_text() == "the page's"
    assert (home.root / "data" / "config.seen.json").is_file()


def test_where_the_simulator_of_a_demo_listens_is_no_change(home):
    for port in (8201, 8202):
        urls = {"BINANCE_FUTURES_REST_URL": f"http://127.0.0.1:{port}"}
        note_config(home, settings(urls), who="engine", demo=True)
    assert len(details(home)) == 1
