import fcntl
import logging
import os
import re
import threading

from ops.logs.rotation import Rotation
from ops.shared_file import SharedFile
from ops.shared_file_handler import SharedFileHandler


def shared_logger(file):
    logger = logging.Logger("shared")
    handler = SharedFileHandler(file)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.addHandler(handler)
    return logger


DAY_S = 86_400
NOON_S = 20_000 * DAY_S + DAY_S // 2  # 2024-10-04


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def written_at(path, epoch_s):
    os.utime(path, (epoch_s, epoch_s))


def test_full_files_are_put_aside_by_day_and_number_and_end_in_log(tmp_path):
    file = SharedFile(tmp_path / "a.log", Rotation(most_bytes=100, most_files=3))
    log = shared_logger(file)
    for number in range(50):
        log.warning("%048d", number)
    file.close()
    found = names(tmp_path)
    assert len(found) == 4
    assert found[-1] == "a.log"
    assert all(re.fullmatch(r"a\.\d{4}-\d\d-\d\d\.\d+\.log", name) for name in found[:-1])
    in_order = sorted(tmp_path.glob("a.2*.log"), key=lambda p: int(p.stem.split(".")[-1]))
    kept = [int(line) for p in (*in_order, tmp_path / "a.log") for line in p.read_text().split()]
    assert kept == list(range(50 - len(kept), 50))


def test_the_first_line_of_a_day_puts_the_days_before_aside(tmp_path):
    path, now_s = tmp_path / "a.log", NOON_S
    file = SharedFile(path, Rotation(clock=lambda: now_s))
    file.write("one\n")
    written_at(path, now_s)
    file.write("two\n")
    written_at(path, now_s)
    now_s += DAY_S // 2
    file.write("three\n")
    file.close()
    assert names(tmp_path) == ["a.2024-10-04.1.log", "a.log"]
    assert (tmp_path / "a.2024-10-04.1.log").read_text() == "one\ntwo\n"
    assert path.read_text() == "three\n"


def test_what_was_put_aside_goes_after_its_days_and_nothing_else_does(tmp_path):
    now_s = NOON_S
    others = ("a.log", "b.2024-09-01.1.log", "a.b.2024-09-01.1.log", "audit.jsonl")
    for name in ("a.2024-09-01.1.log", "a.1.log", "a.2024-09-30.1.log", *others):
        (tmp_path / name).write_text("x")
        written_at(tmp_path / name, now_s - 31 * DAY_S)
    written_at(tmp_path / "a.2024-09-30.1.log", now_s - 4 * DAY_S)
    gone = Rotation(keep_days=30, clock=lambda: now_s).expire(tmp_path / "a.log")
    assert {path.name for path in gone} == {"a.2024-09-01.1.log", "a.1.log"}
    assert names(tmp_path) == sorted([*others, "a.2024-09-30.1.log"])


def test_of_several_writers_who_find_a_file_full_one_puts_it_aside(tmp_path):
    path = tmp_path / "a.log"
    path.write_text("full\n")
    with path.open() as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        late = SharedFile(path, Rotation(most_bytes=1))
        late.write("meanwhile\n")
        assert names(tmp_path) == ["a.log"]
    late.write("later\n")
    late.close()
    assert path.read_text() == "later\n"
    assert len(names(tmp_path)) == 2


def test_a_writer_follows_the_rotation_of_another(tmp_path):
    path = tmp_path / "a.log"
    rotating, following = SharedFile(path, Rotation(most_bytes=1)), SharedFile(path)
    engine, dashboard = shared_logger(rotating), shared_logger(following)
    dashboard.warning("one")
    engine.warning("two")
    dashboard.warning("three")
    rotating.close()
    following.close()
    assert next(tmp_path.glob("a.*.1.log")).read_text() == "one\n"
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
