import re
from dataclasses import asdict
from pathlib import Path

from ui.theme import DARK, FONT

CSS = (Path(__file__).parents[2] / "ui" / "assets" / "theme.css").read_text()


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(a, b):
    """WCAG 2.2, contrast ratio."""
    lighter, darker = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_figures_and_style_sheet_use_one_palette():
    assert dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", CSS)) == asdict(DARK)
    assert FONT in CSS


def test_text_in_any_role_is_readable_on_any_surface():
    for role in ("text", "muted", "up", "down", "neutral", "accent", "warning", "critical"):
        for surface in (DARK.ground, DARK.panel, DARK.raised):
            assert _contrast(getattr(DARK, role), surface) >= 4.5, (role, surface)
