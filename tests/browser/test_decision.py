"""The decision card, the alignment grid, the lists and the drawer in a real browser."""

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.journal.database import database_url
from core.journal.decision_reader import DecisionReader
from core.journal.errors import JournalError
from core.journal.overview import JournalOverview
from core.model.intervals import MINUTE_MS, Interval
from core.model.signal import Outcome
from tests.browser.conftest import Tab, tab
from tests.core.journal.builders import CALL, decision, key, opened, signal
from tests.ui.fakes import NOON_MS, World, world
from tests.ui.serving import Served, served
from ui.decision.feature import decision_feature_on
from ui.decision.reading import DecisionDesk

pytestmark = pytest.mark.browser
HOSTILE = (
    "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    "[click](javascript:document.title='owned') <a href='javascript:alert(1)'>link</a>"
)
BAR_MS = NOON_MS - 30 * MINUTE_MS


def written(path) -> None:
    """A traded bar of half an hour ago whose texts are hostile, and a refused one after it."""
    at = replace(key(), interval=Interval.M1, open_time_ms=BAR_MS)
    prompt = json.dumps([{"role": "system", "content": HOSTILE}])
    call = replace(CALL, prompt=prompt, answer=HOSTILE, verdict=HOSTILE)
    journal = opened(path)
    journal.record_evaluation(
        replace(decision(at), reason=HOSTILE, analyst_detail=HOSTILE),
        signal=replace(signal(at), reasons=(HOSTILE,)),
        calls=[call],
    )
    later = replace(at, open_time_ms=BAR_MS + MINUTE_MS)
    refused = replace(decision(later, Outcome.REFUSED), reason="cooldown: 8 minutes of 30")
    journal.record_decisions([replace(refused, analyst="timeout", analyst_detail=HOSTILE)])
    journal.close()


class Faulty:
    """A journal that can be made unreadable."""

    def __init__(self, reader: DecisionReader) -> None:
        self.reader = reader
        self.fault = False

    def open(self) -> "Faulty":
        return self

    def __getattr__(self, name: str) -> object:
        if self.fault:
            raise JournalError("disk I/O error")
        return getattr(self.reader, name)


@pytest.fixture(scope="module")
def serving(tmp_path_factory) -> Iterator[tuple[Served, Faulty, World]]:
    home = tmp_path_factory.mktemp("decision")
    written(home)
    url = database_url(home / "journal.db")
    market = world()
    signals = market.services.settings.signals.model_copy(update={"interval": Interval.M1})
    settings = market.services.settings.model_copy(update={"signals": signals})
    market = replace(market, services=replace(market.services, settings=settings))
    market.journal.signals = JournalOverview.open(url).recent_signals()
    journal = Faulty(DecisionReader.open(url))
    desk = DecisionDesk(market.services, journal.open)  # type: ignore[arg-type]
    feature = decision_feature_on(market.services, desk)
    with served(market, ticks_per_s=1.0, features=(feature,)) as server:
        yield server, journal, market


@pytest.fixture
def page(browser, serving) -> Iterator[Tab]:
    with tab(browser, serving[0].url) as opened_tab:
        yield opened_tab.load()
        assert opened_tab.complaints == []
        assert opened_tab.page.title() == "DeepSeek Trading Dashboard"


def test_the_card_says_why_nothing_was_traded_and_when_that_cannot_be_read(serving, page):
    card = page.page.locator("#decision-card")
    card.get_by_text("Refused: cooldown").wait_for()
    card.get_by_text("8 minutes of 30").wait_for()
    assert "No answer in time" in card.inner_text()
    assert "<script>" in card.inner_text()
    assert "(0/100)" in card.inner_text()
    card.get_by_text("Momentum, structure").click()
    card.get_by_text("turned up").wait_for()
    page.page.locator("#alignment-grid li").nth(5).wait_for()
    journal = serving[1]
    journal.fault = True
    try:
        card.locator(".alarm").get_by_text("disk I/O error").wait_for()
    finally:
        journal.fault = False
    card.get_by_text("turned up").wait_for()  # drawn again, and as unfolded as it was


def test_a_signal_opens_the_drawer_with_plain_text_and_moves_the_chart(page):
    page.page.locator("#interval").get_by_text("15m", exact=True).click()
    page.page.locator("#signals .ag-row .ag-cell").first.click()
    drawer = page.page.locator("#decision-drawer")
    drawer.get_by_role("heading", name="Votes and contributions").wait_for()
    drawer.get_by_text("Prompt", exact=True).click()
    assert drawer.locator("pre.decision-prompt").inner_text() == HOSTILE
    assert drawer.locator("pre.decision-answer").inner_text() == HOSTILE
    assert drawer.locator("script, img, a").count() == 0
    assert "rsi_14" in drawer.inner_text() or drawer.get_by_text("momentum: 1 known").count()
    page.page.locator("#decision-mark").wait_for(state="visible")
    assert page.plot("gd._fullLayout.meta.market") == "BTCUSDT|1m"
    below = page.page.locator(".header").bounding_box()
    assert drawer.bounding_box()["y"] >= below["y"] + below["height"] - 1
    from_ms, to_ms = page.plot("gd._fullLayout.xaxis.range.map((v) => gd._fullLayout.xaxis.r2l(v))")
    assert from_ms < BAR_MS < to_ms
    page.page.keyboard.press("Escape")
    drawer.wait_for(state="hidden")
    page.page.locator("#signals .ag-cell:focus, #tab-signals:focus").wait_for()


def test_all_evaluations_are_listed_and_open_by_keyboard(page):
    page.page.get_by_role("button", name="All evaluations").click()
    cell = page.page.locator("#decision-evaluations .ag-row .ag-cell").first
    page.page.locator("#decision-evaluations").get_by_text("refused").wait_for()
    cell.click()
    drawer = page.page.locator("#decision-drawer")
    drawer.get_by_text("No account entered on this candle.").wait_for()
    page.page.keyboard.press("Escape")
    drawer.wait_for(state="hidden")
    page.page.locator("#decision-evaluations .ag-cell:focus").press("Enter")
    drawer.get_by_text("No account entered on this candle.").wait_for()
    page.page.locator("#decision-drawer-close").click()
    drawer.wait_for(state="hidden")


def test_a_candle_before_those_drawn_is_loaded_and_shown(page):
    oldest = "gd.data.find((t) => t.type === 'candlestick').x[0]"
    page.page.locator("#decision-mark").wait_for(state="attached")
    first_ms = page.plot(oldest)
    wanted_ms = first_ms - 50 * MINUTE_MS
    # Another interval was chosen a moment before, of which nothing has come yet.
    page.page.evaluate(
        f"""() => {{
              dash_clientside.set_props('interval', {{ value: '15m' }});
              dash_clientside.chart.show('BTCUSDT', '1m', {wanted_ms});
            }}"""
    )
    page.page.locator("#decision-mark").wait_for(state="visible")
    assert page.plot("gd._fullLayout.meta.market") == "BTCUSDT|1m"
    assert page.plot(oldest) <= wanted_ms
