"""How the analyst's view is combined with the rules'."""

from enum import StrEnum


class Policy(StrEnum):
    """Who decides on an entry; the risk gate has the last word under each."""

    RULES = "rules"
    """The rules alone; nobody is asked."""
    CONFIRM = "confirm"
    """The rules propose, the analyst vetoes or scales."""
    ANALYST = "analyst"
    """The analyst proposes, within limits that the rules set."""
