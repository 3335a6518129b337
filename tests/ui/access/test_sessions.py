import pytest

from ui.access.server_key import ServerKey
from ui.access.sessions import IDLE_S, LONGEST_S, Sessions

START_S = 1_795_000_000.5


class Scene:
    def __init__(self):
        self.now_s = START_S
        self.key = ServerKey()
        self.sessions = Sessions(lambda: self.key.derived("x"), lambda: self.now_s)


def test_a_session_is_found_until_it_is_idle_for_too_long():
    scene = Scene()
    cookie = scene.sessions.begin(is_secure=True)
    found = scene.sessions.find(cookie)
    assert found is not None
    assert found.is_secure
    scene.now_s += IDLE_S - 1
    assert scene.sessions.find(cookie) == found
    scene.now_s += 2
    assert scene.sessions.find(cookie) is None


def test_use_keeps_it_alive_but_not_for_ever():
    scene = Scene()
    cookie = scene.sessions.begin(is_secure=False)
    step_s = IDLE_S - 60
    while scene.now_s + step_s - START_S < LONGEST_S:
        scene.now_s += step_s
        found = scene.sessions.find(cookie)
        assert found is not None
        cookie = scene.sessions.refreshed(found) or ""
    scene.now_s = START_S + LONGEST_S + 1
    assert scene.sessions.find(cookie) is None


def test_a_cookie_is_made_anew_only_now_and_then():
    scene = Scene()
    found = scene.sessions.find(scene.sessions.begin(is_secure=False))
    assert found is not None
    assert scene.sessions.refreshed(found) is None
    scene.now_s += 601
    assert scene.sessions.refreshed(found) is not None


def test_another_key_ends_all():
    scene = Scene()
    cookie = scene.sessions.begin(is_secure=False)
    scene.key.renew()
    assert scene.sessions.find(cookie) is None


def test_a_session_of_the_future_is_none():
    scene = Scene()
    cookie = scene.sessions.begin(is_secure=False)
    scene.now_s -= 3600
    assert scene.sessions.find(cookie) is None


def test_whatever_was_altered_is_none():
    scene = Scene()
    cookie = scene.sessions.begin(is_secure=False)
    for n, letter in enumerate(cookie):
        other = "1" if letter != "1" else "2"
        assert scene.sessions.find(cookie[:n] + other + cookie[n + 1 :]) is None, n


@pytest.mark.parametrize(
    "cookie", ["", ".", "....", "0" * 10_000, "1.2.p" + "0" * 32 + "." + "0" * 64, "\x00", "é.é"]
)
def test_what_was_never_one_is_none(cookie):
    assert Scene().sessions.find(cookie) is None


def test_two_sessions_of_one_second_differ():
    scene = Scene()
    assert scene.sessions.begin(is_secure=False) != scene.sessions.begin(is_secure=False)


def test_a_socket_outlives_the_idle_time_of_its_cookie_but_no_logout_and_no_week():
    key, now_s = [b"one"], [START_S]
    sessions = Sessions(lambda: key[0], lambda: now_s[0])
    cookie = sessions.begin(is_secure=False)
    now_s[0] += IDLE_S + 60
    assert (sessions.find(cookie), sessions.goes_on(cookie)) == (None, True)
    now_s[0] = START_S + LONGEST_S + 1
    assert not sessions.goes_on(cookie)
    now_s[0] = START_S
    key[0] = b"two"
    assert not sessions.goes_on(cookie)
