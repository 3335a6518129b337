import socket

import pytest

from ops.ports import LASTING_PORTS, PortTakenError, free_port, lasting_port, require_free


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


def test_a_lasting_port_is_free_and_none_that_the_system_hands_out():
    assert LASTING_PORTS.stop <= 32_768  # Linux; macOS begins at 49152
    port = lasting_port(7)
    assert port in LASTING_PORTS
    require_free(port, "ANY")


def test_a_lasting_port_that_is_taken_or_meant_for_something_else_is_passed_over():
    first = lasting_port(7)
    ports = range(first, first + 3)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", first))
        listener.listen()
        assert lasting_port(0, {first + 1}, ports) == first + 2
        with pytest.raises(PortTakenError, match="all taken"):
            lasting_port(0, {first + 1, first + 2}, ports)
