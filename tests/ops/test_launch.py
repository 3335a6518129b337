import socket
import threading

import pytest

from core.config import Home, HomeError
from ops.control import running_installation
from ops.launch import demo_home, health, home_of_real_market, is_demo_home
from ops.processes import Role, registered


@pytest.mark.parametrize(
    ("answer", "understood"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\n{}", {}),
        (b'HTTP/1.0 503 No\r\n\r\n{"status": "unwell"}', {"status": "unwell"}),
        (b"HTTP/1.0 503 No\r\n\r\n", {}),
        (b"HTTP/1.0 500 Oh\r\n\r\n<html>", None),
        (b"HTTP/1.0 200 OK\r\n\r\n[1]", None),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 9\r\n\r\n{}", None),
        (b"SSH-2.0-OpenSSH_9.9\r\n", None),
    ],
)
def test_whoever_else_listens_on_a_port_counts_as_nobody(answer, understood):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            connection, _ = server.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        assert health(server.getsockname()[1]) == understood
        thread.join()


def test_nothing_asks_the_real_exchange_in_the_home_of_a_demo(tmp_path, monkeypatch):
    monkeypatch.setenv("TRADING_HOME", str(demo_home(Home(tmp_path)).root))
    with pytest.raises(HomeError, match="make demo starts the demo"):
        home_of_real_market()
    monkeypatch.setenv("TRADING_HOME", str(tmp_path))
    assert home_of_real_market() == Home(tmp_path)


def test_a_checkout_that_is_called_as_a_demo_s_home_is_a_home_of_its_own(tmp_path):
    checkout = demo_home(Home(tmp_path))
    assert is_demo_home(checkout)
    assert not is_demo_home(checkout, checkout.root)


def test_what_runs_in_the_home_of_a_demo_is_the_demo_whichever_home_is_named(tmp_path):
    demo = demo_home(Home(tmp_path))
    with registered(demo.run, Role.SUPERVISOR):
        for named in (demo, Home(tmp_path)):
            found = running_installation(named)
            assert found is not None
            assert (found.demo, found.home) == (True, demo)
