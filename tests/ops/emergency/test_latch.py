"""The latch is set whatever is in its way, and let go only as a whole."""

import os

import pytest

from core.emergency_latch import EmergencyLatch
from ops.emergency.latch import (
    LatchedError,
    LatchError,
    latch_at_once,
    let_go,
    prepare_latch,
    prepared_file,
    refuse_latched,
    set_latch,
)


@pytest.fixture
def latch(tmp_path):
    path = tmp_path / "data" / "EMERGENCY_STOP"
    path.parent.mkdir()
    return path


def test_a_prepared_file_is_renamed_into_place_and_says_why(latch):
    prepare_latch(latch)
    inode = prepared_file(latch).stat().st_ino
    assert set_latch(latch, "me: because\nof this") == "renamed into place"
    assert latch.stat().st_ino == inode
    assert EmergencyLatch(latch)().endswith("me: because of this")


def test_words_take_no_more_room_than_the_file_has(latch):
    prepare_latch(latch)
    size = prepared_file(latch).stat().st_size
    set_latch(latch, "ä" * 5_000)
    assert latch.stat().st_size == size


def test_without_a_prepared_file_or_a_directory_it_is_made_anew(latch):
    latch.parent.rmdir()
    assert set_latch(latch, "why") == "made anew"
    assert EmergencyLatch(latch)()


def test_what_is_there_already_stays_as_it_is(latch):
    latch.write_text("somebody else's reason\n")
    assert set_latch(latch, "mine") == "was set already"
    assert latch.read_text() == "somebody else's reason\n"


def test_it_is_set_ahead_of_the_stop_that_tells_of_it_with_its_reason_as_one_line(latch):
    prepare_latch(latch)
    latch_at_once(latch, " the market\nis mad ")
    assert EmergencyLatch(latch)().endswith(": the market\\nis mad")
    assert set_latch(latch, "the stop itself") == "was set already"


def test_setting_it_ahead_leaves_what_fails_to_the_stop(latch):
    latch.parent.rmdir()
    latch.parent.write_text("no directory")
    latch_at_once(latch, "why")
    with pytest.raises(OSError, match="exists"):
        set_latch(latch, "why")


def test_a_prepared_file_is_laid_only_once_and_never_in_place_of_the_latch(latch):
    prepare_latch(latch)
    inode = prepared_file(latch).stat().st_ino
    prepare_latch(latch)
    assert prepared_file(latch).stat().st_ino == inode
    assert not os.path.lexists(latch)


def test_a_place_where_nothing_can_be_laid_is_no_hindrance(tmp_path):
    (tmp_path / "data").write_text("")
    prepare_latch(tmp_path / "data" / "EMERGENCY_STOP")


def test_where_it_cannot_be_set_it_says_so(tmp_path):
    (tmp_path / "data").write_text("")
    with pytest.raises(OSError, match="data"):
        set_latch(tmp_path / "data" / "EMERGENCY_STOP", "why")


def test_letting_go_lays_it_ready_again_without_the_old_words(latch):
    set_latch(latch, "an old reason")
    assert let_go(latch)
    assert EmergencyLatch(latch)() == ""
    assert "old reason" not in prepared_file(latch).read_text()
    assert not let_go(latch)
    assert set_latch(latch, "new") == "renamed into place"


@pytest.mark.parametrize("lay", ["touch", "mkdir", "link"])
def test_whatever_somebody_laid_by_hand_is_let_go(latch, lay):
    if lay == "link":
        latch.symlink_to("nowhere")
    else:
        getattr(latch, lay)()
    assert let_go(latch)
    assert not os.path.lexists(latch)


def test_a_directory_that_holds_something_is_left_to_a_person(latch):
    (latch / "x").mkdir(parents=True)
    with pytest.raises(LatchError, match="cannot be taken away"):
        let_go(latch)
    assert EmergencyLatch(latch)()


def test_while_it_is_set_the_engine_is_refused_with_how_to_resume(latch):
    refuse_latched(latch)
    set_latch(latch, "why")
    with pytest.raises(LatchedError, match="make resume"):
        refuse_latched(latch)
