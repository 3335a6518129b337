"""The page Performance and its tabs in a real browser, on a journal that is really read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.config import Home
from core.journal.database import database_url
from core.journal.journal import Journal
from tests.browser.conftest import Tab, tab
from tests.browser.waiting import until
from tests.ui.fakes import world
from tests.ui.performance.history import months, trade, written
from tests.ui.serving import Served, served
from ui.performance.feature import performance_feature

pytestmark = pytest.mark.browser
EVIL = "<IMG>"
DRAWN = "[data-section=performance-equity] .performance-figure"


@pytest.fixture
def page(browser, tmp_path: Path) -> Iterator[tuple[Tab, Served, Home]]:
    trades, points = months()
    home = written(tmp_path, [*trades, trade(1, id=99_999, symbol=EVIL)], points)
    market = world()
    features = (performance_feature(market.services, home),)
    with served(market, features=features) as server, tab(browser, server.url) as opened:
        yield opened, server, home
        assert opened.complaints == []
        assert opened.hosts == {f"127.0.0.1:{server.port}"}


def row(opened: Tab, key: str):
    return opened.page.locator(f"tr[data-metric={key}]")


def test_figures_follow_the_filters_and_are_exported_as_they_are_shown(page):
    opened, server, _ = page
    opened.page.goto(f"{server.url}performance")
    row(opened, "closed_trades").get_by_text("241").wait_for()
    opened.page.locator(f"{DRAWN} .main-svg").first.wait_for()
    opened.page.locator("#performance-symbol").select_option("ETHUSDT")
    opened.page.get_by_text("Equity is of the whole account: choose all symbols").wait_for()
    main = opened.page.locator("#page-performance")
    main.get_by_role("button", name="Week").click()
    until(
        lambda: "2025-" in opened.text("#page-performance [data-performance-text=window]"), "week"
    )
    with opened.page.expect_download() as download:
        opened.page.get_by_role("link", name="Trades CSV").click()
    assert download.value.suggested_filename == "trades_week_ETHUSDT.csv"
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "ETHUSDT" in text
    assert "BTCUSDT" not in text
    opened.page.locator("#performance-since").fill("2025-06-01")
    opened.page.locator("#performance-symbol").select_option(EVIL)
    main.get_by_role("rowheader", name=EVIL, exact=True).wait_for()
    opened.page.reload()
    row(opened, "closed_trades").wait_for()
    assert opened.page.locator("#performance-symbol").input_value() == EVIL
    assert opened.page.locator("#performance-since").input_value() == "2025-06-01"


def test_a_formula_is_told_on_hover_and_by_the_keyboard(page):
    opened, server, _ = page
    opened.page.goto(f"{server.url}performance")
    about = opened.page.locator("#performance-about")
    row(opened, "profit_factor").get_by_role("button").hover()
    about.get_by_text("Money won / money lost").wait_for()
    row(opened, "win_rate").get_by_role("button").focus()
    about.get_by_text("result above 0").wait_for()
    opened.page.keyboard.press("Escape")
    about.wait_for(state="hidden")


def test_tabs_draw_when_they_are_shown_and_take_the_theme(page):
    opened, _, _ = page
    opened.load()
    opened.page.get_by_role("tab", name="Equity").click()
    figure = "#part-equity .performance-figure"
    opened.page.locator(f"{figure} .main-svg").first.wait_for()
    drawn = f"document.querySelector('{figure}')"
    names = opened.page.evaluate(
        f"{drawn}.data.filter((t) => t.showlegend !== false).map((t) => t.name)"
    )
    assert names == ["as traded", "rules alone", "random entries"]
    assert opened.page.evaluate(f"{drawn}.clientHeight > 60")
    opened.page.get_by_role("button", name="Dark or light theme").click()
    ground = f"{drawn}.layout.paper_bgcolor"
    until(lambda: opened.page.evaluate(ground) == "#ffffff", "the light palette")
    opened.page.get_by_role("tab", name="Calibration").click()
    opened.page.locator("#part-calibration .performance-figure .main-svg").first.wait_for()
    opened.page.locator("#part-calibration").get_by_role("button", name="random entries").click()
    opened.page.locator("#part-calibration").get_by_text("carry no confidence").wait_for()


def test_what_is_new_in_the_journal_is_shown_by_itself(page):
    opened, server, home = page
    opened.page.goto(f"{server.url}performance")
    row(opened, "closed_trades").get_by_text("241").wait_for()
    journal = Journal.open(database_url(home.database), migrate=False)
    journal.save_trades([trade(2, id=100_000, exit_ms=1_900_000_000_000)])
    journal.close()
    row(opened, "closed_trades").get_by_text("242").wait_for()  # read again by itself
