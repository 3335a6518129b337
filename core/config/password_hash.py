"""The page's password as it is kept: salted and made slow to guess, never the word itself."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Final, Self

SHORTEST: Final = 10
LONGEST: Final = 256
"""Characters of a password."""

# Source: the OWASP Password Storage Cheat Sheet, scrypt with 32 MiB.
_COST: Final = 1 << 15
_BLOCK: Final = 8
_PARALLEL: Final = 3
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
_LEAST_COST, _HIGHEST_COST = 1 << 14, 1 << 18
_HIGHEST_BLOCK, _HIGHEST_PARALLEL = 16, 8
_LINE: Final = re.compile(
    r"scrypt:([0-9]{1,7}):([0-9]{1,2}):([0-9]):((?:[0-9a-f]{2}){16,64}):((?:[0-9a-f]{2}){32})"
)
_WANTED: Final = "a line that `python main.py password` printed: scrypt:..."
_SPARE_BYTES: Final = 1 << 20  # what OpenSSL needs besides 128 * cost * block


@dataclass(frozen=True, slots=True, repr=False)
class PasswordHash:
    """
    An scrypt hash with what it was made with (RFC 7914).

    Attributes:
        cost, block, parallel: N, r and p.

    Raises:
        ValueError: If they are weaker than we accept, or would take minutes or gigabytes.
    """

    cost: int
    block: int
    parallel: int
    salt: bytes
    hashed: bytes

    def __post_init__(self) -> None:
        sound = (
            _LEAST_COST <= self.cost <= _HIGHEST_COST
            and self.cost & (self.cost - 1) == 0
            and 1 <= self.block <= _HIGHEST_BLOCK
            and 1 <= self.parallel <= _HIGHEST_PARALLEL
            and len(self.salt) >= _SALT_BYTES
            and len(self.hashed) == _HASH_BYTES
        )
        if not sound:
            raise ValueError("is no hash that we make")

    @classmethod
    def of(cls, password: str, *, cost: int = _COST, parallel: int = _PARALLEL) -> Self:
        """
        Hash a password with a salt of its own; takes about a third of a second.

        Raises:
            ValueError: If it is shorter than `SHORTEST` or longer than `LONGEST`.
        """
        if not SHORTEST <= len(password) <= LONGEST:
            raise ValueError(f"must have {SHORTEST} to {LONGEST} characters")
        salt = secrets.token_bytes(_SALT_BYTES)
        hashed = _scrypt(password, cost, _BLOCK, parallel, salt)
        return cls(cost, _BLOCK, parallel, salt, hashed)

    @classmethod
    def parse(cls, line: str) -> Self:
        """
        Read what `line` wrote.

        Raises:
            ValueError: If it is something else; its words do not repeat it.
        """
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"must be {_WANTED}")
        cost, block, parallel = (int(field) for field in match.groups()[:3])
        salt, hashed = (bytes.fromhex(field) for field in match.groups()[3:])
        try:
            return cls(cost, block, parallel, salt, hashed)
        except ValueError:
            raise ValueError(f"must be {_WANTED}") from None

    @property
    def line(self) -> str:
        """The hash as text without a character that a shell or .env takes for its own."""
        numbers = f"{self.cost}:{self.block}:{self.parallel}"
        return f"scrypt:{numbers}:{self.salt.hex()}:{self.hashed.hex()}"

    def matches(self, password: str) -> bool:
        """Whether this is the password; takes as long for a wrong one."""
        given = _scrypt(password[:LONGEST], self.cost, self.block, self.parallel, self.salt)
        return hmac.compare_digest(given, self.hashed) and len(password) <= LONGEST


def _scrypt(password: str, cost: int, block: int, parallel: int, salt: bytes) -> bytes:
    return hashlib.scrypt(
        password.encode("utf-8", "surrogatepass"),
        salt=salt,
        n=cost,
        r=block,
        p=parallel,
        maxmem=128 * block * (cost + parallel) + _SPARE_BYTES,
        dklen=_HASH_BYTES,
    )
