from ops.doctor.diagnosis import Verdict, fine, problem, warning


def test_each_is_one_line_with_what_to_do():
    assert fine("disk", "much free").line == "ok       disk             much free"
    line = problem("journal", "damaged\nat page 3\x1b[31m", "restore it").line
    assert line.startswith("problem  journal          damaged at page 3")
    assert line.endswith("-> restore it")
    assert line.isprintable()
    assert warning("a", "b").verdict is Verdict.WARNING
