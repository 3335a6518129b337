import sys

import pytest

import core.overlays
from core.overlays import load_overlays

GOOD = """
from core.overlays.supertrend import OVERLAY as SUPERTREND
from dataclasses import replace
OVERLAY = replace(SUPERTREND, key={key!r})
"""


@pytest.fixture
def planted(tmp_path, monkeypatch):
    """A folder whose modules count as overlays for one test."""
    monkeypatch.setattr(core.overlays, "__path__", [*core.overlays.__path__, str(tmp_path)])
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def test_each_overlay_is_found_under_its_key():
    overlays = load_overlays()
    assert "supertrend" in overlays
    assert all(key == overlay.key for key, overlay in overlays.items())


def test_the_collection_cannot_be_changed():
    with pytest.raises(TypeError):
        load_overlays()["mine"] = None


def test_a_new_module_is_an_overlay_at_once(planted):
    (planted / "zigzag.py").write_text(GOOD.format(key="zigzag"))
    assert list(load_overlays())[-1] == "zigzag"


def test_a_module_without_an_overlay_is_an_error_that_names_it(planted):
    (planted / "empty.py").write_text("")
    with pytest.raises(TypeError, match=r"core/overlays/empty\.py must define OVERLAY"):
        load_overlays()


def test_a_key_used_twice_is_an_error_that_names_it(planted):
    (planted / "twin.py").write_text(GOOD.format(key="supertrend"))
    with pytest.raises(ValueError, match=r"core/overlays/twin\.py reuses the key 'supertrend'"):
        load_overlays()
