"""Every component that can be bad has advice, and a place in the guide that messages point to."""

import pytest

from core.config import REPOSITORY, Home
from ops.alarms.advice import ADVICE, GUIDE, advice
from ops.alarms.process_watch import ProcessWatch
from ops.alarms.role_alarms import SEEN_FROM_OUTSIDE
from ops.health.probes import Sources, open_health
from ops.processes import Role
from ops.supervisor import ChildNews, News
from tests.builders import settings
from tests.ui.fakes import world


def components(folder):
    services = world().services
    sources = Sources(settings(), Home(folder), services.feed, dict, serves_page=True)
    found = {rule.component for rule in open_health(sources).watch.rules} - SEEN_FROM_OUTSIDE
    watch = ProcessWatch({Role.ENGINE: 1, Role.DASHBOARD: 2})
    for role in (Role.ENGINE, Role.DASHBOARD, Role.SIMULATOR):
        watch.hear(ChildNews(role, News.STARTED), 0.0)
    return found | {finding.component for finding in watch.findings(0.0)}


def test_what_can_be_bad_has_advice_and_nothing_else_has(tmp_path):
    assert components(tmp_path) == set(ADVICE)


@pytest.mark.parametrize("component", sorted(ADVICE))
def test_the_guide_says_what_the_messages_say(component):
    guide = (REPOSITORY / GUIDE).read_text()
    assert f"\n### {component}\n\n{ADVICE[component]} " in guide
    assert advice(component).endswith(f"{GUIDE}#{component}")


def test_of_what_is_not_known_the_doctor_may_know():
    assert "doctor" in advice("another")
