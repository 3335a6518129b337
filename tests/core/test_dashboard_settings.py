"""The page is open on loopback, and elsewhere only with a password."""

import pytest

from core.config import ConfigError, Settings, parse_settings
from core.config.password_hash import PasswordHash
from tests.builders import committed_document

HASH = PasswordHash.of("correct horse", cost=1 << 14, parallel=1).line
TOKEN = "0123456789abcdefghijklmnop"  # noqa: S105 - of these tests


def made(environ: dict[str, str] | None = None, **dashboard: object) -> Settings:
    document = committed_document()
    document["dashboard"] |= dashboard
    return parse_settings(document, environ or {})


def fault(environ: dict[str, str] | None = None, **dashboard: object) -> str:
    with pytest.raises(ConfigError) as caught:
        made(environ, **dashboard)
    message = str(caught.value)
    assert "\n" not in message
    assert HASH not in message
    return message


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_needs_no_password(host):
    settings = made(host=host).dashboard
    assert settings.host == host
    assert settings.password_hash is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "fe80::1", "127.0.0.2"])  # noqa: S104
def test_any_other_address_needs_one(host):
    assert fault(host=host) == (
        f"config.yaml: dashboard: host = {host} needs a password: `python main.py password` "
        "prints the line for .env; without one only 127.0.0.1, localhost or ::1"
    )
    assert made({"DASHBOARD_PASSWORD_HASH": HASH}, host=host).dashboard.host == host


@pytest.mark.parametrize("host", ["", "evil.example", "127.1", "0x7f.1", "127.0.0.1:80", "[::1]"])
def test_what_is_no_address_is_refused(host):
    assert "must be an address of this machine" in fault(
        {"DASHBOARD_PASSWORD_HASH": HASH}, host=host
    )


@pytest.mark.parametrize("given", ["secret word", "$2b$12$abc", HASH[:-1]])
def test_the_password_itself_is_no_hash_and_is_not_repeated(given):
    message = fault({"DASHBOARD_PASSWORD_HASH": given})
    named = "DASHBOARD_PASSWORD_HASH (environment or .env): dashboard.password_hash"
    assert message.startswith(f"{named} = (hidden): must be a line")
    assert given not in message


def test_a_token_is_long_and_needs_a_password():
    assert "need a password" in fault({"DASHBOARD_TOKEN": TOKEN})
    short = fault({"DASHBOARD_TOKEN": "letmein", "DASHBOARD_PASSWORD_HASH": HASH})
    assert "dashboard.token = (hidden): must be at least 24" in short
    assert "letmein" not in short
    both = {"DASHBOARD_TOKEN": TOKEN, "DASHBOARD_PASSWORD_HASH": HASH}
    assert TOKEN not in repr(made(both))
    assert HASH not in repr(made(both))


def test_public_names_are_plain_host_names():
    environ = {"DASHBOARD_PASSWORD_HASH": HASH}
    names = ["Desk.Home.example", "192.168.1.7", "2001:DB8::0:7"]
    settings = made(environ, public_hosts=names).dashboard
    assert settings.public_hosts == ("desk.home.example", "192.168.1.7", "2001:db8::7")
    for name in ("http://desk", "desk:8050", "*", "", "a b", "-a", "a/b", "evil@desk", "a" * 300):
        assert "host names or addresses" in fault(environ, public_hosts=[name])
    assert "need a password" in fault(public_hosts=["desk"])
