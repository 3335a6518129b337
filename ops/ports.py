"""Who listens on a port, and which ports are free."""

import socket
from collections.abc import Collection

import psutil

LOOPBACK = "127.0.0.1"
LASTING_PORTS = range(18_600, 19_200)
# Below what systems give to outgoing connections: from 32768 on Linux, 49152 on macOS.
_FIRST_UNPRIVILEGED_PORT = 1024
_LAST_PORT = 65_535


class PortTakenError(Exception):
    """Somebody else listens there; the message names port, owner and the variable to change."""


def require_free(port: int, variable: str) -> None:
    """
    Make sure nobody listens on ``port``.

    Args:
        port: On the loopback interface.
        variable: Environment variable that moves us elsewhere.

    Raises:
        PortTakenError: If the port is taken.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except PermissionError:
            raise PortTakenError(
                f"port {port} is not ours to use; {_advice(port, variable)}"
            ) from None
        except OSError:
            raise PortTakenError(
                f"port {port} is taken by {_owner(port)}; end it, or {_advice(port, variable)}"
            ) from None


def free_port() -> int:
    """Return a loopback port that was free a moment ago."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def lasting_port(begin: int, avoid: Collection[int] = (), ports: range = LASTING_PORTS) -> int:
    """
    Return a loopback port that is free and that no outgoing connection is given by chance.

    Args:
        begin: Any number: who begin elsewhere at the same time find different ports.
        avoid: Ports that are meant for something else, also while nobody listens there yet.
        ports: Where to look.

    Raises:
        PortTakenError: If every one of them is taken.
    """
    for offset in range(len(ports)):
        port = ports[(begin + offset) % len(ports)]
        if port not in avoid and _is_free(port):
            return port
    raise PortTakenError(f"ports {ports.start} to {ports.stop - 1} are all taken")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _advice(port: int, variable: str) -> str:
    ours = _FIRST_UNPRIVILEGED_PORT <= port <= _LAST_PORT - 10
    other = port + 10 if ours else 8060
    return f"choose another port with {variable}, for example {variable}={other}"


def _owner(port: int) -> str:
    try:
        pids = {
            connection.pid
            for connection in psutil.net_connections(kind="tcp")
            if connection.status == psutil.CONN_LISTEN and tuple(connection.laddr)[1:2] == (port,)
        }
        pid = next((pid for pid in pids if pid), None)
        return f"{psutil.Process(pid).name()} (pid {pid})" if pid else "another program"
    except psutil.Error:  # other users' processes are not ours to see on every system
        return "another program"
