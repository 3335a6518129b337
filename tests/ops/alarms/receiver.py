"""A loopback server that keeps what is posted to it, as a webhook's owner would."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE_S = 60.0


class Receiver:
    """
    Attributes:
        status: Of the next answers.
        posted: Bodies that arrived.
        paths: Of all requests.
    """

    def __init__(self) -> None:
        self.status, self.posted, self.paths = 200, [], []
        self.arrived = threading.Semaphore(0)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._responder())

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def _responder(receiver) -> Any:  # noqa: N805 - the inner class has a self of its own
        class Responder(BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers.get("content-length", 0))
                receiver.posted.append(json.loads(self.rfile.read(size)))
                self._answer()

            def do_GET(self):
                self._answer()

            def _answer(self):
                receiver.paths.append(self.path)
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                self.end_headers()
                receiver.arrived.release()

            def log_message(self, *_):
                pass

        return Responder

    def wait(self, times: int = 1) -> None:
        for _ in range(times):
            assert self.arrived.acquire(timeout=PATIENCE_S)


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join(PATIENCE_S)
