import socket

import pytest

from ops.ports import PortTakenError, free_port, require_free


def test_a_free_port_may_be_used():
    require_free(free_port(), "DASHBOARD_PORT")


def test_a_taken_port_is_named_with_its_owner_and_the_variable():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"port {port} is taken by .*DASHBOARD_PORT"):
            require_free(port, "DASHBOARD_PORT")


def test_the_port_proposed_instead_exists():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 65_535))
        listener.listen()
        with pytest.raises(PortTakenError, match=r"ENGINE_PORT=8060$"):
            require_free(65_535, "ENGINE_PORT")
