import logging
import stat

from ui.access.action_token import ActionToken
from ui.access.server_key import ServerKey


def test_it_outlives_the_server_in_a_file_that_only_we_may_read(tmp_path):
    path = tmp_path / "session.key"
    first = ServerKey(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_size == 32
    assert ServerKey(path).derived("a") == first.derived("a")
    assert ActionToken(ServerKey(path)).value == ActionToken(first).value
    assert [entry.name for entry in tmp_path.iterdir()] == ["session.key"]


def test_each_use_has_a_key_of_its_own():
    key = ServerKey()
    assert key.derived("a") != key.derived("b")
    assert key.derived("a") != ServerKey().derived("a")


def test_a_new_one_counts_at_once_and_after_a_restart(tmp_path):
    path = tmp_path / "session.key"
    key = ServerKey(path)
    before = key.derived("a")
    key.renew()
    assert key.derived("a") != before
    assert ServerKey(path).derived("a") == key.derived("a")


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path):
    path = tmp_path / "session.key"
    path.write_bytes(b"k" * 32)
    path.chmod(0o644)
    ServerKey(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_is_no_key_is_replaced(tmp_path):
    path = tmp_path / "session.key"
    for content in (b"", b"short", b"k" * 33):
        path.write_bytes(content)
        assert ServerKey(path).derived("a")
        assert path.stat().st_size == 32
        assert path.read_bytes() != content[:32]


def test_a_link_is_not_followed(tmp_path):
    target = tmp_path / "target"
    target.write_bytes(b"k" * 32)
    path = tmp_path / "session.key"
    path.symlink_to(target)
    key = ServerKey(path)
    assert not path.is_symlink()
    assert target.read_bytes() == b"k" * 32
    assert ServerKey(path).derived("a") == key.derived("a")


def test_what_cannot_be_kept_lives_in_memory_and_is_told(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        key = ServerKey(tmp_path / "gone" / "session.key")
    assert key.derived("a") == key.derived("a")
    assert "session key cannot be kept" in caplog.text
