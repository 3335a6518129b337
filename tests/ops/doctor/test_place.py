import pytest

from core.config import Home
from ops.doctor.diagnosis import Verdict
from ops.doctor.place import filesystem_check, rights_check, room_check, synchronised_check


def test_a_home_that_can_be_made_is_fine(tmp_path):
    assert rights_check(Home(tmp_path / "not" / "yet")).verdict is Verdict.OK
    assert not (tmp_path / "not").exists()


def test_a_file_in_the_place_of_a_folder_is_a_problem(tmp_path):
    (tmp_path / "logs").touch()
    found = rights_check(Home(tmp_path))
    assert found.verdict is Verdict.PROBLEM
    assert "logs: is no directory" in found.words


def test_the_room_that_is_left_is_told(tmp_path):
    assert "MB free of" in room_check(Home(tmp_path / "not yet")).words


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        ("Library/Mobile Documents/com~apple~CloudDocs/t", "iCloud"),
        ("Dropbox (Private)/trading", "Dropbox"),
        ("OneDrive - Firm", "OneDrive"),
        ("Library/CloudStorage/GoogleDrive-a@b.c/My Drive", "Google Drive"),
        ("Nextcloud/t", "Nextcloud"),
        ("Library/CloudStorage/Box-Box/t", "a cloud provider"),
    ],
)
def test_a_folder_that_is_synchronised_is_a_problem(tmp_path, folder, service):
    found = synchronised_check(Home(tmp_path / folder))
    assert found.verdict is Verdict.PROBLEM
    assert f"copied by {service}:" in found.words
    assert "TRADING_HOME" in found.advice


@pytest.mark.parametrize("mark", [".stfolder", ".dropbox.cache", ".nextcloudsync.log"])
def test_a_mark_of_a_service_above_the_home_is_enough(tmp_path, mark):
    home = Home(tmp_path / "share" / "trading")
    home.create()
    assert synchronised_check(home).verdict is Verdict.OK
    (tmp_path / "share" / mark).mkdir()
    assert synchronised_check(home).verdict is Verdict.PROBLEM


def test_a_disk_of_another_machine_is_a_problem(tmp_path):
    home = Home(tmp_path / "mnt" / "home")
    mounts = [("/", "ext4"), (str(tmp_path), "apfs"), (str(tmp_path / "mnt"), "nfs4")]
    found = filesystem_check(home, mounts)
    assert found.verdict is Verdict.PROBLEM
    assert "nfs4" in found.words
    assert filesystem_check(Home(tmp_path / "mn"), mounts).words == "apfs"
    assert filesystem_check(home, mounts[:2]).verdict is Verdict.OK
    assert filesystem_check(home, [(str(tmp_path), "fuse.sshfs")]).verdict is Verdict.PROBLEM
    assert filesystem_check(home, []).words == "not known"
