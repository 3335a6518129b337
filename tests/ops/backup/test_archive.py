"""An archive from anywhere is read as if an enemy had made it."""

import gzip
import hashlib
import io
import tarfile
import tempfile
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, strategies

from ops.backup.archive import pack, unpack
from ops.backup.contents import MANIFEST
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
        "Reports/a.json",
        "DATA/trading_signals.db",
        "data/Trading_Signals.db",
        "data/cache/x.exe",
        "data/cache/deep/x.parquet",
        "data/cache/../../x.parquet",
        "secrets/other",
        "\uff52eports/a.json",
        "reports/\u202egnp.exe",
        "reports/\u2028x",
        "reports\uff0fa.json",
        "reports/" + "d/" * 900 + "a.json",
        "",
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
    pack(path, "b", manifest_of({REPORT: report.read_bytes()}), {REPORT: report}, effort=6)
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
    pack(path, "b", manifest_of({REPORT: report.read_bytes()}), {REPORT: report}, effort=6)
    whole = path.read_bytes()
    for place in (*range(0, len(whole), max(1, len(whole) // 20)), len(whole) - 1):
        path.write_bytes(whole[:place])
        refused(path, tmp_path)
        (tmp_path / "out" / REPORT).unlink(missing_ok=True)


def test_a_backup_of_a_newer_program_names_its_version(archive, tmp_path):
    text = manifest_of({}).to_json().replace('"format": 2', '"format": 9')
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


def test_names_that_are_one_file_here_are_refused_where_they_are(archive, tmp_path):
    """On a disk that ignores case, or folds accents, the second would replace the first."""
    once, twice = "reports/a.json", "reports/A.json"
    (tmp_path / "out" / "reports").mkdir(parents=True)
    (tmp_path / "out" / "reports" / "A.json").write_bytes(b"")  # as such a disk would show it
    path = archive(
        entry(f"b/{once}", b"1"), entry(f"b/{twice}", b"2"), told={once: b"1", twice: b"2"}
    )
    assert "File exists" in refused(path, tmp_path)


def headed(tmp_path, *blocks):
    """An archive of raw tar blocks after a manifest that names nothing."""
    path = tmp_path / "backup_x.tar.gz"
    text = manifest_of({}).to_json().encode()
    info, _ = entry(f"b/{MANIFEST}", text)
    with gzip.open(path, "wb", 1) as file:
        file.write(info.tobuf() + text + bytes(-len(text) % 512))
        for block in blocks:
            file.write(block)
    return path


def extended(size, kind=tarfile.XHDTYPE):
    """The header of a header that says it is ``size`` bytes long."""
    info = tarfile.TarInfo("b/PaxHeaders/x")
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.faults
@pytest.mark.parametrize(
    "kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK]
)
def test_headers_of_any_size_fill_no_memory(tmp_path, kind):
    piece = bytes(1 << 20)
    path = headed(tmp_path, extended(64 << 20, kind), *([piece] * 64))
    tracemalloc.start()
    try:
        assert "headers are too large" in refused(path, tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_what_follows_the_end_is_bounded_too(tmp_path):
    assert "too large" in refused(headed(tmp_path, bytes(8 << 20)), tmp_path)


def test_headers_of_headers_of_headers_are_refused(tmp_path):
    record = b"11 path=b/x\n"
    record = b"%d path=b/x\n" % len(record)
    link = extended(len(record)) + record + bytes(512 - len(record))
    assert "not a whole backup" in refused(headed(tmp_path, link * 1_500), tmp_path)


@pytest.mark.parametrize(
    "record",
    [
        b"size=-512",
        b"size=99999999999999999999",
        b"size=nan",
        b"GNU.sparse.map=1,x",
        b"GNU.sparse.major=1",
        b"GNU.sparse.size=-1",
        b"GNU.sparse.numblocks=zz",
        b"path=../../etc/cron.d/x",
        b"path=/etc/passwd",
        b"path=b/\x00",
        b"linkpath=/etc/passwd",
        b"hdrcharset=BINARY",
        b"mtime=1e999",
        b"=",
        b"x",
    ],
)
def test_a_header_that_lies_is_refused(tmp_path, record):
    length = len(record) + 4
    length = len(b"%d %s\n" % (length, record))
    line = b"%d %s\n" % (length, record)
    info, content = entry(f"b/{REPORT}")
    block = extended(len(line)) + line + bytes(512 - len(line))
    path = headed(tmp_path, block, info.tobuf(), content + bytes(510), bytes(1024))
    refused(path, tmp_path)
    assert not [found for found in tmp_path.rglob("*") if found.name in {"x", "passwd", "a.json"}]


@pytest.mark.faults
@given(data=strategies.data())
def test_any_damage_to_the_unpacked_archive_is_one_line(data):
    """Gzip's own sum would find it: here somebody packed it again after changing it."""
    content = bytes(range(256)) * 4
    text = manifest_of({REPORT: content}).to_json().encode()
    with io.BytesIO() as raw:
        with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for info, member in (entry(f"b/{MANIFEST}", text), entry(f"b/{REPORT}", content)):
                tar.addfile(info, io.BytesIO(member))
        whole = bytearray(raw.getvalue())
    end = len(whole) - tarfile.RECORDSIZE + 4096
    for _ in range(data.draw(strategies.integers(1, 4))):
        place = data.draw(strategies.integers(0, min(end, len(whole) - 1)))
        whole[place] = data.draw(strategies.integers(0, 255))
    cut = data.draw(strategies.integers(0, len(whole)) | strategies.just(len(whole)))
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder) / "backup_x.tar.gz", Path(folder) / "out"
        path.write_bytes(gzip.compress(bytes(whole[:cut]), 1))
        out.mkdir()
        told = None
        try:
            unpack(path, out, room_bytes=ROOM)
        except BackupError as error:
            told = str(error)
        if told is None:  # only what nobody reads was changed
            assert (out / REPORT).read_bytes() == content
        assert "\n" not in (told or "")
        assert {found.name for found in Path(folder).iterdir()} == {path.name, "out"}
