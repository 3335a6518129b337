import logging

import pytest

from core.attempts import Attempts, Fault
from core.telemetry import Telemetry
from tests.builders import candles

SERIES = candles([100.0] * 3)


def raising(error):
    def compute():
        raise error

    return compute


@pytest.fixture
def attempts():
    return Attempts(Telemetry(), logging.getLogger("core.overlay_runner"))


def test_what_was_computed_is_returned_even_if_it_is_nothing(attempts):
    assert attempts.attempt("one", SERIES, lambda: 7) == 7
    assert attempts.attempt("none", SERIES, lambda: None) is None


def test_a_computation_that_fails_says_why(attempts):
    found = attempts.attempt("one", SERIES, raising(ValueError("period must be at least 1")))
    assert found == Fault("ValueError: period must be at least 1")


@pytest.mark.parametrize("error", [OSError("disk"), KeyboardInterrupt(), MemoryError()])
def test_what_no_pure_computation_does_is_not_swallowed(attempts, error):
    with pytest.raises(type(error)):
        attempts.attempt("one", SERIES, raising(error))
