import pytest

from core.config import BackupSettings
from ops.backup.create import UNFINISHED, create_backup
from ops.backup.places import backup_dir, backups
from ops.backup.rotation import rotate
from tests.ops.backup.conftest import NOW_S

DAY_S = 86_400.0
KEPT = BackupSettings(keep_days=10, keep_least=2)


@pytest.fixture
def old_backups(home):
    """Names of backups of 50, 40, 30 and 20 days, without anything in them."""
    for days in (50, 40, 30, 20):
        name = create_backup(home, clock=lambda d=days: NOW_S - d * DAY_S) if days == 20 else None
        if name is None:
            stamp = {50: "20260802_141320", 40: "20260812_141320", 30: "20260822_141320"}[days]
            (backup_dir(home) / f"backup_{stamp}.tar.gz").touch()
    return home


def test_old_ones_go_but_never_the_newest_so_many(old_backups):
    gone = rotate(old_backups, KEPT, NOW_S)
    assert len(gone) == 2
    assert [path.name for path in backups(old_backups)] == [
        "backup_20260901_141320.tar.gz",
        "backup_20260822_141320.tar.gz",
    ]


def test_young_ones_stay_however_many(old_backups):
    assert rotate(old_backups, BackupSettings(keep_days=51, keep_least=1), NOW_S) == ()


def test_nothing_goes_when_none_of_those_that_stay_is_sound(old_backups):
    backups(old_backups)[0].write_bytes(b"")
    assert rotate(old_backups, KEPT, NOW_S) == ()
    assert len(backups(old_backups)) == 4


def test_what_a_killed_backup_left_goes(home):
    (backup_dir(home) / f"{UNFINISHED}999999999-x").mkdir()
    assert len(rotate(home, KEPT, NOW_S)) == 1
    assert list(backup_dir(home).iterdir()) == []
