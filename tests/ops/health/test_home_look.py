import pytest

from core.model.health import Level
from ops.backup.places import name_at
from ops.health.home_look import HomeLook
from tests.builders import home

NOW_S = 1_800_000_000.0


@pytest.fixture
def place(tmp_path):
    return home(tmp_path)


def test_the_age_of_the_newest_backup_is_told(place):
    for age_s in (90_000.0, 7_200.0):
        (place.root / "backups" / name_at(NOW_S - age_s)).mkdir(parents=True)
    seen = HomeLook(place, clock=lambda: NOW_S).backup()
    assert seen.value == pytest.approx(2.0)


def test_a_backup_from_the_future_is_not_called_fresh(place):
    (place.root / "backups" / name_at(NOW_S + 5.0)).mkdir(parents=True)
    look = HomeLook(place, clock=lambda: NOW_S)
    assert look.backup().value == 0.0  # within what a clock may be mended by
    (place.root / "backups" / name_at(NOW_S + 7_200.0)).mkdir()
    seen = look.backup()
    assert (seen.level, seen.value) == (Level.WARNING, None)
    assert "2 h ahead" in seen.words


def test_without_any_backup_the_age_counts_from_when_we_began_to_look(place):
    now_s = [5.0]
    look = HomeLook(place, monotonic=lambda: now_s[0])
    assert look.backup().value == 0.0
    now_s[0] += 36 * 3600.0
    assert look.backup().value == pytest.approx(36.0)


def test_a_latch_is_critical(place):
    assert HomeLook(place).latch().level is Level.OK
    place.emergency_latch.write_text("by hand\n")
    seen = HomeLook(place).latch()
    assert (seen.level, "by hand" in seen.words) == (Level.CRITICAL, True)


def test_the_disk_of_the_home_is_told_in_percent(place):
    seen = HomeLook(place).disk()
    assert seen.value is not None
    assert 0.0 <= seen.value <= 100.0
    assert "free" in seen.words
