"""All votes, in the order in which their contributions are summed."""

from collections.abc import Mapping
from types import MappingProxyType

from core.model.signal import Layer
from core.signals.votes.alignment import ALIGNMENT
from core.signals.votes.filters import FILTERS
from core.signals.votes.flow import FLOW
from core.signals.votes.momentum import MOMENTUM
from core.signals.votes.opinion import FilterRule, VoteRule
from core.signals.votes.trend import TREND

DIRECTIONAL: tuple[VoteRule, ...] = (*TREND, *MOMENTUM, *FLOW, *ALIGNMENT)
"""They speak for a side."""

OPPOSING: tuple[FilterRule, ...] = FILTERS
"""They speak against the side that the others lean to; told last."""

VOTE_LAYERS: Mapping[str, Layer] = MappingProxyType(
    {rule.name: rule.layer for rule in DIRECTIONAL} | {rule.name: rule.layer for rule in OPPOSING}
)
"""Layer by name of the vote; no name is used twice."""
