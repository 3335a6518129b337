"""What a disk does not take is said in few words, and forgotten when it takes it again."""

import errno
import io
import logging
import subprocess
import sys

import pytest

from core.config import REPOSITORY
from ops.shared_file_handler import LostRecords, SharedFileHandler

# No file of this process may grow beyond a kilobyte, then beyond two. SIGXFSZ would end it.
PROGRAM = """
import logging, pathlib, resource, signal, sys
from ops.logging_setup import configure_logging
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
logs = pathlib.Path(sys.argv[1])
configure_logging(logs, "INFO", role="engine")
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, 1_000_000))
for number in range(2_000):
    logging.getLogger("ops").info("full %d", number)
    logging.getLogger("core.engine").info("full %d", number)
resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 1_000_000))
logging.getLogger("ops").info("room again")
"""


class Disk:
    """A file that takes nothing while it is full."""

    def __init__(self):
        self.full = True
        self.taken = []

    def write(self, text):
        if self.full:
            raise OSError(errno.ENOSPC, "No space left on device")
        self.taken.append(text)

    def close(self):
        pass


def test_a_full_disk_is_one_line_a_minute_and_no_traceback():
    now_s, said, disk = 0.0, io.StringIO(), Disk()
    lost = LostRecords(said, monotonic=lambda: now_s)
    log = logging.Logger("shared")
    for _ in range(2):
        log.addHandler(SharedFileHandler(disk, lost))
    for second in range(120):
        now_s = float(second)
        log.warning("bar %d", second)
    lines = said.getvalue().splitlines()
    assert len(lines) == 2
    assert all("No space left on device" in line for line in lines)
    assert lines[1].endswith("lines lost: 120")
    disk.full = False
    log.warning("room again")
    assert disk.taken == ["room again\n"] * 2


def test_nobody_to_tell_is_no_reason_to_fail():
    said = io.StringIO()
    said.close()
    log = logging.Logger("shared")
    log.addHandler(SharedFileHandler(Disk(), LostRecords(said)))
    log.warning("x")


@pytest.mark.simulator
def test_a_process_without_room_says_it_once_and_leaves_whole_lines(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert len(done.stderr.splitlines()) == 1
    lines = (tmp_path / "system.log").read_text().splitlines()
    assert lines[-1].endswith("room again")
    assert all(" ops " in line for line in lines[:-2]), "all but the torn one are whole"
