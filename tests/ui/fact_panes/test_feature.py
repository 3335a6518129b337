from ui.fact_panes.feature import fact_panes_feature
from ui.fact_panes.panel import tools
from ui.feature import Place
from ui.look import FactPane


def test_every_pane_has_a_switch_with_words():
    switches = tools().children
    keys = [getattr(switch, "data-fact") for switch in switches]
    assert keys == [pane.value for pane in FactPane]
    assert all(getattr(switch, "aria-label") and switch.title for switch in switches)


def test_the_feature_adds_switches_and_the_edges_of_panes():
    assert [part.place for part in fact_panes_feature().parts] == [Place.TOOLS, Place.CHART]
