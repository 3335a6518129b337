"""Component ids of decisions; ``verdict_*.js`` spells the same."""

from typing import Final

TOLD: Final = "decision-told"
"""The latest evaluation, as `ui.decision.card_words` tells it."""
CARD: Final = "decision-card"
ALIGNMENT_TOLD: Final = "alignment-told"
ALIGNMENT: Final = "alignment-grid"
DRAWER: Final = "decision-drawer"
DRAWER_BODY: Final = "decision-drawer-body"
DRAWER_TITLE: Final = "decision-drawer-title"
DRAWER_CLOSE: Final = "decision-drawer-close"
MARK: Final = "decision-mark"
