"""Whatever lies in the latch's place, and whatever hides it, nothing is entered."""

import os
import socket

import pytest

from core.emergency_latch import EmergencyLatch


@pytest.fixture
def path(tmp_path):
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "EMERGENCY_STOP"


def test_it_is_off_where_there_is_nothing(path):
    assert EmergencyLatch(path)() == ""


def test_it_is_on_while_its_file_is_there_and_says_its_first_line(path):
    latch = EmergencyLatch(path)
    path.write_text("the cat walked over the keys\nmore")
    assert latch() == f"{path} is there: the cat walked over the keys"
    path.unlink()
    assert latch() == ""


@pytest.mark.parametrize("words", [b"", b"\n", b"\xff\x00" * 1000, b"\x1b[2Jboo"])
def test_words_that_cannot_be_shown_are_not_needed(path, words):
    path.write_bytes(words)
    assert EmergencyLatch(path)() == f"{path} is there"


def test_a_long_line_is_cut(path):
    path.write_text("x" * 10_000)
    assert len(EmergencyLatch(path)()) < 300 + len(str(path))


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.symlink_to("nowhere"),
        lambda path: path.symlink_to(path),
        lambda path: path.symlink_to("/etc/hostname"),
        lambda path: path.mkdir(),
        os.mkfifo,
    ],
    ids=["dangling link", "link to itself", "link to a file", "directory", "pipe"],
)
def test_anything_in_its_place_is_on_and_never_opened(path, make):
    make(path)
    assert EmergencyLatch(path)() == f"{path} is there, though it is no file"


def test_a_socket_in_its_place_is_on(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path.name)
        assert "no file" in EmergencyLatch(path)()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_on(path):
    path.write_text("why")
    path.chmod(0)
    assert EmergencyLatch(path)() == f"{path} is there: it cannot be read: Permission denied"


def test_it_is_on_when_its_home_has_gone(path):
    path.parent.rmdir()
    assert "is not there to look for a latch in" in EmergencyLatch(path)()
    path.parent.write_text("no directory")
    assert EmergencyLatch(path)()


def test_it_is_on_when_the_way_to_it_cannot_be_followed(path, tmp_path):
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert EmergencyLatch(loop / "EMERGENCY_STOP")()
    assert "cannot be looked at" in EmergencyLatch(path.parent / ("x" * 300))()
