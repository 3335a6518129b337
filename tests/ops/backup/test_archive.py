"""An archive from anywhere is read as if an enemy had made it."""

import gzip
import hashlib
import io
import tarfile

import pytest

from ops.backup.archive import MANIFEST, pack, unpack
from ops.backup.errors import BackupError
from ops.backup.manifest import Manifest, Member

ROOM = 1 << 20
REPORT = "reports/a.json"


def member_of(content):
    return Member(len(content), hashlib.sha256(content).hexdigest())


def manifest_of(files):
    return Manifest(
        made_at="2026-09-21T14:13:20Z",
        program="0.1.0",
        schema=None,
        sqlite="3",
        members={name: member_of(content) for name, content in files.items()},
        rows={},
    )


@pytest.fixture
def archive(tmp_path):
    """Write an archive of hand-made members, the manifest first."""

    def write(*members, told=None):
        text = manifest_of(told or {}).to_json().encode()
        path = tmp_path / "backup_x.tar.gz"
        with tarfile.open(path, "w:gz") as tar:
            for info, content in ((entry(f"b/{MANIFEST}", text)), *members):
                tar.addfile(info, io.BytesIO(content))
        return path

    return write


def entry(name, content=b"{}", kind=tarfile.REGTYPE, link=""):
    info = tarfile.TarInfo(name)
    info.size = len(content) if kind == tarfile.REGTYPE else 0
    info.type, info.linkname = kind, link
    return info, content


def refused(path, tmp_path, room=ROOM):
    out = tmp_path / "out"
    out.mkdir(exist_ok=True)
    with pytest.raises(BackupError) as caught:
        unpack(path, out, room_bytes=room)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_plain_file_comes_out_as_it_went_in(archive, tmp_path):
    path = archive(entry(f"b/{REPORT}", b"[1]"), told={REPORT: b"[1]"})
    out = tmp_path / "out"
    out.mkdir()
    unpack(path, out, room_bytes=ROOM)
    assert (out / REPORT).read_bytes() == b"[1]"


@pytest.mark.parametrize(
    "path",
    [
        "../evil",
        "reports/../../evil",
        "/etc/evil",
        "reports//x",
        "reports/./x",
        "reports/a\\b",
        "reports/a\nb",
        "data/other.db",
        "data/EMERGENCY_STOP",
        "elsewhere/x",
        "reports",
        "manifest.json",
    ],
)
def test_a_manifest_that_names_anything_else_is_refused(archive, tmp_path, path):
    assert "is no file of a backup" in refused(archive(told={path: b""}), tmp_path)


@pytest.mark.parametrize(
    "name", ["/b/reports/a.json", "b/../reports/a.json", "../b/reports/a.json", "c/reports/a.json"]
)
def test_a_file_outside_the_folder_is_refused(archive, tmp_path, name):
    refused(archive(entry(name), told={REPORT: b"{}"}), tmp_path)
    assert not list(tmp_path.rglob("a.json"))


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE],
)
def test_a_link_or_a_device_is_refused(archive, tmp_path, kind):
    path = archive(entry(f"b/{REPORT}", b"", kind, "/etc/passwd"), told={REPORT: b""})
    assert "no plain file" in refused(path, tmp_path)


def test_a_file_that_is_there_twice_or_not_named_is_refused(archive, tmp_path):
    file = entry(f"b/{REPORT}")
    assert "or twice" in refused(archive(file, file, told={REPORT: b"{}"}), tmp_path)
    assert "or twice" in refused(archive(file), tmp_path)


def test_a_file_that_is_missing_is_named(archive, tmp_path):
    assert f"lacks {REPORT}" in refused(archive(told={REPORT: b"{}"}), tmp_path)


@pytest.mark.parametrize("content", [b"[]", b"{} "])
def test_a_file_that_is_not_what_the_manifest_says_is_refused(archive, tmp_path, content):
    path = archive(entry(f"b/{REPORT}", content), told={REPORT: b"{}"})
    assert "not what the manifest says" in refused(path, tmp_path)


def test_what_has_no_room_is_refused_before_it_is_written(archive, tmp_path):
    path = archive(entry(f"b/{REPORT}", b"x" * 99), told={REPORT: b"x" * 99})
    assert "99 bytes where 98 are free" in refused(path, tmp_path, room=98)
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"x", b"\x1f\x8b", gzip.compress(b""), b"PK\x03\x04"])
def test_something_else_is_no_backup(tmp_path, content):
    path = tmp_path / "backup_x.tar.gz"
    path.write_bytes(content)
    refused(path, tmp_path)


def test_an_archive_without_a_manifest_is_no_backup(tmp_path):
    path = tmp_path / "backup_x.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.addfile(entry(f"b/{REPORT}")[0], io.BytesIO(b"{}"))
    assert "does not begin with a manifest" in refused(path, tmp_path)


def test_one_changed_byte_anywhere_in_the_content_is_found(tmp_path):
    report = tmp_path / "a.json"
    report.write_bytes(bytes(range(256)) * 40)
    path = tmp_path / "backup_x.tar.gz"
    pack(path, "b", manifest_of({REPORT: report.read_bytes()}), {REPORT: report})
    whole = path.read_bytes()
    header = 10  # of gzip: of it only time and system may change without a loss
    for place in range(header, len(whole), max(1, len(whole) // 60)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        refused(path, tmp_path)
        (tmp_path / "out" / REPORT).unlink(missing_ok=True)


def test_an_archive_that_was_cut_off_is_found(tmp_path):
    report = tmp_path / "a.json"
    report.write_bytes(bytes(range(256)) * 40)
    path = tmp_path / "backup_x.tar.gz"
    pack(path, "b", manifest_of({REPORT: report.read_bytes()}), {REPORT: report})
    whole = path.read_bytes()
    for place in (*range(0, len(whole), max(1, len(whole) // 20)), len(whole) - 1):
        path.write_bytes(whole[:place])
        refused(path, tmp_path)
        (tmp_path / "out" / REPORT).unlink(missing_ok=True)


def test_a_backup_of_a_newer_program_names_its_version(archive, tmp_path):
    text = manifest_of({}).to_json().replace('"format": 1', '"format": 9')
    path = tmp_path / "backup_x.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        tar.addfile(entry(f"b/{MANIFEST}", text.encode())[0], io.BytesIO(text.encode()))
    assert "made by version 0.1.0" in refused(path, tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "[" * 100_000, '{"format": 1}', '{"format": 1, "members": {"a": {}}}'],
)
def test_a_damaged_manifest_is_one_line(text):
    with pytest.raises(BackupError, match="its manifest is damaged"):
        Manifest.from_json(text)
