"""What can be configured of the page: where it listens, and who may use it."""

import ipaddress
import re
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator

from core.config.password_hash import PasswordHash
from core.config.section import Section

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})
SHORTEST_TOKEN: Final = 24
"""Characters: what nobody types can be long."""

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_LONGEST_NAME = 253


def _address(host: str) -> str:
    if host == "localhost":
        return host
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        raise ValueError("must be an address of this machine such as 127.0.0.1") from None


def _host_name(name: str) -> str:
    """Return a name as a browser writes it into the Host header: lower case, without a port."""
    lower = name.lower()
    if re.fullmatch(rf"{_LABEL}(\.{_LABEL})*", lower) and len(lower) <= _LONGEST_NAME:
        return lower
    try:
        return str(ipaddress.ip_address(lower))
    except ValueError:
        raise ValueError("must be host names or addresses, without scheme and port") from None


def _hash(given: SecretStr) -> SecretStr:
    PasswordHash.parse(given.get_secret_value())
    return given


def _token(given: SecretStr) -> SecretStr:
    text = given.get_secret_value()
    if len(text) < SHORTEST_TOKEN or not re.fullmatch(r"[A-Za-z0-9._~+/=-]+", text):
        raise ValueError(f"must be at least {SHORTEST_TOKEN} letters, digits and . _ ~ + / = -")
    return given


Port = Annotated[int, Field(ge=1, le=65535)]
HostName = Annotated[str, AfterValidator(_host_name)]


class DashboardSettings(Section):
    """
    The page.

    Attributes:
        host: The address it is bound to; beyond loopback only with a password.
        public_hosts: Names besides, by which browsers may call it.
        password_hash: ``DASHBOARD_PASSWORD_HASH``; with one there is a login.
        token: ``DASHBOARD_TOKEN``, for programs; None for none.
    """

    host: Annotated[str, AfterValidator(_address)]
    port: Port
    candles_shown: int = Field(ge=50, le=2000)
    pushes_per_s: float = Field(ge=0.5, le=10)
    public_hosts: Annotated[tuple[HostName, ...], Field(strict=False)] = ()
    password_hash: Annotated[SecretStr, Field(strict=False), AfterValidator(_hash)] | None = None
    token: Annotated[SecretStr, Field(strict=False), AfterValidator(_token)] | None = None

    @model_validator(mode="after")
    def _is_guarded(self) -> Self:
        if self.password_hash is None and self.host not in LOOPBACK_NAMES:
            raise ValueError(
                f"host = {self.host} needs a password: `python main.py password` prints the line "
                "for .env; without one only 127.0.0.1, localhost or ::1"
            )
        if self.password_hash is None and (self.public_hosts or self.token):
            raise ValueError(
                "public_hosts and DASHBOARD_TOKEN need a password: see `python main.py password`"
            )
        return self
