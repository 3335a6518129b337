import pytest

from core.config.operations import AlarmSettings
from core.model.health import Level
from ops.alarms.policy import Policy, QuietHours


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ("22:00-07:00", (22 * 60, 0, 7 * 60 - 1), (7 * 60, 12 * 60, 22 * 60 - 1)),
        ("01:30-02:00", (90, 119), (89, 120)),
        ("08:00-08:00", (), (0, 480, 1439)),
    ],
)
def test_quiet_hours_include_their_first_minute_and_not_their_last(hours, inside, outside):
    quiet = QuietHours.parse(hours)
    assert all(quiet.include(minute) for minute in inside)
    assert not any(quiet.include(minute) for minute in outside)


def test_the_policy_is_that_of_the_configuration():
    settings = AlarmSettings(
        least="critical", repeat_minutes=7, quiet_hours="22:00-07:00", quiet_critical=False
    )
    wanted = Policy(Level.CRITICAL, 420_000, QuietHours(1320, 420), quiet_critical=False)
    assert Policy.of(settings) == wanted
    assert Policy.of(AlarmSettings()).quiet is None
