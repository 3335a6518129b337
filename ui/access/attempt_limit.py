"""How often a password may be tried: by one client, and by all together."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_CLIENT_BURST, _CLIENT_EVERY_S = 5, 60.0
_TOTAL_BURST, _TOTAL_EVERY_S = 30, 10.0
_CLIENTS_KEPT = 1000  # of more, the one unheard of for longest is forgotten; the total still holds
_SITE_BITS = 64  # of an IPv6 address: a household has all that lie below


@dataclass(slots=True)
class _Allowance:
    """Attempts that are left, and since when that many."""

    burst: int
    every_s: float
    left: float
    at_s: float

    def wait_s(self, now_s: float) -> float:
        """Seconds until one is left."""
        self.left = min(self.burst, self.left + (now_s - self.at_s) / self.every_s)
        self.at_s = now_s
        return max(0.0, (1.0 - self.left) * self.every_s)


class AttemptLimit:
    """
    Counts attempts whatever comes of them; a success gives its client's back.

    The total does not hold for this machine itself: strangers cannot lock its owner out.

    Args:
        monotonic: Seconds that never jump.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._clients: OrderedDict[str, _Allowance] = OrderedDict()
        self._total = _Allowance(_TOTAL_BURST, _TOTAL_EVERY_S, _TOTAL_BURST, monotonic())

    def attempt(self, client: str) -> float:
        """Take an attempt of a client's address: 0, or the seconds until there is one again."""
        key, now_s = _site(client), self._monotonic()
        own = self._clients.get(key)
        if own is None:
            own = self._clients[key] = _Allowance(
                _CLIENT_BURST, _CLIENT_EVERY_S, _CLIENT_BURST, now_s
            )
        self._clients.move_to_end(key)
        while len(self._clients) > _CLIENTS_KEPT:
            self._clients.popitem(last=False)
        bound = [own] if _is_loopback(key) else [own, self._total]
        wait_s = max(allowance.wait_s(now_s) for allowance in bound)
        if wait_s == 0.0:
            for allowance in bound:
                allowance.left -= 1.0
        return wait_s

    def succeeded(self, client: str) -> None:
        """Forget the failures of a client that knew the password."""
        self._clients.pop(_site(client), None)


def _site(client: str) -> str:
    """Return what counts as one client."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv4Address) or address.is_loopback:
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((int(address), _SITE_BITS), strict=False))


def _is_loopback(site: str) -> bool:
    try:
        return ipaddress.ip_address(site).is_loopback
    except ValueError:
        return False
