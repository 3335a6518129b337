"""How often a password may be tried: by one client, and by all together."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_CLIENT_BURST, _CLIENT_EVERY_S = 5, 60.0
_TOTAL_BURST, _TOTAL_EVERY_S = 30, 10.0
_CLIENTS_KEPT = 1000  # of more, the one unheard of for longest is forgotten; the total still holds
_SITE_BITS = 64  # of an IPv6 address: a household has all that lie below
_HERE = "this machine"  # by whatever loopback address: there are 16 million of them
_SAID_TO_BE_HERE = "a proxy's word for this machine"


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
        bound = [own] if key == _HERE else [own, self._total]
        wait_s = max(allowance.wait_s(now_s) for allowance in bound)
        if wait_s == 0.0:
            for allowance in bound:
                allowance.left -= 1.0
        return wait_s

    def succeeded(self, client: str) -> None:
        """Forget the failures of a client that knew the password."""
        self._clients.pop(_site(client), None)


def client_of(host: str, port: int) -> str:
    """
    Return whom an attempt is counted for.

    Args:
        host: The address of whoever asks.
        port: 0 where a proxy told the address, as uvicorn does it: one that passes on what it
            was given may have been told anything, and this machine is not to be believed.
    """
    return _SAID_TO_BE_HERE if port == 0 and _site(host) == _HERE else host


def _site(client: str) -> str:
    """Return what counts as one client."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    mapped = None if isinstance(address, ipaddress.IPv4Address) else address.ipv4_mapped
    plain = mapped or address
    if plain.is_loopback:
        return _HERE
    if isinstance(plain, ipaddress.IPv4Address):
        return str(plain)
    return str(ipaddress.ip_network((int(plain), _SITE_BITS), strict=False))
