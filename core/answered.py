"""What was paid for is told also when what came after the answer failed."""

from collections.abc import Iterator
from contextlib import contextmanager

from core.attempts import FAILURES
from core.model.verdict import LlmCall
from core.telemetry import reason_of


class AnsweredError(RuntimeError):
    """
    An evaluation failed after the analyst had answered.

    Attributes:
        calls: What was asked until then.
    """

    def __init__(self, reason: str, calls: tuple[LlmCall, ...]) -> None:
        super().__init__(reason)
        self.calls = calls


@contextmanager
def carrying(calls: tuple[LlmCall, ...]) -> Iterator[None]:
    """Have a failure of the block carry what was asked before it; without a call it stays."""
    try:
        yield
    except FAILURES as error:
        if not calls:
            raise
        raise AnsweredError(reason_of(error), calls) from error


def calls_of(error: BaseException) -> tuple[LlmCall, ...]:
    """Return what was asked before a failure."""
    return error.calls if isinstance(error, AnsweredError) else ()
