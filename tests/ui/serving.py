"""Serve a fake world on a free port, on a loop of its own, while the test drives a browser."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import uvicorn

from tests.ui.fakes import World
from ui.access.access import Access
from ui.access.action_token import ActionToken
from ui.app import create_app
from ui.feature import Feature

DEADLINE_S = 60.0


class Served:
    """A running page."""

    def __init__(
        self,
        world: World,
        port: int,
        *,
        ticks_per_s: float,
        features: Sequence[Feature] = (),
        actions: ActionToken | None = None,
        access: Access | None = None,
    ) -> None:
        self.world = world
        self._access = access
        self._actions = actions
        self._features = features
        self.port = port
        self.ticks_per_s = ticks_per_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ready = threading.Event()
        self._server: uvicorn.Server | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def call(self, change: Callable[[], object]) -> None:
        """Run ``change`` on the server's loop and wait for it."""
        done = threading.Event()

        def run() -> None:
            change()
            done.set()

        assert self._loop is not None
        self._loop.call_soon_threadsafe(run)
        assert done.wait(DEADLINE_S)

    def start(self) -> None:
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._ready.clear()
        self._thread.start()
        assert self._ready.wait(DEADLINE_S), "the server did not start"

    def stop(self) -> None:
        assert self._server is not None
        self._server.should_exit = True
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive(), "the server did not stop"

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        app = create_app(self.world.services, self._features, self._actions, self._access)
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                host="127.0.0.1",
                port=self.port,
                lifespan="off",
                ws="websockets-sansio",
                ws_per_message_deflate=False,  # as on loopback
                log_config=None,
                timeout_graceful_shutdown=1,
            )
        )
        ticking = asyncio.create_task(self._tick())
        looking = asyncio.create_task(self.world.services.health.watch.run())
        await self._server.serve()
        ticking.cancel()
        looking.cancel()
        await asyncio.wait({looking})

    async def _tick(self) -> None:
        while self._server is None or not self._server.started:
            await asyncio.sleep(0.01)
        self._ready.set()
        while True:
            await asyncio.sleep(1.0 / self.ticks_per_s if self.ticks_per_s else 0.1)
            if self.ticks_per_s:
                self.world.market.step()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@cache
def usual_port() -> int:
    """The port of all servers of this process that follow each other."""
    return free_port()


def port_to_serve() -> int:
    """
    The usual port, or another while it is taken.

    At the same address a browser has the scripts of the page in its cache, compiled.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as uvicorn's is
        try:
            probe.bind(("127.0.0.1", usual_port()))
        except OSError:
            return free_port()
    return usual_port()


@contextmanager
def served(
    world: World,
    *,
    ticks_per_s: float = 4.0,
    features: Sequence[Feature] = (),
    actions: ActionToken | None = None,
    access: Access | None = None,
) -> Iterator[Served]:
    """A page that is up; ``ticks_per_s`` 0 leaves the market to the test."""
    page = Served(
        world,
        port_to_serve(),
        ticks_per_s=ticks_per_s,
        features=features,
        actions=actions,
        access=access,
    )
    page.start()
    try:
        yield page
    finally:
        page.stop()
