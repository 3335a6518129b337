"""The page of the real product, in a real browser, on the built-in exchange."""

import pytest

from tests.browser.conftest import tab
from tests.system.product import EASIER, PATIENCE_MS, Product, configured, until

pytestmark = [pytest.mark.simulator, pytest.mark.browser]


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    product = Product(folder / "home", configured(folder, EASIER), demo=True)
    started = product.run("demo")
    assert started.returncode == 0, started.stdout + started.stderr
    yield product
    product.end()


def test_a_newcomer_sees_the_market_move_and_can_use_the_page(demo, browser):
    with tab(browser, f"http://127.0.0.1:{demo.port}/") as opened:
        opened.page.set_default_timeout(PATIENCE_MS)
        opened.load()
        assert opened.page.title() == "DeepSeek Trading Dashboard"
        assert "Chart Overlays" in opened.text("body")
        opened.page.get_by_text("SIMULATED").first.wait_for()

        prices = set()
        until(
            lambda: prices.add(opened.text("#last-price-value")) or len(prices) > 3, what="prices"
        )
        number = opened.plot("gd._fullLayout.meta.number")
        until(lambda: opened.plot("gd._fullLayout.meta.number") > number, what="a closed bar")

        for interval in ("5m", "15m", "1h", "4h", "1d", "1m"):
            opened.page.locator("#interval").get_by_text(interval, exact=True).click()
            shown = f"gd._fullLayout.meta.market === 'BTCUSDT|{interval}' && gd.data[0].x.length"
            until(lambda s=shown: opened.plot(s), what=f"candles of {interval}")

        lines = "gd.data.filter((t) => t.name === 'Supertrend').length"
        box = opened.page.get_by_role("checkbox", name="Supertrend")
        until(lambda: opened.plot(lines) > 0, what="Supertrend")
        box.uncheck()
        until(lambda: opened.plot(lines) == 0, what="no Supertrend")
        box.check()

        until(lambda: demo.count("signals"), what="a signal")
        opened.page.locator("#signals .ag-center-cols-container .ag-row, .ag-row").first.wait_for()
        assert opened.complaints == []
        assert opened.hosts == {f"127.0.0.1:{demo.port}"}
