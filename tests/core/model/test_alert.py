"""When an alert fires."""

import pytest

from core.model.alert import PRICE, Alert, Comparison, look


def fired(comparison, *looks, was=None):
    """Return at which of the looks, each a value or (value, low, high), an alert on 10 fires."""
    alert, found = Alert("BTCUSDT", None, PRICE, comparison, 10.0), []
    for seen in looks:
        value, low, high = seen if isinstance(seen, tuple) else (seen, seen, seen)
        fires, was = look(alert, was, value, low, high)
        found.append(fires)
    return found


@pytest.mark.parametrize(
    ("comparison", "looks", "expected"),
    [
        (Comparison.ABOVE, (9, 10, 11, 9, 11), [False, True, False, False, True]),
        (Comparison.ABOVE, (11,), [True]),
        (Comparison.ABOVE, (9, (9, 8, 12)), [False, True]),
        (Comparison.BELOW, (11, 10, 9, 11, 9), [False, True, False, False, True]),
        (Comparison.BELOW, (9,), [True]),
        (Comparison.CROSSES, (9, 11, 12, 9), [False, True, False, True]),
        (Comparison.CROSSES, (9, (9, 8, 12), 11), [False, True, True]),
        (Comparison.CROSSES, (9, 10, 11, 10), [False, True, False, True]),
        (Comparison.CROSSES, (11, (11, 9, 12)), [False, True]),
    ],
)
def test_an_alert_fires_where_its_level_is_reached(comparison, looks, expected):
    assert fired(comparison, *looks) == expected
