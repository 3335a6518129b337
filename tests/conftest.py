"""What every test needs, whatever it is about."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import event
from sqlalchemy.pool import Pool

# How long an example takes says nothing on a machine that others use too. Half the usual number
# of examples, as there are more than a hundred such tests; where more are needed the test says so.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=50
)
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def databases_end_with_the_test() -> Iterator[None]:
    """Close what a test left in a connection pool: from Python 3.13 on its loss is a warning."""
    opened: list[Any] = []

    def connected(connection: Any, _record: object) -> None:
        opened.append(connection)

    event.listen(Pool, "connect", connected)
    yield
    event.remove(Pool, "connect", connected)
    for connection in opened:
        connection.close()
