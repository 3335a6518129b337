import errno
from typing import BinaryIO

import pytest

from core.data.atomic_file import draft_of, drafts, replace_file


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "figures.json"
    for content in (b"one", b"two"):
        replace_file(path, lambda file, content=content: file.write(content))
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_failure_leaves_the_old_file_and_no_draft(tmp_path):
    path = tmp_path / "figures.json"
    path.write_bytes(b"old")

    def write(file: BinaryIO) -> None:
        file.write(b"half")
        raise OSError(errno.ENOSPC, "no space")

    with pytest.raises(OSError, match="no space"):
        replace_file(path, write)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_rename_that_fails_leaves_no_draft_either(tmp_path):
    path = tmp_path / "figures.json"
    (path / "inside").mkdir(parents=True)
    with pytest.raises(OSError, match=r".+"):
        replace_file(path, lambda file: file.write(b"new"))
    assert list(tmp_path.iterdir()) == [path]


def test_drafts_know_what_they_were_to_become(tmp_path):
    draft = draft_of(tmp_path / "BTCUSDT_1m_history.parquet")
    draft.touch()
    assert drafts(tmp_path) == [(draft, "BTCUSDT_1m_history.parquet")]
