import pytest

from ops.emergency.latch import LatchError, set_latch
from ops.emergency.release import release, revive
from tests.builders import home as made_home


@pytest.fixture
def home(tmp_path):
    made = made_home(tmp_path)
    set_latch(made.emergency_latch, "smoke")
    return made


def test_it_is_written_down_who_let_go_and_why(home):
    assert release(home, who="me", reason="looked at it")
    assert not home.emergency_latch.exists()
    line = (home.logs / "emergency.log").read_text()
    assert "RESUMED" in line
    assert "who=me reason=looked at it" in line


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * 501])
def test_without_a_reason_the_latch_stays(home, reason):
    with pytest.raises(ValueError, match="must be"):
        release(home, who="me", reason=reason)
    assert home.emergency_latch.exists()


def test_what_cannot_be_written_down_is_not_done(home):
    (home.logs / "emergency.log").mkdir()
    with pytest.raises(LatchError, match="written down"):
        release(home, who="me", reason="because")
    assert home.emergency_latch.exists()


def test_where_none_is_set_nothing_is_done_or_written(tmp_path):
    home = made_home(tmp_path)
    assert not release(home, who="me", reason="because")
    assert not (home.logs / "emergency.log").exists()


def test_without_a_supervisor_nobody_starts_the_engine(home):
    assert not revive(home)
