"""
Frames read, decoded and stored per CPU second of one client process, beside others.

The same burst over loopback, each client a fresh process, taking turns; medians. By wall clock
the sender would be measured.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from core.config import REPOSITORY

FRAMES = 120_000
ROUNDS = 5
DEADLINE_S = 300
CLIENTS = ("bare_websockets", "ours", "python_binance")


def measure() -> dict[str, float]:
    """Let the clients take turns."""
    taken: dict[str, list[float]] = {client: [] for client in CLIENTS}
    for _ in range(ROUNDS):
        for client in CLIENTS:
            with stand_in(3) as port:
                taken[client].append(cpu_s(client, port))
    rate = {client: FRAMES / median(times) for client, times in taken.items()}
    return {
        "ingest_frames_per_s": rate["ours"],
        "ingest_vs_python_binance": rate["ours"] / rate["python_binance"],
        "ingest_share_of_raw_websockets": rate["ours"] / rate["bare_websockets"],
    }


def cpu_s(client: str, port: int) -> float:
    """CPU seconds a client takes for the burst."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.stream_clients", client, str(port), str(FRAMES)],
        cwd=REPOSITORY,
        check=True,
        stdout=subprocess.PIPE,
        timeout=DEADLINE_S,
    )
    return float(json.loads(done.stdout.splitlines()[-1])["cpu_s"])


@contextmanager
def stand_in(symbols: int) -> Iterator[int]:
    """Run an exchange that sends; its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.exchange_stand_in", str(symbols)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
    )
    try:
        if process.stdout is None:
            raise RuntimeError("no output to read the port from")
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
