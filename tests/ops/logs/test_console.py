"""What is printed shows no secret and does not fill the disk."""

import fcntl
import io
import os
import subprocess
import sys

import pytest

from core.config import REPOSITORY
from ops.logs.console import HidingText, bound_console
from ops.logs.redaction import hiding
from ops.logs.rotation import Rotation

SECRET = "sk-0123456789abcdef"  # noqa: S105 - of nobody


def test_a_secret_is_not_printed(tmp_path):
    with (tmp_path / "out").open("w", encoding="ascii") as plain:
        stream = HidingText(plain, hiding([SECRET]))
        print(f"key {SECRET} ü", file=stream)
        stream.detach()
    assert (tmp_path / "out").read_text() == "key *** \\xfc\n"


def test_what_is_printed_is_there_at_once():
    raw = io.BytesIO()
    stream = HidingText(io.TextIOWrapper(raw, encoding="utf-8"), str)
    stream.write("half a line")
    assert raw.getvalue() == b"half a line"


def test_it_is_told_from_a_stream_of_bytes():
    with pytest.raises(TypeError, match="bytes"):
        HidingText(io.TextIOWrapper(io.BytesIO()), str).write(b"")


def test_a_full_console_log_is_copied_aside_and_emptied_under_its_writer(tmp_path):
    path = tmp_path / "console.log"
    with path.open("ab", buffering=0) as writer:
        writer.write(b"old\n" * 10)
        assert not bound_console(path, Rotation(most_bytes=41))
        assert bound_console(path, Rotation(most_bytes=40))
        writer.write(b"new\n")
    assert path.read_bytes() == b"new\n"
    (aside,) = tmp_path.glob("console.*.1.log")
    assert aside.read_bytes() == b"old\n" * 10


def test_only_one_process_empties_it(tmp_path):
    path = tmp_path / "console.log"
    path.write_bytes(b"old\n")
    with path.open() as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert not bound_console(path, Rotation(most_bytes=1))
    assert path.read_bytes() == b"old\n"


def test_without_one_there_is_nothing_to_do(tmp_path):
    assert not bound_console(tmp_path / "console.log", Rotation())


PROGRAM = """
import logging, sys, threading
from core.config import Home, load_settings
from ops.logging_setup import log_of_role
home = Home.from_environment()
home.create()
log_of_role(home, load_settings(), "engine")
secret = load_settings().deepseek.api_key.get_secret_value()
print("printed", secret)
logging.getLogger("ops").info("%d", secret)  # a mistake of ours, which logging tells on stderr
def fail():
    raise ValueError(secret)
thread = threading.Thread(target=fail)
thread.start()
thread.join()
fail()
"""


@pytest.mark.simulator
def test_what_a_process_says_as_it_dies_is_logged_and_shows_no_secret(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=REPOSITORY,
        env={**os.environ, "TRADING_HOME": str(tmp_path), "DEEPSEEK_API_KEY": SECRET},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    log = (tmp_path / "logs" / "system.log").read_text()
    assert SECRET not in done.stdout + done.stderr + log
    assert done.stdout == "printed ***\n"
    assert done.stderr.count("***") >= 3
    assert log.count("uncaught") == 2
    assert log.count("ValueError: ***") == 2
