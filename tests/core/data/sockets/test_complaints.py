from core.data.sockets.complaints import COMPLAIN_EVERY_S, Complaints


def test_a_kind_of_complaint_is_due_once_a_minute():
    now_s = [0.0]
    complaints = Complaints(lambda: now_s[0])
    assert [complaints.due("a"), complaints.due("a"), complaints.due("b")] == [True, False, True]
    now_s[0] = COMPLAIN_EVERY_S
    assert complaints.due("a")


def test_endless_kinds_do_not_fill_the_memory():
    complaints = Complaints(lambda: 0.0)
    for kind in range(10_000):
        complaints.due(str(kind))
    assert len(complaints._made_s) <= 256
