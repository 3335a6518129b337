import os
import plistlib
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ops.service.unit import MARK, Manager, Service, UnitError, unit_file, unit_text

NASTY = """it's 100 % "mine" $HOME ${x} @COMMAND@ \\n <&> ü"""
ANALYZE = shutil.which("systemd-analyze")


def service(root: Path, program: str = sys.executable) -> Service:
    return Service(
        name="deepseek-trading",
        command=(program, str(root / "main.py"), "supervise", "--process", "trading-supervisor"),
        repository=root,
        home=root / "home",
        environment={"TRADING_HOME": str(root / "home"), "TRADING_CONFIG": str(root / "my.yaml")},
    )


def entries(text, key):
    return re.findall(rf"^{key}=(.*)$", text, re.MULTILINE)


def words(value):
    """The words of a unit's line, as systemd.syntax(7) and systemd.service(5) take them apart."""
    return [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(value)]


def test_systemd_runs_exactly_what_was_meant(tmp_path):
    meant = service(tmp_path / NASTY)
    text = unit_text(meant, Manager.SYSTEMD)
    assert words(entries(text, "ExecStart")[0]) == list(meant.command)  # of main.py a nasty path
    told = dict(words(value)[0].split("=", 1) for value in entries(text, "Environment"))
    assert told == dict(meant.environment)
    assert entries(text, "WorkingDirectory") == [str(meant.repository).replace("%", "%%")]


def test_systemd_leaves_alone_what_would_fail_again_or_was_ended(tmp_path):
    text = unit_text(service(tmp_path), Manager.SYSTEMD)
    assert entries(text, "Restart") == ["on-failure"]
    assert entries(text, "RestartPreventExitStatus") == ["2 3 4"]
    assert int(entries(text, "TimeoutStopSec")[0]) > 8
    assert MARK in text


def test_launchd_runs_exactly_what_was_meant(tmp_path):
    meant = service(tmp_path / NASTY)
    told = plistlib.loads(unit_text(meant, Manager.LAUNCHD).encode())
    assert told["ProgramArguments"] == list(meant.command)
    assert told["EnvironmentVariables"] == dict(meant.environment)
    assert told["WorkingDirectory"] == str(meant.repository)
    assert told["StandardErrorPath"] == str(meant.home / "logs" / "console.log")
    assert (told["Label"], told["KeepAlive"]) == ("deepseek-trading", {"SuccessfulExit": False})
    assert MARK in unit_text(meant, Manager.LAUNCHD)


@pytest.mark.parametrize("evil", ["a\nExecStart=/bin/evil", "a\x00b", "tab\there"])
def test_a_path_that_could_forge_a_line_is_refused(evil):
    with pytest.raises(UnitError, match="control character"):
        service(Path("/srv") / evil)


def test_units_lie_where_the_user_s_manager_looks(tmp_path):
    assert unit_file("x", Manager.SYSTEMD, tmp_path) == tmp_path / ".config/systemd/user/x.service"
    assert unit_file("x", Manager.LAUNCHD, tmp_path) == tmp_path / "Library/LaunchAgents/x.plist"


def test_a_program_that_systemd_refuses_is_run_by_a_shell(tmp_path):
    program = tmp_path / NASTY / "python"
    meant = service(tmp_path, str(program))
    run = words(entries(unit_text(meant, Manager.SYSTEMD), "ExecStart")[0])
    assert run == ["/bin/sh", "-c", 'exec "$0" "$@"', *meant.command]
    program.parent.mkdir()
    program.symlink_to("/bin/echo")
    said = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert said == " ".join(meant.command[1:]) + "\n"


@pytest.mark.simulator
@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not installed here")
@pytest.mark.parametrize("folder", ["plain", "100 % ü $x", 'it is "mine" \\n'])
def test_systemd_finds_nothing_wrong(tmp_path, folder):
    root = tmp_path / folder
    (root / "home").mkdir(parents=True)
    program = root / "python"
    program.symlink_to(sys.executable)  # a path that systemd understood otherwise is not there
    unit = tmp_path / "deepseek-trading.service"

    def verified(text):
        unit.write_text(text)
        return subprocess.run(
            [ANALYZE, "verify", "--user", "--man=no", str(unit)],
            env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    sound = unit_text(service(root, str(program)), Manager.SYSTEMD)
    done = verified(sound)
    assert (done.returncode, done.stderr) == (0, "")
    assert verified(sound.replace("on-failure", "sometimes")).stderr != ""
