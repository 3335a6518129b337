import logging
import re
import threading

from ops.shared_file import SharedFile
from ops.shared_file_handler import SharedFileHandler


def shared_logger(file):
    logger = logging.Logger("shared")
    handler = SharedFileHandler(file)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    return logger


def test_files_rotate_by_size_and_keep_their_suffix(tmp_path):
    file = SharedFile(tmp_path / "a.log", rotate_bytes=100, kept=3)
    log = shared_logger(file)
    for number in range(50):
        log.warning("%048d", number)
    file.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "a.1.log", "a.2.log", "a.3.log", "a.log",
    ]  # fmt: skip
    kept = [(tmp_path / f"a{n}.log").read_text().split() for n in (".3", ".2", ".1", "")]
    assert [int(line) for file in kept for line in file] == list(
        range(50 - sum(map(len, kept)), 50)
    )


def test_a_writer_follows_the_rotation_of_another(tmp_path):
    path = tmp_path / "a.log"
    rotating, following = SharedFile(path, rotate_bytes=1), SharedFile(path)
    engine, dashboard = shared_logger(rotating), shared_logger(following)
    dashboard.warning("one")
    engine.warning("two")
    dashboard.warning("three")
    rotating.close()
    following.close()
    assert (tmp_path / "a.1.log").read_text() == "one\n"
    assert path.read_text() == "two\nthree\n"


def test_two_writers_never_tear_a_line(tmp_path):
    path, n = tmp_path / "a.log", 300
    files = [SharedFile(path) for _ in range(2)]

    def write(file, letter):
        log = shared_logger(file)
        for number in range(n):
            log.warning("%s%d", letter * (1 + 37 * number % 9_000), number)

    threads = [threading.Thread(target=write, args=pair) for pair in zip(files, "ab", strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for file in files:
        file.close()
    lines = path.read_text().splitlines()
    assert len(lines) == 2 * n
    assert all(re.fullmatch(r"(a+|b+)\d+", line) for line in lines)


def test_a_record_with_wrong_arguments_is_reported_and_not_raised(tmp_path, capsys):
    file = SharedFile(tmp_path / "a.log")
    log = shared_logger(file)
    log.warning("%d", "no number")
    log.warning("next")
    file.close()
    assert (tmp_path / "a.log").read_text() == "next\n"
    assert "no number" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_reported_and_not_raised(tmp_path, capsys):
    (tmp_path / "a.log").mkdir()
    shared_logger(SharedFile(tmp_path / "a.log")).warning("x")
    said = capsys.readouterr().err
    assert "directory" in said
    assert said.count("\n") == 1
