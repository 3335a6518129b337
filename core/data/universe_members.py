"""Which symbols belong to the universe: arithmetic on what the exchange said."""

import math
from collections.abc import Collection, Mapping

from core.config import UniverseSettings
from core.model.instrument import Instrument

# A member leaves below this multiple of the last place and a newcomer is sure of its place above
# its inverse; in between whoever is in stays. Else those at the edge would come and go.
_SLACK = 1.2


def members(
    wanted: UniverseSettings,
    instruments: Mapping[str, Instrument],
    volumes: Mapping[str, float],
    current: Collection[str],
) -> tuple[str, ...]:
    """
    Return the perpetuals of a universe, those with the largest volume first.

    Args:
        wanted: Quote asset and number.
        instruments: Rules by symbol.
        volumes: Of 24 h in quote currency; a symbol without one had none.
        current: Those that are members now.
    """
    ranked = sorted(
        (
            instrument.symbol
            for instrument in instruments.values()
            if instrument.is_perpetual
            and instrument.has_market
            and wanted.quote in {None, instrument.quote}
        ),
        key=lambda symbol: (-volumes.get(symbol, 0.0), symbol),
    )
    if wanted.top_by_volume is None:
        return tuple(ranked)
    sure = math.floor(wanted.top_by_volume / _SLACK)
    reach = math.ceil(wanted.top_by_volume * _SLACK)
    edge = sorted(ranked[sure:reach], key=lambda symbol: symbol not in current)
    chosen = {*ranked[:sure], *edge[: wanted.top_by_volume - sure]}
    return tuple(symbol for symbol in ranked if symbol in chosen)
