"""The dashboard's metrics: open on loopback, behind the login where there is one."""

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from core.config import Home
from core.config.password_hash import PasswordHash
from core.data.cache_statistics import Tier
from deepseek.call_tally import CallTally
from ops.metrics_export.of_dashboard import DashboardSources, dashboard_exposition
from tests.ui.asked import ask
from tests.ui.fakes import world
from ui.access.access import Access
from ui.app import create_app

TOKEN = "0123456789abcdefghijklmnop"  # noqa: S105 - of these tests


def metrics_over(services, home):
    def metrics(live):
        return dashboard_exposition(
            DashboardSources(
                home=home,
                feed=services.feed,
                reads=lambda: dict.fromkeys(Tier, (1, 0)),
                costs=live.costs,
                chat=CallTally(),
                findings=services.health.watch.findings,
            )
        )

    return metrics


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    services = world().services
    word = PasswordHash.of("a long word", cost=1 << 14, parallel=1).line
    changes = {"password_hash": SecretStr(word), "token": SecretStr(TOKEN)}
    access = Access(services.settings.dashboard.model_copy(update=changes))
    home = Home(tmp_path_factory.mktemp("home"))
    return create_app(services, access=access, metrics=metrics_over(services, home))


def bearer(token):
    return [("authorization", f"Bearer {token}")]


def test_metrics_are_told_in_the_format_that_is_read(guarded):
    told = ask(guarded, "/metrics", headers=bearer(TOKEN))
    assert told.status == 200
    assert told.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    found = {family.name: family for family in text_string_to_metric_families(told.text)}
    assert found["trading_feed_state"].samples
    assert {s.value for s in found["trading_scrape_failures"].samples} == {0.0}
    assert TOKEN not in told.text
    assert "scrypt" not in told.text


def test_with_a_password_metrics_are_for_who_is_let_in(guarded):
    assert ask(guarded, "/metrics").status == 401
    assert ask(guarded, "/metrics", headers=bearer(TOKEN[::-1])).status == 401
