"""What somebody meant who wrote the name of a symbol that does not exist."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

_NAMED = 3
_LEAST_LIKENESS = 0.72
_SHORTEST_BEGINNING = 2
# Contracts on many of a cheap coin carry the number in front: 1000PEPEUSDT, 1MBABYDOGEUSDT.
_MULTIPLE = re.compile(r"^(1000+|1M)(?=[^\d])")
# How other venues write the same: BTC-USDT, BTC_USDT, BTCUSDT.P, BTCUSD_PERP, BTC-USDT-SWAP.
_DECORATION = re.compile(r"([-_/:.](PERP|SWAP|P)$)|[-_/:]")
_ALIAS = {"XBT": "BTC", "XDG": "DOGE"}


def nearest_symbols(name: str, symbols: Iterable[str]) -> tuple[str, ...]:
    """
    Return up to three of ``symbols`` that ``name`` may stand for, the likeliest first.

    Equally likely ones stay in the order given.
    """
    wanted = _plain(name)
    scored = [(_likeness(wanted, _plain(symbol)), symbol) for symbol in symbols]
    likely = sorted((pair for pair in scored if pair[0] >= _LEAST_LIKENESS), key=lambda p: -p[0])
    return tuple(symbol for _, symbol in likely[:_NAMED])


def _plain(name: str) -> str:
    text = _MULTIPLE.sub("", _DECORATION.sub("", name.upper()))
    for alias, coin in _ALIAS.items():
        if text.startswith(alias):
            return coin + text.removeprefix(alias)
    return text


def _likeness(wanted: str, known: str) -> float:
    """Similarity, 0 to 1; that one name begins the other counts for much."""
    if known.startswith(wanted) and len(wanted) >= _SHORTEST_BEGINNING:
        return 0.9 + 0.1 * len(wanted) / len(known)
    matcher = SequenceMatcher(None, known, wanted, autojunk=False)
    if matcher.real_quick_ratio() < _LEAST_LIKENESS:
        return 0.0
    return matcher.ratio()
