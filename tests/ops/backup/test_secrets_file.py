"""A restored ``.env`` is nobody else's to read, and what was there is never lost."""

import pytest

from ops.backup.secrets_file import SecretsFile
from tests.ops.backup.conftest import NOW_S


@pytest.fixture
def path(tmp_path):
    return tmp_path / ".env"


def put(path, text):
    file = SecretsFile(path, text)
    with file.laid_ready():
        return file.put(NOW_S)


def test_it_is_put_where_none_was_for_its_owner_only(path):
    assert put(path, b"A=1\n").replaced is None
    assert path.read_bytes() == b"A=1\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [found.name for found in path.parent.iterdir()] == [".env"]


def test_what_was_there_is_kept_under_a_name_nobody_has(path):
    path.write_bytes(b"A=0\n")
    first = put(path, b"A=1\n").replaced
    second = put(path, b"A=2\n").replaced
    assert (first.read_bytes(), second.read_bytes()) == (b"A=0\n", b"A=1\n")
    assert first.name == ".env.replaced_20260921_141320"
    assert {found.stat().st_mode & 0o777 for found in path.parent.iterdir()} == {0o600}


def test_the_same_secrets_are_not_kept_twice(path):
    path.write_bytes(b"A=1\n")
    assert put(path, b"A=1\n").replaced is None


def test_one_that_was_only_laid_ready_leaves_nothing(path):
    with SecretsFile(path, b"A=1\n").laid_ready():
        pass
    assert list(path.parent.iterdir()) == []
