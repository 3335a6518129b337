"""
Lets the wall clock of a Python process leap, by what a file says; Python runs this before all else.

Named by ``PYTHONPATH`` in a process that chaos strikes; the file by ``CLOCK_OFFSET_FILE``.
"""

import os
import time
from pathlib import Path

_LOOK_EVERY_S = 0.05
_real_ns, _monotonic = time.time_ns, time.monotonic
_file = Path(os.environ["CLOCK_OFFSET_FILE"])
_known = {"offset_ns": 0, "until_s": 0.0}


def _offset_ns() -> int:
    if _monotonic() >= _known["until_s"]:
        try:
            _known["offset_ns"] = int(float(_file.read_text()) * 1e9)
        except (OSError, ValueError):
            _known["offset_ns"] = 0
        _known["until_s"] = _monotonic() + _LOOK_EVERY_S
    return int(_known["offset_ns"])


def _time_ns() -> int:
    return _real_ns() + _offset_ns()


time.time_ns = _time_ns
time.time = lambda: _time_ns() / 1e9
