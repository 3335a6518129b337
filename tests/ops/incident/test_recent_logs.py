"""The lines of the last hours, of every file that has some."""

import json
import os

from ops.incident.recent_logs import MOST_BYTES, recent_logs

NOW_S = 20_000 * 86_400  # 2024-10-04 00:00


def log(folder, name, text, age_s=0):
    path = folder / name
    path.write_text(text)
    os.utime(path, (NOW_S - age_s, NOW_S - age_s))


def test_older_lines_and_files_are_left_out(tmp_path):
    log(
        tmp_path,
        "system.log",
        "2024-10-03T10:00:00.000Z INFO engine a old\n    of it\n"
        "2024-10-03T23:00:00.000Z ERROR engine a new\n    of it, too\n",
    )
    log(tmp_path, "system.2024-10-01.1.log", "2024-10-01T00:00:00Z x\n", age_s=2 * 86_400)
    lines = [json.dumps({"ts": f"2024-10-03T{hour}:00:00.000Z"}) for hour in (21, 23)]
    log(tmp_path, "audit.jsonl", "\n".join(lines))
    found = dict(recent_logs(tmp_path, 2.0, NOW_S))
    assert found == {
        "system.log": "2024-10-03T23:00:00.000Z ERROR engine a new\n    of it, too\n",
        "audit.jsonl": lines[1],
    }


def test_a_huge_file_is_told_from_its_end_in_whole_lines(tmp_path):
    line = "2024-10-03T23:00:00.000Z INFO " + "x" * 969
    log(tmp_path, "trading.log", f"{line}\n" * (MOST_BYTES // 1000 + 50))
    ((_, text),) = recent_logs(tmp_path, 2.0, NOW_S)
    assert set(text.splitlines()) == {line}
    assert MOST_BYTES - 1000 <= len(text) <= MOST_BYTES


def test_the_log_of_the_chat_can_be_left_out(tmp_path):
    for name in ("chat_history.log", "chat_history.2024-10-04.1.log", "system.log"):
        log(tmp_path, name, "2024-10-03T23:59:00Z user hello\n")
    assert [name for name, _ in recent_logs(tmp_path, 2.0, NOW_S, chat=False)] == ["system.log"]
