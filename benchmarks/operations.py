"""A running demo: how fast its health answers under load, and how fast it ends."""

import asyncio
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, Popen
from time import monotonic, perf_counter, sleep

import aiohttp
import psutil

from ops.processes import Role
from tests.system.product import MAIN, Product, until

REPEATS = 3
# Monitors of a whole team at once: each of the four addresses is asked by so many, so often.
ASKING = 4
EVERY_S = 0.1
LOAD_S = 20.0
PATHS = ("/health", "/health/detailed")
_ROLES = (Role.SUPERVISOR, Role.ENGINE, Role.DASHBOARD)
_POLL_S = 0.005
_DEADLINE_S = 60.0


def measure() -> dict[str, float]:
    """Return the slowest end of several, and the 99th percentile of all answers."""
    with tempfile.TemporaryDirectory() as folder:
        with _demo(Path(folder) / "asked") as product:
            health_ms = 1e3 * asyncio.run(_p99_s(product))
        stops = [_stopped(Path(folder) / f"term-{n}") for n in range(REPEATS)]
        emergencies = [_emergency(Path(folder) / f"stop-{n}") for n in range(REPEATS)]
        frozen_s = _emergency(Path(folder) / "frozen", freeze=True)
    return {
        "health_p99_ms": health_ms,
        "sigterm_stop_s": max(stops),
        "emergency_stop_s": max(*emergencies, frozen_s),
    }


@contextmanager
def _demo(root: Path) -> Iterator[Product]:
    """Yield a demo that decides."""
    root.mkdir()
    product = Product(root, demo=True)
    try:
        started = product.run("demo")
        if started.returncode:
            raise RuntimeError(started.stdout + started.stderr)
        until(lambda: product.count("decisions") > 0, what="a decision")
        yield product
    finally:
        product.end()


async def _p99_s(product: Product) -> float:
    """Ask both servers while the market runs."""
    taken_s: list[float] = []
    addresses = [
        f"http://127.0.0.1:{port}{path}"
        for port in (product.port, product.engine_port)
        for path in PATHS
    ]
    async with aiohttp.ClientSession() as session:
        await asyncio.gather(
            *(_ask(session, url, n, taken_s) for url in addresses for n in range(ASKING))
        )
    return sorted(taken_s)[int(0.99 * len(taken_s))]


async def _ask(session: aiohttp.ClientSession, url: str, n: int, taken_s: list[float]) -> None:
    await asyncio.sleep(EVERY_S * n / ASKING)
    end_s = monotonic() + LOAD_S
    while monotonic() < end_s:
        begun_s = perf_counter()
        async with session.get(url) as reply:
            await reply.read()
            if reply.status not in {200, 503}:
                raise RuntimeError(f"{url}: {reply.status}")
        taken_s.append(perf_counter() - begun_s)
        await asyncio.sleep(EVERY_S)


def _stopped(root: Path) -> float:
    """Seconds from TERM to the supervisor until every process has ended."""
    with _demo(root) as product:
        processes = _processes(product)
        begun_s = perf_counter()
        processes[0].terminate()
        return _ended_s(begun_s, processes)


def _emergency(root: Path, *, freeze: bool = False) -> float:
    """Seconds from the command until the latch is set and every process has ended."""
    with _demo(root) as product:
        processes = _processes(product)
        if freeze:
            for process in processes:
                process.send_signal(signal.SIGSTOP)
        begun_s = perf_counter()
        command = [*MAIN, "emergency-stop", "--reason", "measured"]
        asked = Popen(command, env=product.environment, stdout=DEVNULL, stderr=DEVNULL)
        taken_s = _ended_s(begun_s, processes, product.home.emergency_latch.exists)
        asked.wait(_DEADLINE_S)
        return taken_s


def _processes(product: Product) -> list[psutil.Process]:
    found = [product.process(role) for role in _ROLES]
    if not all(found):
        raise RuntimeError("a process of the system under measurement has died")
    return [*found, *found[0].children()]


def _ended_s(
    begun_s: float, processes: list[psutil.Process], besides: Callable[[], bool] = lambda: True
) -> float:
    while any(map(_lives, processes)) or not besides():
        if perf_counter() - begun_s > _DEADLINE_S:
            raise RuntimeError("it did not end")
        sleep(_POLL_S)
    return perf_counter() - begun_s


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
