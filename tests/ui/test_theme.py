import re
from dataclasses import asdict
from pathlib import Path

import pytest

from ui.look import Theme
from ui.theme import FONT, palette_of

CSS = (Path(__file__).parents[2] / "ui" / "assets" / "theme.css").read_text()
READ = ("text", "muted", "up", "down", "neutral", "accent", "warning", "critical")
LINES = ("first", "second", "third")


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(a, b):
    """WCAG 2.2, contrast ratio."""
    lighter, darker = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", Theme)
def test_figures_and_style_sheet_use_one_palette(theme):
    blocks = CSS.split(':root[data-theme="light"]')
    block = blocks[1] if theme is Theme.LIGHT else blocks[0]
    assert dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", block)) == asdict(palette_of(theme))
    assert FONT in CSS


@pytest.mark.parametrize("theme", Theme)
def test_text_in_any_role_is_readable_on_any_surface(theme):
    palette = palette_of(theme)
    for role in READ:
        for surface in (palette.ground, palette.panel, palette.raised):
            assert _contrast(getattr(palette, role), surface) >= 4.5, (role, surface)


@pytest.mark.parametrize("theme", Theme)
def test_lines_of_a_chart_stand_out_from_its_ground(theme):
    palette = palette_of(theme)
    for role in LINES:
        assert _contrast(getattr(palette, role), palette.panel) >= 3.0, role
