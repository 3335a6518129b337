import logging
import subprocess
import sys
import threading

import pytest
from apprise.decorators import notify

from core.config import REPOSITORY, Home
from ops.alarms.apprise_target import apprise_targets
from ops.alarms.emergency import tell_emergency
from ops.alarms.message import Message, Tone
from ops.alarms.outward import DEMO_SILENT, NO_TARGET
from ops.launch import Installation
from tests.builders import settings
from tests.ops.alarms.receiver import receiving

MESSAGE = Message("[CRITICAL] feed: silent", "Component: feed\n<b>&", Tone.CRITICAL)
SECRET = "S3CRETTOKEN0123"  # noqa: S105 - of this test alone


def test_a_message_arrives_as_it_was_written_and_names_hold_no_address():
    with receiving() as receiver:
        (target,) = apprise_targets(f"json://user:{SECRET}@127.0.0.1:{receiver.port}/hook")
        assert target.send(MESSAGE)
        receiver.status = 500
        assert not target.send(MESSAGE)
    (first, _) = receiver.posted
    assert (first["title"], first["message"]) == (MESSAGE.title, MESSAGE.body)
    assert first["type"] == "failure"
    assert target.name == "1: JSON"


def test_it_is_sent_in_the_thread_of_its_caller_as_any_other_would_hold_up_the_end_of_a_process():
    sent_in = []

    @notify(on="whichthread")
    def sent(*_, **__):
        sent_in.append(threading.current_thread())

    (target,) = apprise_targets("whichthread://")
    assert target.send(MESSAGE)
    assert sent_in == [threading.current_thread()]


def test_nobody_listening_is_a_failure_without_the_secret(caplog):
    with receiving() as receiver:
        port = receiver.port
    (target,) = apprise_targets(f"json://user:{SECRET}@127.0.0.1:{port}")
    with caplog.at_level(logging.INFO):
        assert not target.send(MESSAGE)
    assert SECRET not in caplog.text


def test_each_address_is_a_target_and_nonsense_is_one_that_fails():
    targets = apprise_targets(f"json://127.0.0.1:9\n nonsense://{SECRET}  json://127.0.0.1:9 ")
    names = [target.name for target in targets]
    assert names == ["1: JSON", "2: not understood by Apprise", "3: JSON"]
    assert not targets[1].send(MESSAGE)
    assert apprise_targets(" ") == ()


def installation(folder, urls="", *, demo=False):
    return Installation(Home(folder), settings(**({"ALARM_URLS": urls} if urls else {})), demo)


def test_an_emergency_stop_is_told_to_all_that_can_be_reached(tmp_path):
    with receiving() as receiver:
        urls = f"json://127.0.0.1:{receiver.port} nonsense://x"
        said = tell_emergency(
            installation(tmp_path, urls), who="me", reason="a drill", verdict="Everything held."
        )
    assert said == "told outside: 1: JSON, NOT told: 2: not understood by Apprise"
    (told,) = receiver.posted
    assert told["title"] == "[CRITICAL] EMERGENCY STOP"
    assert all(word in told["message"] for word in ("me", "a drill", "Everything held.", "resume"))


@pytest.mark.parametrize(
    ("urls", "demo", "why"), [("", False, NO_TARGET), ("json://127.0.0.1:9", True, DEMO_SILENT)]
)
def test_an_emergency_stop_of_a_demo_or_without_addresses_tells_nobody(tmp_path, urls, demo, why):
    made = installation(tmp_path, urls, demo=demo)
    assert tell_emergency(made, who="me", reason="", verdict="") == why


def test_an_emergency_stop_does_not_wait_for_who_does_not_answer(tmp_path):
    with receiving() as receiver:
        made = installation(tmp_path, f"json://127.0.0.1:{receiver.port}")
        said = tell_emergency(made, who="me", reason="", verdict="", timeout_s=0.0)
        assert "not all within the time" in said
        receiver.wait()


@pytest.mark.simulator
def test_apprise_is_not_imported_where_nobody_is_told():
    code = (
        "import sys, ops.alarms.supervision, ops.alarms.role_alarms, ops.alarms.outward as o\n"
        "o.apprise_targets('')\n"
        "sys.exit('apprise' in sys.modules)"
    )
    assert subprocess.run((sys.executable, "-c", code), cwd=REPOSITORY, check=False).returncode == 0
