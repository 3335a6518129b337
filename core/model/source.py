"""Whose trades are meant: of the account that is traded, or of one that only shadows it."""

from enum import StrEnum
from types import MappingProxyType


class Source(StrEnum):
    """A paper account, by what decides its entries. All have the same exits, costs and gate."""

    POLICY = "policy"
    """What the configured policy decides: the account people mean."""
    RULES = "rules"
    """What the rules alone would have done; the analyst has no say."""
    RANDOM = "random"
    """Entries by seeded chance: what is left of a result when nobody thinks."""
    HAND = "hand"
    """What a person enters: apart from the policy's, so that neither colours the other."""


SHADOWS = (Source.RULES, Source.RANDOM)

BY_PEOPLE = (Source.HAND, Source.POLICY)
"""Accounts whose trades a person may close and whose levels a person may move."""

SOURCE_WORDS = MappingProxyType(
    {
        Source.POLICY: "as traded",
        Source.RULES: "rules alone",
        Source.RANDOM: "random entries",
        Source.HAND: "by hand",
    }
)
