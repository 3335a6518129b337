"""Which faults are active, whom they strike, and how often they did."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from random import Random
from typing import Generic, TypeVar

import msgspec

from core.simulator.faults.kinds import AnyFault, Fault, RandomFault

Kind = TypeVar("Kind", bound=Fault)
_CERTAIN = 2**64


@dataclass(slots=True, eq=False)
class Active(Generic[Kind]):
    """
    A fault that is going on.

    Attributes:
        until_s: When it ends by the monotonic clock; None when somebody ends it.
        struck: How often it did something.
        random: For what has no identity of its own, as requests have none.
    """

    id: int
    fault: Kind
    until_s: float | None
    random: Random
    struck: int = 0

    def strike(self) -> None:
        """Count one more."""
        self.struck += 1


class FaultBoard:
    """
    The faults of one exchange.

    Args:
        monotonic: Seconds that never run backwards.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._ids = count(1)
        self._active: dict[int, Active[Fault]] = {}

    @property
    def quiet(self) -> bool:
        """Whether no fault was started that has not ended; cheap, for every frame."""
        return not self._active

    def start(self, fault: AnyFault) -> Active[Fault]:
        """Begin a fault."""
        seed = fault.seed if isinstance(fault, RandomFault) else 0
        until_s = None if fault.seconds is None else self._monotonic() + fault.seconds
        active = Active[Fault](next(self._ids), fault, until_s, Random(seed))  # noqa: S311
        self._active[active.id] = active
        return active

    def end(self, fault_id: int) -> bool:
        """End a fault; False when there is none of this number."""
        return self._active.pop(fault_id, None) is not None

    def end_all(self) -> int:
        """End all faults and return how many there were."""
        ended = len(self._now())
        self._active.clear()
        return ended

    def of(self, kind: type[Kind]) -> list[Active[Kind]]:
        """Return the active faults of a kind, oldest first."""
        if not self._active:
            return []
        return [a for a in self._now() if isinstance(a.fault, kind)]  # type: ignore[misc]

    def listed(self) -> list[dict[str, object]]:
        """Return all active faults as JSON values, oldest first."""
        return [described(active) for active in self._now()]

    def _now(self) -> list[Active[Fault]]:
        now_s = self._monotonic()
        for active in tuple(self._active.values()):
            if active.until_s is not None and active.until_s <= now_s:
                del self._active[active.id]
        return list(self._active.values())


def described(active: Active[Fault]) -> dict[str, object]:
    """Write a fault as JSON values: its number, its parameters, how often it struck."""
    parameters: dict[str, object] = msgspec.to_builtins(active.fault)
    return {"id": active.id, **parameters, "struck": active.struck}


def strikes(fault: RandomFault, identity: str) -> bool:
    """Decide by what the thing is, not by when it came: the same frame is always struck."""
    return draw(fault, identity) < fault.share * _CERTAIN


def draw(fault: RandomFault, identity: str) -> int:
    """Return 64 bits that follow from the fault's seed and kind and from the identity."""
    text = f"{fault.seed}|{fault.kind}|{identity}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())
