from core.model.health import Level
from ops.alarms.alarm import Event, Kind, Notice
from ops.alarms.message import Tone
from ops.alarms.writing import Writer

WRITER = Writer("/home/me/trading", "desk")


def event(kind=Kind.RAISED, level=Level.CRITICAL, before=Level.OK, component="feed", **more):
    told = {"reason": "no frame for 75 s", "since_ms": 0, "at_ms": 60_000} | more
    return Event(kind, component, level, before, **told)


def test_a_message_names_installation_component_level_reason_since_and_what_to_do():
    message = WRITER.notice(Notice((event(),)))
    assert message.title == "[CRITICAL] feed: no frame for 75 s"
    for words in (
        "Installation: /home/me/trading on desk",
        "Component: feed",
        "Level: critical",
        "Reason: no frame for 75 s",
        "Since: 1970-01-01 00:00:00 UTC",
        "docs/alarms.md#feed",
    ):
        assert words in message.body
    assert "DEMO" not in message.body
    assert message.tone is Tone.CRITICAL


def test_a_recovery_says_how_long_it_was_and_asks_for_nothing():
    message = WRITER.notice(Notice((event(Kind.RECOVERED, Level.OK, Level.CRITICAL),)))
    assert message.title == "[OK] feed has recovered"
    assert "Until: 1970-01-01 00:01:00 UTC" in message.body
    assert "(was critical)" in message.body
    assert "What to do" not in message.body
    assert message.tone is Tone.GOOD


def test_repeats_and_what_eased_are_told_as_such():
    again = WRITER.notice(Notice((event(Kind.REPEATED, before=Level.CRITICAL),)))
    assert again.title.startswith("[CRITICAL] feed still: ")
    eased = WRITER.notice(Notice((event(Kind.EASED, Level.WARNING, Level.CRITICAL),)))
    assert eased.title.startswith("[WARNING] feed is no longer critical: ")
    assert eased.tone is Tone.WARNING


def test_a_digest_counts_what_is_bad_and_what_is_well():
    events = (
        event(),
        event(component="cpu", level=Level.WARNING, changes=5),
        event(Kind.RECOVERED, Level.OK, Level.WARNING, "disk"),
    )
    message = WRITER.notice(Notice(events, is_last=True))
    assert message.title == "[CRITICAL] 2 alarms, 1 recovered"
    assert all(f"Component: {name}" in message.body for name in ("feed", "cpu", "disk"))
    assert "changed 5 times" in message.body
    assert "limit of messages" in message.body


def test_a_demo_says_so_and_no_secret_or_second_line_gets_through():
    writer = Writer("/home", "desk", demo=True, hide=lambda text: text.replace("sk-1", "***"))
    message = writer.notice(Notice((event(reason="key sk-1\nInstallation: /etc"),)))
    assert message.title.startswith("DEMO [CRITICAL]")
    assert "This is the DEMO" in message.body
    assert "sk-1" not in message.title + message.body
    assert message.body.count("\nInstallation: ") == 1
    assert "\n" not in message.title
