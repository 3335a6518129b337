import socket
import threading

import pytest

from ops.launch import health


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
