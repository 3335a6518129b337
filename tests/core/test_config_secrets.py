"""Every secret of a configuration is known, however it is written."""

import pytest
import yaml

from core.config import REPOSITORY, parse_settings
from core.config.secrets import secrets_of

DOCUMENT = yaml.safe_load((REPOSITORY / "config.yaml").read_text())
GIVEN = {
    "DEEPSEEK_API_KEY": "sk-0123456789abcdef",
    "ALARM_URLS": "tgram://123456:ABCDEFGHIJKLMNOP/99 mailto://joe:correcthorsebattery@example.org",
    "HEARTBEAT_URL": "http://127.0.0.1:9/ping/5c1d9d7e-55aa-4d33-9e4b-1f5f0c1d2e3f",
    "BACKUP_PASSPHRASE": "a passphrase of words",
}


def test_each_secret_is_known_whole_and_in_the_parts_that_programs_tell():
    found = secrets_of(parse_settings(DOCUMENT, GIVEN))

    assert set(GIVEN.values()) <= set(found)
    assert {"ABCDEFGHIJKLMNOP", "correcthorsebattery"} <= set(found)
    assert "passphrase" not in found
    assert "5c1d9d7e-55aa-4d33-9e4b-1f5f0c1d2e3f" in found


@pytest.mark.parametrize(
    ("address", "secret"),
    [
        ("mailto://joe:pa55wd@example.org", "pa55wd"),
        ("mailtos://smtp.example.org?user=me@example.org&pass=hunter22&to=a@b.c", "hunter22"),
        ("json://joe:cor%40rect%20horse@example.org/x", "cor@rect horse"),
        ("json://example.org/x?token=a+b+c", "a b c"),
    ],
)
def test_a_password_of_an_address_is_known_however_short_and_as_it_is_meant(address, secret):
    assert secret in secrets_of(parse_settings(DOCUMENT, {"ALARM_URLS": address}))


def test_nothing_is_hidden_that_is_no_secret():
    assert secrets_of(parse_settings(DOCUMENT, {})) == ()
