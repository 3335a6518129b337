"""File systems that are full or cannot be written, and what our programs do on them."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.config import REPOSITORY

_MOUNTED = 'mount -t tmpfs -o size={size},nr_inodes={inodes} tmpfs "$1" && exec "$2" -c "$3" "$1"'

FILL = """
def fill(folder):
    '''Leave neither a byte nor room for another file.'''
    with open(folder / "filler", "wb", buffering=0) as filler:
        for size in (1 << 16, 1 << 10, 1):
            try:
                while filler.write(b"x" * size):
                    pass
            except OSError:
                pass
    try:
        for n in range(100_000):
            (folder / f"filler-{n}").touch()
    except OSError:
        pass
"""


@dataclass(frozen=True)
class Said:
    """What a program on such a file system printed, line by line."""

    lines: list[str]
    errors: str


def on_small_disk(folder: Path, program: str, size: str = "4m", inodes: str = "2k") -> Said:
    """
    Run a program with the mount point as its argument, in a name space of its own.

    Without the right to mount anything there the test is skipped with the reason.
    """
    folder.mkdir(exist_ok=True)
    command = _MOUNTED.format(size=size, inodes=inodes)
    try:
        done = subprocess.run(
            ["unshare", "-rm", "sh", "-c", command, "sh", str(folder), sys.executable, program],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    except FileNotFoundError:
        pytest.skip("no unshare command here")
    if done.stderr.startswith(("unshare:", "mount:")):
        pytest.skip(f"no file system of its own can be had here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stdout + done.stderr
    return Said(done.stdout.splitlines(), done.stderr)
