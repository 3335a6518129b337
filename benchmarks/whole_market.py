"""What it costs to follow all perpetuals: their candles four times a second, and the marks."""

import json
import subprocess
import sys
from collections.abc import Iterator
from time import monotonic

import psutil

from benchmarks.ingest import stand_in
from core.config import REPOSITORY

SYMBOLS = 550
FRAMES_PER_S = 4 * SYMBOLS
SETTLE_S = 15
MEASURED_S = 60  # with one close of all candles in it
DEADLINE_S = 300


def measure() -> dict[str, float]:
    """Weigh a client at the pace of life, in the configuration the product comes with."""
    with stand_in(SYMBOLS) as port:
        client = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.stream_clients", "market", str(port)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
        )
        try:
            reports = map(json.loads, client.stdout or ())
            for _, report in zip(range(DEADLINE_S), reports, strict=False):
                if report["live"] >= SYMBOLS:
                    break
            else:
                raise RuntimeError("the client does not follow the market")
            _skipped(reports, SETTLE_S)
            process = psutil.Process(client.pid)
            before, before_s, started = _skipped(reports, 1), _cpu_s(process), monotonic()
            after, after_s, ended = _skipped(reports, MEASURED_S), _cpu_s(process), monotonic()
            weight = process.memory_info().rss / 2**20
        finally:
            client.terminate()
            client.wait()
            if client.stdout is not None:
                client.stdout.close()
    if after["frames"] - before["frames"] < 0.95 * FRAMES_PER_S * (ended - started):
        raise RuntimeError("not all frames were read")
    return {
        "market_550_cpu_share": (after_s - before_s) / (ended - started),
        "market_550_rss_mb": float(weight),
    }


def _skipped(reports: Iterator[dict[str, int]], seconds: int) -> dict[str, int]:
    """Let so many seconds pass; what the client says at their end."""
    return [next(reports) for _ in range(seconds)][-1]


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
