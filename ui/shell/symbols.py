"""The symbols that can be chosen: what is followed, and what would be once it is shown."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.model.instrument import Instrument

FOLLOWED = "Followed"
LISTED = "All perpetuals: followed while shown"


def symbol_options(
    followed: Sequence[str], instruments: Mapping[str, Instrument], shown: str = ""
) -> list[dict[str, Any]]:
    """
    Return the options of the search, in two groups.

    Args:
        followed: What the feed follows, in its order.
        instruments: All that the exchange lists; empty before it was asked.
        shown: What the page shows: a choice that is no option would vanish without a word.
    """
    first = list(dict.fromkeys((*followed, shown) if shown else followed))
    others = listed_symbols(instruments)
    rest = [symbol for symbol in others if symbol not in set(first)]
    groups = [{"group": FOLLOWED, "items": first}]
    return [*groups, {"group": LISTED, "items": rest}] if rest else groups


def listed_symbols(instruments: Mapping[str, Instrument]) -> list[str]:
    """Return the perpetuals that trade, by name; those in USDT first."""
    found = [i for i in instruments.values() if i.is_perpetual and i.has_market]
    return [i.symbol for i in sorted(found, key=lambda i: (i.quote != "USDT", i.symbol))]
