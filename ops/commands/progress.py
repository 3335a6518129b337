"""Tells people who wait what is done now; programs and log files are told nothing."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def step_by_step() -> Iterator[Callable[[str], None]]:
    """Yield what to tell each step to; a terminal shows it with the time it takes."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - slow
    from rich.progress import (  # noqa: PLC0415 - slow
        BarColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (TextColumn("{task.description:<48}"), BarColumn(), TimeElapsedColumn())
    running: list[TaskID] = []
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:

        def heard(step: str) -> None:
            for task in running:
                shown.update(task, total=1, completed=1)
            running.append(shown.add_task(step, total=None))

        yield heard
