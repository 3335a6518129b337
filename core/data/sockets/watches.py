"""The streams of one socket: what is wanted there and what is counted of each."""

import json
from collections.abc import Iterable

from core.data.sockets.health import Link, StreamWatch
from core.data.sockets.plan import Route


class Watches:
    """
    Shared by the connections that serve a socket one after another.

    Attributes:
        by_name: In the order of subscribing.
        by_wire_name: The same under the bytes that a frame may carry.
    """

    def __init__(self, route: Route) -> None:
        self.link = Link(route)
        self.by_name: dict[str, StreamWatch] = {}
        self.by_wire_name: dict[bytes, StreamWatch] = {}

    def want(self, streams: Iterable[str]) -> None:
        """Make these the streams of the socket; what is known of those that stay is kept."""
        known = dict(self.by_name)
        self.by_name.clear()
        self.by_wire_name.clear()
        for name in streams:
            watch = known.get(name) or StreamWatch(name, self.link)
            self.by_name[name] = watch
            self.by_wire_name[name.encode()] = watch
            self.by_wire_name[json.dumps(name)[1:-1].encode()] = watch

    def names(self) -> frozenset[str]:
        """Return what is wanted."""
        return frozenset(self.by_name)

    def lost(self, reason: str, *, silent: bool) -> None:
        """Note that no connection serves them any more."""
        self.link.down(reason, silent=silent)
        for watch in self.by_name.values():
            watch.lost()
