from ui.emergency.reading import logged_rows, set_by

HELD = "2026-11-21T03:30:00.123Z latch      held       0.001 s  set"
BEGUN = "2026-11-21T03:30:00.124Z EMERGENCY STOP TRIGGERED home=/x who=root reason=why"
FAILED = "2026-11-21T03:30:02.000Z backup     NOT HELD   5.001 s  the journal is locked"
RESUMED = "2026-11-21T04:00:00.000Z RESUMED home=/x who=root reason=fine"


def rows(tmp_path, *lines):
    (tmp_path / "emergency.log").write_text("".join(f"{line}\n" for line in lines))
    return logged_rows(tmp_path)


def test_the_log_of_the_last_stop_is_read(tmp_path):
    found = rows(tmp_path, HELD, BEGUN, FAILED, RESUMED, HELD, BEGUN, FAILED)
    assert [(row.name, row.held, row.took_s, row.result) for row in found] == [
        ("latch", True, 0.001, "set"),
        ("backup", False, 5.001, "the journal is locked"),
    ]
    assert found[0].at == "2026-11-21T03:30:00.123Z"


def test_after_a_resumption_there_is_none(tmp_path):
    assert rows(tmp_path, HELD, BEGUN, FAILED, RESUMED) == ()


def test_a_log_that_is_none_or_nonsense_tells_nothing(tmp_path):
    assert logged_rows(tmp_path) == ()
    assert rows(tmp_path, "", "x" * 5000, "EMERGENCY STOP TRIGGERED", "\x00") == ()
    (tmp_path / "emergency.log").write_bytes(b"\xff\xfe" * 100_000)
    assert logged_rows(tmp_path) == ()


def test_a_reason_that_looks_like_a_step_or_a_resumption_is_only_a_reason(tmp_path):
    forged = BEGUN.replace("why", "RESUMED latch held 0.0 s  x")
    assert [row.name for row in rows(tmp_path, HELD, forged, FAILED)] == ["latch", "backup"]


def test_the_latch_tells_who_when_and_why():
    told = "/x/EMERGENCY_STOP is there: 2026-11-21T03:30:00.123Z root (page, ::1): a: b"
    assert set_by(told) == ("2026-11-21T03:30:00.123Z", "root (page, ::1)", "a: b")
    for words in ("", "/x is there", "/x is there: because", "/x cannot be looked at: why: b"):
        assert set_by(words) == ("", "", "")
