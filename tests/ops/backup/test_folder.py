"""A folder is read with the same distrust as a file; nothing in it is opened before it is known."""

import os
import shutil

import pytest

from core.config import load_settings
from ops.backup.create import create_backup
from ops.backup.errors import BackupError
from ops.backup.restore import restore_backup
from tests.ops.backup.conftest import NOW_S

# Each makes a whole backup.
pytestmark = pytest.mark.faults


def refused_folder(home, damage):
    folder = create_backup(home, compress=False, clock=lambda: NOW_S)
    damage(folder)
    database = home.database.read_bytes()
    with pytest.raises(BackupError) as refused:
        restore_backup(home, folder.name)
    assert "\n" not in str(refused.value)
    assert home.database.read_bytes() == database


def a_link(folder):
    (folder / "reports" / "x").symlink_to("/etc/passwd")


def a_linked_folder(folder):
    shutil.rmtree(folder / "config")
    (folder / "config").symlink_to("/etc")


def a_pipe(folder):
    os.mkfifo(folder / "reports" / "x")


def a_pipe_for_a_manifest(folder):
    (folder / "manifest.json").unlink()
    os.mkfifo(folder / "manifest.json")


def a_linked_manifest(folder):
    (folder / "manifest.json").rename(folder.parent / "elsewhere.json")
    (folder / "manifest.json").symlink_to(folder.parent / "elsewhere.json")


def a_huge_manifest(folder):
    with (folder / "manifest.json").open("r+b") as file:
        file.truncate(1 << 40)


def another_file(folder):
    (folder / "reports" / "x").write_text("")


def a_file_less(folder):
    (folder / "prompts" / "chat.txt").unlink()


def another_size(folder):
    with (folder / "data" / "trading_signals.db").open("r+b") as file:
        file.truncate(1 << 40)


def another_byte(folder):
    with (folder / "data" / "trading_signals.db").open("r+b") as file:
        file.seek(5_000)
        file.write(b"\x7f")


@pytest.mark.parametrize(
    "damage",
    [
        a_link,
        a_linked_folder,
        a_pipe,
        a_pipe_for_a_manifest,
        a_linked_manifest,
        a_huge_manifest,
        another_file,
        a_file_less,
        another_size,
        another_byte,
    ],
)
def test_a_folder_with_anything_wrong_is_refused(home, damage):
    refused_folder(home, damage)


def test_the_configuration_of_a_folder_can_be_copied_by_hand(home, tmp_path):
    """As the runbook does: cp backups/<backup-name>/config/* ."""
    folder = create_backup(home, compress=False)
    (tmp_path / "here").mkdir()
    for file in (folder / "config").iterdir():
        shutil.copy(file, tmp_path / "here")
    assert load_settings(tmp_path / "here" / "config.yaml", {}) == load_settings(
        tmp_path / "config.yaml", {}
    )
