"""What every test needs, whatever it is about."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool


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
