"""The newest lines of the logs."""

import json
import os

from ui.alerts.feature import log_told
from ui.alerts.log_tail import MOST_LINES, LogReader


def line(second, text, level="INFO"):
    return f"2026-11-21T12:00:{second:02d}.000Z {level} engine core.engine {text}\n"


def texts(tail):
    return [each.text.rsplit(" ", 1)[-1] for each in tail.lines]


def test_lines_of_all_files_are_told_by_time_and_moved_files_are_left_out(tmp_path):
    (tmp_path / "trading.log").write_text(line(1, "a") + line(3, "c"))
    (tmp_path / "system.log").write_text(line(2, "b", "WARNING"))
    (tmp_path / "system.1.log").write_text(line(0, "old"))
    tail = LogReader(tmp_path).tail(None)
    assert texts(tail) == ["a", "b", "c"]
    assert [each.level for each in tail.lines] == ["INFO", "WARNING", "INFO"]
    assert tail.files == ("system", "trading")


def test_lines_in_json_are_told_as_those_for_people(tmp_path):
    told = {
        "ts": "2026-11-21T12:00:01.000Z", "level": "WARNING", "role": "engine",
        "logger": "core.engine", "message": "broke", "exc": "Traceback\nValueError: x",
    }  # fmt: skip
    (tmp_path / "system.log").write_text(json.dumps(told) + "\n{torn\n" + '{"ts": 1}\n')
    first, *rest = LogReader(tmp_path).tail(None).lines
    assert (first.at, first.level) == (told["ts"], "WARNING")
    assert first.text == f"{told['ts']} WARNING engine core.engine broke ValueError: x"
    assert [each.text for each in rest] == ["{torn", '{"ts": 1}']


def test_a_traceback_stays_behind_its_line_and_a_torn_line_waits(tmp_path):
    path = tmp_path / "system.log"
    path.write_text(
        line(2, "broke", "ERROR") + "    Traceback\n    ValueError\n" + line(3, "z")[:-4]
    )
    (tmp_path / "trading.log").write_text(line(3, "later"))
    assert texts(LogReader(tmp_path).tail(None)) == ["broke", "Traceback", "ValueError", "later"]


def test_only_the_end_of_a_long_file_is_read(tmp_path):
    path = tmp_path / "trading.log"
    path.write_text("".join(line(0, f"{'x' * 900} n{i}") for i in range(2_000)))
    tail = LogReader(tmp_path).tail(None)
    assert tail.lines[-1].text.endswith(" n1999")
    assert 100 < len(tail.lines) <= MOST_LINES
    assert all(each.text.startswith("2026-") for each in tail.lines)


def test_only_new_lines_are_told(tmp_path):
    path = tmp_path / "trading.log"
    path.write_text(line(1, "a"))
    reader = LogReader(tmp_path)
    first = reader.tail(None)
    assert log_told(first, None)["whole"] is True
    with path.open("a") as file:
        file.write(line(2, "b"))
    told = log_told(reader.tail(None), first)
    assert (told["whole"], [each["text"][-1] for each in told["lines"]]) == (False, ["b"])


def test_no_log_is_no_fault_and_one_that_cannot_be_read_is(tmp_path):
    reader = LogReader(tmp_path / "logs")
    assert reader.tail(None).lines == ()
    (tmp_path / "logs").mkdir()
    os.mkdir(tmp_path / "logs" / "odd.log")
    assert reader.tail(None).faults == ("odd.log: Is a directory",)
