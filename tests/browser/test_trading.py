"""Trading by hand in a real browser: on a market of fakes, and once on the whole product."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.config import Home
from core.journal.commands import Effects
from core.journal.database import database_url
from core.journal.journal import Journal
from core.journal.reader import JournalReader
from core.model.command import Command, CommandState, MoveLevels, PauseSymbol
from core.model.engine_report import EngineReport
from core.model.intervals import Interval
from core.model.source import Source
from core.model.trade import Trade
from tests.browser.conftest import Tab, tab
from tests.browser.waiting import until
from tests.system.product import Exchange, Product
from tests.ui.fakes import world
from tests.ui.serving import served
from tests.ui.trading.test_valuation import OPEN
from ui.access.access import Access
from ui.access.action_token import ActionToken
from ui.access.server_key import ServerKey
from ui.composition import features

pytestmark = pytest.mark.browser
STOP = ".trading-line.stop .trading-label[role=slider]"
ROW = "#trading-open tbody tr"
_SPEED = 12.0
"""A minute in five seconds: a page on a busy machine redraws no faster than that."""


@dataclass
class Desk:
    """A page with one open trade, and the test in the place of the engine."""

    opened: Tab
    journal: Journal
    reader: JournalReader
    trade: Trade

    def asked(self) -> Command:
        until(self.reader.waiting_commands, "a command")
        command = self.reader.waiting_commands()[0].command
        assert command is not None
        return command

    def answer(self, state: CommandState, words: str, effects: Effects | None = None) -> None:
        number = self.reader.waiting_commands()[0].id
        self.journal.settle_command(number, state, words, effects or Effects())

    def level(self) -> float:
        return float(self.opened.page.locator(STOP).get_attribute("aria-valuenow") or "nan")

    def drag(self, pixels: int) -> None:
        mouse, box = self.opened.page.mouse, self.opened.page.locator(STOP).bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        mouse.move(x, y)
        mouse.down()
        mouse.move(x, y + pixels / 2)
        mouse.move(x, y + pixels)
        mouse.up()


@pytest.fixture
def desk(browser, tmp_path: Path) -> Iterator[Desk]:
    market, home, actions = world(), Home(tmp_path), ActionToken()
    url = database_url(home.database)
    journal = Journal.open(url)
    price = market.store.series["BTCUSDT", Interval.M1].close[-1]
    entry = round(float(price), 1)
    trade = replace(
        OPEN, id=1, entry_price=entry, stop=round(entry * 0.9985, 1), target=entry * 1.2
    )
    journal.save_trades([trade])
    report = EngineReport(1, "LIVE", 0.1, 0, "nobody", 10_000.0, 1)
    journal.set_control("engine", report.to_json(), 0)
    access = Access(market.services.settings.dashboard, ServerKey(tmp_path / "session.key"))
    parts = features(market.services, home, actions, access)
    with (
        served(market, ticks_per_s=1.0, features=parts, actions=actions) as server,
        tab(browser, server.url) as opened,
    ):
        opened.load()
        opened.page.locator(STOP).wait_for()
        server.ticks_per_s = 0.0  # only what a test does moves a line
        opened.keep_toasts()
        yield Desk(opened, journal, JournalReader.open(url), trade)
        assert opened.complaints == []
    journal.close()


def test_a_stop_is_dragged_and_asked_about_before_it_is_moved(desk):
    page, before = desk.opened.page, desk.trade.stop
    question = page.locator("#trading-question")
    desk.drag(40)
    question.get_by_text("Move the stop to").wait_for()
    assert desk.level() < before
    page.keyboard.press("Escape")
    question.wait_for(state="hidden")
    assert desk.level() == before
    assert desk.reader.waiting_commands() == ()

    page.locator(STOP).focus()
    page.keyboard.press("ArrowUp")
    until(lambda: desk.level() > before, "the stop one step nearer")
    wanted = desk.level()
    page.keyboard.press("Enter")
    assert desk.asked() == MoveLevels(1, stop=wanted)
    moved = replace(desk.trade, moved_ms=1, moved_stop=wanted)
    desk.answer(CommandState.DONE, "it is moved", Effects(changed=(moved,)))
    question.wait_for(state="hidden")
    page.get_by_text("it is moved.").first.wait_for()
    until(lambda: desk.level() == wanted, "the level is where it was put")


def test_a_refused_move_goes_back_with_the_reason(desk):
    page, before = desk.opened.page, desk.trade.stop
    desk.drag(30)
    page.get_by_role("button", name="Move", exact=True).click()
    assert isinstance(desk.asked(), MoveLevels)
    desk.answer(CommandState.REFUSED, "too much would be at risk there")
    page.locator("#trading-question").get_by_text("too much would be at risk").wait_for()
    assert desk.level() == before


def test_the_form_reckons_and_says_what_the_gate_would_refuse(desk):
    page = desk.opened.page
    page.locator("#trading-open-form").click()
    page.locator("#trading-said").get_by_text("Still needed: stop, target").wait_for()
    entry = desk.trade.entry_price or 0.0
    page.locator("[data-pick=stop]").click()
    box = page.locator("#chart-box").bounding_box()
    assert box is not None
    pane = page.evaluate(
        "(() => { const { left, top, width, height } = dash_clientside.chart.place();"
        " return { x: left + width / 2, y: top + height - 4 }; })()"
    )
    page.mouse.click(box["x"] + pane["x"], box["y"] + pane["y"])
    until(lambda: page.locator("#trading-stop").input_value(), "a stop from the chart")
    page.locator("#trading-target").fill(f"{entry * 1.1:.1f}")
    page.locator("#trading-said").get_by_text("pending or open trade").wait_for()
    page.locator("#trading-quote").get_by_text("Loss at the stop").wait_for()
    assert page.locator("#trading-enter").is_disabled()
    page.keyboard.press("Escape")
    page.locator("#trading-form").wait_for(state="hidden")


def test_a_symbol_is_paused_from_the_toolbar(desk):
    page = desk.opened.page
    page.get_by_role("button", name="Pause BTCUSDT").click()
    assert desk.asked() == PauseSymbol("BTCUSDT")
    report = EngineReport(2, "LIVE", 0.1, 0, "nobody", 10_000.0, 1, paused=("BTCUSDT",))
    desk.journal.set_control("engine", report.to_json(), 0)
    desk.answer(CommandState.DONE, "BTCUSDT is paused")
    page.get_by_role("button", name="BTCUSDT paused").wait_for()


@pytest.mark.simulator
def test_a_trade_by_hand_from_its_entry_to_its_end(browser, tmp_path: Path):
    with Exchange(tmp_path, speed=_SPEED) as exchange:
        product = Product(tmp_path, exchange.urls)
        started = product.run("start")
        try:
            assert started.returncode == 0, started.stdout + started.stderr
            with tab(browser, f"http://127.0.0.1:{product.port}/") as opened:
                opened.load()
                _trade(opened, product)
                assert opened.complaints == []
        finally:
            product.end()


def _trade(opened: Tab, product: Product) -> None:
    page = opened.page
    page.locator("#tab-trades").click()
    page.locator("#trading-open-form").click()
    last = float(str(page.evaluate("dash_clientside.chart.last()[4]")))
    page.locator("#trading-stop").fill(f"{last * 0.95:.1f}")
    page.locator("#trading-target").fill(f"{last * 1.2:.1f}")
    page.locator("#trading-enter:not([disabled])").click()
    page.locator("#trading-said.good").wait_for()
    page.locator("#trading-close-form").click()
    row = page.locator(ROW).filter(has_text="by hand").first
    row.get_by_text("open", exact=True).wait_for()

    row.get_by_role("button", name="Move").click()
    wanted = round(last * 0.96, 1)
    row.locator("[data-level=stop]").fill(str(wanted))
    row.get_by_role("button", name="Save").click()
    by_hand = f"FROM trades WHERE source = '{Source.HAND.value}'"
    query = f"SELECT stop {by_hand} AND part_of IS NULL"
    until(lambda: product.rows(query) == [(wanted,)], "the moved stop")

    row.get_by_role("combobox").select_option("50")
    row.get_by_role("button", name="Close half").click()
    parts = f"SELECT status {by_hand} AND part_of IS NOT NULL"
    until(lambda: product.rows(parts) == [("closed",)], "half of it closed")
    page.locator("body:not([data-trading-busy])").wait_for()  # meanwhile buttons rest
    row.get_by_role("combobox").select_option("100")
    row.get_by_role("button", name="Close", exact=True).click()
    whole = f"SELECT status, exit_reason {by_hand} AND part_of IS NULL"
    until(lambda: product.rows(whole) == [("closed", "by_hand")], "the rest closed")
    page.locator("#trading-show-closed").click()
    page.locator("#trading-closed .ag-row").filter(has_text="by hand").nth(1).wait_for()
