"""
Measure, write ``reports/bench.json`` and say which targets hold.

``python -m benchmarks [NAME ...]`` runs all groups or those named; figures of groups that
were not run are kept. Exit status 1 when a measured figure misses its target.
"""

import argparse
import ast
import json
import operator
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from core.config import Home

TARGETS = Path(__file__).parent / "targets.json"
HOLDS = {"<=": operator.le, ">=": operator.ge}


def groups() -> dict[str, str]:
    """
    Names of the benchmark modules, those with a ``measure``, and what each is about.

    They are read and not imported: `--help` is quick, and one that lacks what it needs is
    no hindrance to the others.
    """
    folder = Path(__file__).parent
    found = {}
    for name in sorted(module.name for module in iter_modules([str(folder)])):
        tree = ast.parse((folder / f"{name}.py").read_text(encoding="utf-8"))
        if any(isinstance(node, ast.FunctionDef) and node.name == "measure" for node in tree.body):
            found[name] = (ast.get_docstring(tree) or "").split("\n\n")[0].replace("\n", " ")
    return found


def main(arguments: list[str]) -> int:
    """Run the groups, report, return the exit status."""
    known = groups()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog="groups:\n" + "\n".join(f"  {name:<14} {about}" for name, about in known.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", metavar="NAME", nargs="*", help="a group; all without any")
    wanted = parser.parse_args(arguments).names
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        print(f"unknown: {', '.join(unknown)}; there are: {', '.join(known)}", file=sys.stderr)
        return 2
    path = Home.from_environment().root / "reports" / "bench.json"
    figures: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    measured: set[str] = set()
    for name in wanted or list(known):
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
