"""
Kill one kind of work at so many seeded points, and look each time at what is left.

``python -m tests.faults.killing "backing up" FOLDER [--seed N] [--points N]`` prints how many
points there were; a row that is lost or a file that cannot be read ends it with an error.
"""

import argparse
import shutil
import sys
import time
from itertools import islice
from pathlib import Path
from random import Random

from tests.faults.killing import care_acts, file_acts, journal_acts

ACTS = journal_acts.ACTS | file_acts.ACTS | care_acts.ACTS


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.killing", description=__doc__)
    parser.add_argument("act", choices=sorted(ACTS))
    parser.add_argument("folder", type=Path, help="emptied first")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--points", type=int, default=40)
    chosen = parser.parse_args()
    shutil.rmtree(chosen.folder, ignore_errors=True)
    chosen.folder.mkdir(parents=True)
    begun_s, points = time.monotonic(), 0
    act = ACTS[chosen.act](chosen.folder, Random(chosen.seed))  # noqa: S311 - repeatable
    for _ in islice(act, chosen.points):
        points += 1
    sys.stdout.write(f"{points} points in {time.monotonic() - begun_s:.1f} s\n")


if __name__ == "__main__":
    main()
