"""Which overlays to look at in this kind of market, and which to spare the machine."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.model.regime import Regime
from core.model.regime_fit import FITS, REGIME_LABELS, Fit

COSTLY_MS = 5.0
"""As long as everything together may take from a closed candle to its features."""
COSTLY_SHARE = 0.4
_SHARED_BY_AT_LEAST = 3
"""A share says something only among this many: one of two always has half."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """
    What to enable and what to disable.

    Attributes:
        enable, disable: Overlay keys, in the order of the titles; the others are a matter
            of taste.
        text: The same in words, with the reason where that is what it costs.
    """

    regime: Regime
    enable: tuple[str, ...]
    disable: tuple[str, ...]
    text: str


def recommendation(
    regime: Regime, costs: Mapping[str, float], titles: Mapping[str, str]
) -> Recommendation:
    """
    Weigh what each overlay is worth in ``regime`` against what it costs.

    One that serves is recommended, whatever it costs. One that misleads is advised against.
    One that is of little use is advised against only where it is dear: more than
    `COSTLY_MS`, or more than `COSTLY_SHARE` of all.

    Args:
        regime: Of the market that is looked at.
        costs: Milliseconds by overlay key, at the 95th percentile of measured computations;
            overlays that were not measured are absent.
        titles: What may be enabled, by overlay key.
    """
    label = REGIME_LABELS[regime]
    if regime is Regime.UNKNOWN:
        return Recommendation(regime, (), (), f"Regime: {label.lower()}.")
    worth = {key: FITS[regime].get(key, Fit.MARGINAL) for key in titles}
    dear = {
        key: costs[key]
        for key, fit in worth.items()
        if fit is Fit.MARGINAL and key in costs and _too_dear(costs[key], costs)
    }
    serves = tuple(key for key, fit in worth.items() if fit is Fit.SERVES)
    misleads = tuple(key for key, fit in worth.items() if fit is Fit.MISLEADS)
    text = [f"{label}:"]
    if serves:
        text.append(f"enable {_listed(serves, titles)};")
    if misleads:
        text.append(f"disable {_listed(misleads, titles)}, misleading here;")
    text.extend(
        f"switch off {titles[key]}, of little use here for {cost:.1f} ms "
        f"({_share(cost, costs):.0%} of all overlays);"
        for key, cost in dear.items()
    )
    disable = tuple(key for key in titles if key in misleads or key in dear)
    return Recommendation(regime, serves, disable, " ".join(text).rstrip(":;") + ".")


def _too_dear(cost: float, costs: Mapping[str, float]) -> bool:
    many = len(costs) >= _SHARED_BY_AT_LEAST
    return cost > COSTLY_MS or (many and _share(cost, costs) > COSTLY_SHARE)


def _share(cost: float, costs: Mapping[str, float]) -> float:
    total = math.fsum(costs.values())
    return cost / total if total > 0.0 else 0.0


def _listed(keys: tuple[str, ...], titles: Mapping[str, str]) -> str:
    return ", ".join(titles[key] for key in keys)
