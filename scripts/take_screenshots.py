"""Take the pictures of docs/guide.md from a dashboard that runs, best a demo of some minutes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from playwright.sync_api import Page

WIDTH, HEIGHT = 1600, 1000
_PATIENCE_MS = 60_000
_SETTLE_MS = 4_000
_OVERLAYS = ("Liquidity Zones", "Supertrend", "Chandelier Exit", "Timeframe Alignment")
_BROWSER = Path("/usr/bin/chromium")


@dataclass(frozen=True, slots=True)
class Picture:
    """
    Attributes:
        path: Address on the dashboard.
        prepare: Brings the page into the state that is shown.
    """

    name: str
    path: str
    prepare: "Callable[[Page], None]"


def main(
    url: Annotated[str, typer.Option(help="Of the dashboard.")] = "http://127.0.0.1:8050",
    out: Annotated[Path, typer.Option(help="Folder the pictures go to.")] = Path("docs/images"),
    browser: Annotated[Path, typer.Option(help="A Chromium.")] = _BROWSER,
) -> None:
    """Write one PNG per picture of the guide."""
    try:
        from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415 - developers have it
    except ImportError:
        typer.echo("Playwright is missing: run `make check` once, it sets it up.", err=True)
        raise typer.Exit(1) from None
    out.mkdir(parents=True, exist_ok=True)
    try:
        with sync_playwright() as playwright:
            flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
            running = playwright.chromium.launch(executable_path=str(browser), args=flags)
            with typer.progressbar(PICTURES, label="Pictures") as pictures:
                for picture in pictures:
                    page = running.new_page(viewport={"width": WIDTH, "height": HEIGHT})
                    page.set_default_timeout(_PATIENCE_MS)
                    page.goto(url + picture.path)
                    picture.prepare(page)
                    page.wait_for_timeout(_SETTLE_MS)  # colours fade in, figures follow
                    page.screenshot(path=out / f"{picture.name}.png")
                    page.close()
            running.close()
    except Error as error:
        typer.echo(f"No picture: {str(error).splitlines()[0]}", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"{len(PICTURES)} pictures in {out}")


def _chart(page: "Page") -> None:
    page.locator("#price-chart .main-svg").first.wait_for()
    page.locator("#feed-state.good").wait_for()


def _dashboard(page: "Page") -> None:
    _chart(page)
    for name in _OVERLAYS:
        page.get_by_label(name, exact=True).check()


def _decision(page: "Page") -> None:
    _chart(page)
    page.locator("#signals .ag-row").first.click()
    page.locator("#decision-drawer").wait_for()


def _trading(page: "Page") -> None:
    _chart(page)
    page.locator("#tab-trades").click()
    page.keyboard.press("e")


def _paper(page: "Page") -> None:
    page.locator(".paper:visible .section").first.wait_for()


PICTURES = (
    Picture("dashboard", "/", _dashboard),
    Picture("decision", "/", _decision),
    Picture("trading", "/", _trading),
    Picture("performance", "/performance", _paper),
    Picture("system", "/system", _paper),
)

if __name__ == "__main__":
    typer.run(main)
