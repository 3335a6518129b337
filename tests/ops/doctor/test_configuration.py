from dataclasses import replace

import pytest

from ops.doctor.configuration import address_check, config_check, secrets_check
from ops.doctor.diagnosis import Verdict
from ops.doctor.patient import patient_of
from tests.builders import settings
from tests.ops.doctor.scene import patient


def test_a_configuration_that_cannot_be_used_is_told_with_its_first_fault(tmp_path):
    fault = "config.yaml: unknown key a\nconfig.yaml: unknown key b"
    found = config_check(replace(patient(tmp_path), settings=None, config_fault=fault))
    assert found.verdict is Verdict.PROBLEM
    assert found.words == "config.yaml: unknown key a (and 1 more)"
    assert config_check(patient(tmp_path)).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("mode", "verdict"),
    [
        (0o600, Verdict.OK),
        (0o400, Verdict.OK),
        (0o640, Verdict.PROBLEM),
        (0o604, Verdict.PROBLEM),
        (0o620, Verdict.PROBLEM),
    ],
)
def test_secrets_are_for_their_owner_only(tmp_path, mode, verdict):
    path = tmp_path / ".env"
    path.write_text("DEEPSEEK_API_KEY=sk-0123456789abcdef")
    path.chmod(mode)
    found = secrets_check(patient(tmp_path))
    assert found.verdict is verdict
    assert "0123456789" not in found.line
    assert verdict is Verdict.OK or found.advice == f"chmod 600 {path}"


def test_without_secrets_there_is_nothing_to_guard(tmp_path):
    assert secrets_check(patient(tmp_path)).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("urls", "verdict", "words"),
    [
        ("", Verdict.OK, "there is none: nobody outside is told of alarms"),
        ("json://127.0.0.1:9/s3cret", Verdict.OK, "1: JSON"),
        ("json://127.0.0.1:9/a sms//s3cret", Verdict.PROBLEM, "2: not understood by Apprise"),
    ],
)
def test_addresses_for_alarms_must_be_such_and_are_never_shown(tmp_path, urls, verdict, words):
    found = address_check(patient(tmp_path, settings=settings(ALARM_URLS=urls)))
    assert (found.verdict, found.words) == (verdict, words)
    without = replace(patient(tmp_path), settings=None)
    assert address_check(without).verdict is Verdict.WARNING


def test_faults_of_home_and_configuration_are_part_of_the_answer(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "config.yaml").write_text("nonsense: [")
    found = patient_of(
        {
            "TRADING_HOME": str(tmp_path / "file"),
            "TRADING_CONFIG": str(tmp_path / "config.yaml"),
        }
    )
    assert (found.home, found.settings) == (None, None)
    assert "not a directory" in found.home_fault
    assert "not YAML" in found.config_fault
