import pytest

from ui.access.attempt_limit import AttemptLimit, client_of


class Scene:
    def __init__(self):
        self.now_s = 1000.0
        self.limit = AttemptLimit(lambda: self.now_s)

    def tries(self, client, number=100):
        """How many of so many attempts at once are allowed."""
        return sum(self.limit.attempt(client) == 0.0 for _ in range(number))


def test_a_client_has_five_attempts_and_one_more_a_minute():
    scene = Scene()
    assert scene.tries("192.0.2.1") == 5
    assert 0 < scene.limit.attempt("192.0.2.1") <= 60
    scene.now_s += 61
    assert scene.tries("192.0.2.1") == 1
    scene.now_s += 100_000
    assert scene.tries("192.0.2.1") == 5


def test_refused_attempts_do_not_lengthen_the_wait():
    scene = Scene()
    scene.tries("192.0.2.1")
    before = scene.limit.attempt("192.0.2.1")
    scene.tries("192.0.2.1")
    assert scene.limit.attempt("192.0.2.1") == before


def test_many_clients_together_are_limited_too():
    scene = Scene()
    assert sum(scene.tries(f"192.0.2.{n}", 1) for n in range(200)) == 30
    scene.now_s += 10.1
    assert sum(scene.tries(f"198.51.100.{n}", 1) for n in range(200)) == 1


def test_strangers_cannot_lock_this_machine_out():
    scene = Scene()
    for n in range(200):
        scene.tries(f"192.0.2.{n}")
    assert scene.tries("127.0.0.1") == 5


def test_this_machine_is_one_client_by_whatever_address():
    scene = Scene()
    assert sum(scene.tries(f"127.0.{n}.1", 1) for n in range(200)) == 5
    assert scene.tries("::1") == scene.tries("::ffff:127.0.0.9") == 0


def test_a_proxy_is_not_believed_that_somebody_is_this_machine():
    scene = Scene()
    told = [client_of(f"127.0.0.{n}", 0) for n in range(1, 200)]
    assert sum(scene.tries(client, 1) for client in told) == 5
    assert scene.tries(client_of("127.0.0.1", 51_234)) == 5
    assert client_of("192.0.2.1", 0) == "192.0.2.1"
    others = Scene()
    for n in range(200):
        others.tries(f"192.0.2.{n}", 1)
    assert others.tries(client_of("127.0.0.1", 0)) == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [("2001:db8::1", "2001:db8::ffff:2"), ("::ffff:192.0.2.1", "192.0.2.1")],
)
def test_addresses_of_one_site_are_one_client(one, other):
    scene = Scene()
    assert scene.tries(one) == 5
    assert scene.tries(other) == 0


def test_a_success_gives_the_attempts_back():
    scene = Scene()
    scene.tries("192.0.2.1")
    scene.limit.succeeded("192.0.2.1")
    assert scene.tries("192.0.2.1") == 5


def test_a_flood_of_clients_is_not_remembered_without_end():
    scene = Scene()
    for n in range(3000):
        scene.limit.attempt(f"client-{n}")
    assert len(scene.limit._clients) == 1000
