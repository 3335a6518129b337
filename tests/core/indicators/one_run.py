"""Indicators in one run over all of a series; overlays take parts of them run by run."""

from core.indicators.momentum import gains_and_losses, mean_of_changes, strength_of


def rsi(close, period=14):
    """Return the Relative Strength Index, shape ``(n,)``."""
    return strength_of(*(mean_of_changes(part, period) for part in gains_and_losses(close)))
