"""
Let seeded faults strike a demo of its own, and tell what became of it.

Exit status 0 only when every fault was seen, everything recovered and nothing was lost.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from random import Random

from tests.faults.chaos.losses import Ledger, Losses
from tests.faults.chaos.menu import MENU, Trouble, suffer
from tests.faults.chaos.victim import ChaosError, Victim

_ROW = "{:<38} {:>11} {:>12} {:>10}  {}"
_NAMES = tuple(trouble.name for trouble in MENU)

say = partial(print, flush=True)


def drawn(seed: int, rounds: int, only: Sequence[str] = ()) -> list[Trouble]:
    """The same seed draws the same faults; each one once before any comes again."""
    menu = [trouble for trouble in MENU if not only or trouble.name in only]
    random, found = Random(seed), []  # noqa: S311 - repeatable on purpose
    while len(found) < rounds:
        found += random.sample(menu, len(menu))
    return found[:rounds]


def suffered(victim: Victim, troubles: Sequence[Trouble]) -> bool:
    """Suffer one after the other, a line for each; tell whether nothing was lost."""
    held = True
    say(_ROW.format("fault", "detected in", "recovered in", "told as", "lost"))
    say(_ROW.format("", "", "", "not traded", ""))
    for trouble in troubles:
        ledger = Ledger(victim)
        down = ledger.engine_down
        seen_s, well_s = suffer(trouble, victim)
        losses = ledger.settled_losses()
        told = f"{ledger.engine_down - down} bars"
        say(_ROW.format(trouble.name, f"{seen_s:.1f} s", f"{well_s:.1f} s", told, losses))
        held = held and not losses
    return held


def left(victim: Victim) -> Losses:
    """End engine and page cleanly, so that every file is written, and compare once more."""
    ledger = Ledger(victim)
    victim.end_clients()
    return ledger.losses()


def run(troubles: Sequence[Trouble]) -> bool:
    """Start a demo, let it suffer, and tell whether it bore everything."""
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        victim = Victim(Path(folder))
        try:
            victim.start()
            victim.until(lambda: victim.is_well, "all is well at the beginning")
            victim.until(lambda: victim.product.count("decisions") > 0, "a first decision")
            held = suffered(victim, troubles)
            losses = left(victim)
        except ChaosError as error:
            say(f"FAILED: {error}")
            return False
        finally:
            victim.end()
    say(f"after a clean stop: lost {losses}; {time.monotonic() - begun_s:.0f} s in all")
    say("Everything recovered and nothing was lost." if held and not losses else "FAILED")
    return held and not losses


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults.chaos", description=__doc__, epilog=f"Faults: {_NAMES}"
    )
    parser.add_argument("--seed", type=int, default=1, help="of the selection and its order")
    parser.add_argument("--rounds", type=int, default=8, help=f"there are {len(MENU)} faults")
    parser.add_argument("--only", choices=_NAMES, nargs="+", default=(), metavar="FAULT")
    chosen = parser.parse_args()
    troubles = drawn(chosen.seed, chosen.rounds, chosen.only)
    say(f"seed {chosen.seed}, {len(troubles)} faults; starting a demo of its own ...")
    return 0 if run(troubles) else 1


if __name__ == "__main__":
    sys.exit(main())
