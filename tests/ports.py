"""Ports for what is started later than it is given its port."""

import secrets

from ops.ports import lasting_port

# Above those of the product, and below what systems give to whoever asks for any port and to
# outgoing connections: nobody gets one of these by chance before it is listened on.
PORTS = range(20_000, 32_000)


def unclaimed_port(*avoid: int) -> int:
    """Return a loopback port that is free, and will be in a minute, and after its owner's end."""
    return lasting_port(secrets.randbelow(len(PORTS)), avoid, PORTS)
