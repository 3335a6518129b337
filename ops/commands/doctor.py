"""``python main.py doctor``: what is wrong with the installation, and what to do."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ops.doctor.diagnosis import Diagnosis

EXIT_PROBLEM = 1


def doctor_command(
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody for the time.")] = False,
) -> None:
    """
    Look the installation over; also while nothing runs, and with a broken journal or config.

    One line per check: ok, warning or problem, with what to do. Nothing is written. Exit status
    1 when there is a problem, else 0.
    """
    raise typer.Exit(tell(_diagnoses(offline=offline), as_json=as_json))


def tell(diagnoses: "Iterable[Diagnosis]", *, as_json: bool = False) -> int:
    """Print each as it comes, or all as JSON at the end; returns the exit status."""
    from ops.doctor.diagnosis import Verdict  # noqa: PLC0415 - `--help` is quick

    found: list[Diagnosis] = []
    for diagnosis in diagnoses:
        found.append(diagnosis)
        if not as_json:
            typer.echo(diagnosis.line)
    problems = sum(it.verdict is Verdict.PROBLEM for it in found)
    warnings = sum(it.verdict is Verdict.WARNING for it in found)
    if as_json:
        checks = [asdict(diagnosis) for diagnosis in found]
        typer.echo(json.dumps({"problems": problems, "warnings": warnings, "checks": checks}))
    else:
        typer.echo(f"{len(found)} checks, problems: {problems}, warnings: {warnings}")
    return EXIT_PROBLEM if problems else 0


def _diagnoses(*, offline: bool) -> "Iterator[Diagnosis]":
    """Yield what is found; where packages are missing, only that."""
    from ops.doctor.diagnosis import problem  # noqa: PLC0415 - `--help` is quick
    from ops.doctor.program import import_check, package_check, python_check  # noqa: PLC0415

    yield python_check()
    yield package_check()
    yield import_check()
    try:
        from ops.doctor.examination import examine  # noqa: PLC0415
        from ops.doctor.patient import patient_of  # noqa: PLC0415
    except ImportError as error:
        yield problem("checks", f"the others cannot be made: {error}", "make setup")
        return
    yield from examine(patient_of(), offline=offline)
