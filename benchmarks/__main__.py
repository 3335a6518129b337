"""
Measure, write ``reports/bench.json`` and say which targets hold.

``python -m benchmarks [NAME ...]`` runs all groups or those named; figures of groups that
were not run are kept. Exit status 1 when a measured figure misses its target.
"""

import json
import operator
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from core.config import Home

TARGETS = Path(__file__).parent / "targets.json"
HOLDS = {"<=": operator.le, ">=": operator.ge}


def groups() -> list[str]:
    """Names of the benchmark modules: those with a ``measure``."""
    names = sorted(module.name for module in iter_modules([str(Path(__file__).parent)]))
    return [
        name
        for name in names
        if name != "__main__" and hasattr(import_module(f"benchmarks.{name}"), "measure")
    ]


def main(wanted: list[str]) -> int:
    """Run the groups, report, return the exit status."""
    known = groups()
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    path = Home.from_environment().root / "reports" / "bench.json"
    figures: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    measured: set[str] = set()
    for name in wanted or known:
        print(f"{name} ...", flush=True)
        found = import_module(f"benchmarks.{name}").measure()
        figures |= found
        measured |= set(found)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(figures, indent=2, sort_keys=True) + "\n")
    print(f"\n{path}")
    missed = [_report(key, figures[key]) for key in sorted(measured)].count(False)
    return 1 if missed else 0


def _report(key: str, value: float) -> bool:
    target = json.loads(TARGETS.read_text()).get(key)
    if target is None:
        print(f"  {key:<36} {value:>12.3f}")
        return True
    sign, bound = target
    held = bool(HOLDS[sign](value, bound))
    print(f"  {key:<36} {value:>12.3f}  {sign} {bound:<8g} {'holds' if held else 'MISSED'}")
    return held


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
