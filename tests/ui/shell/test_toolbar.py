from dash import html

from ui.feature import Part, Place
from ui.shell.toolbar import toolbar


def part(key, order, title=""):
    return Part(Place.TOOLS, key, html.Span, title, order)


def ids_of(component):
    return [getattr(child, "id", None) for child in component.children]


def test_what_changes_the_look_of_the_chart_is_in_the_menu_and_a_bar_has_a_row_of_its_own():
    bar = toolbar([part("draw", 10), part("scale", 40, "Scale"), part("bar", 99)])
    assert ids_of(bar) == ["part-draw", "tools-more", "tools-menu", "part-bar"]
    menu = bar.children[2]
    assert ids_of(menu) == ["part-scale"]
    assert getattr(menu.children[0], "data-caption") == "Scale"


def test_without_parts_there_is_neither_a_menu_nor_a_bar():
    assert toolbar([]).hidden
    assert toolbar([part("draw", 10)]).children[0].id == "part-draw"
    assert len(toolbar([part("draw", 10)]).children) == 1
