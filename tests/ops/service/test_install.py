import pytest

from core.config import REPOSITORY, Home
from ops.service.install import (
    InstallError,
    enable,
    install,
    manager_here,
    remove,
    service_of,
)
from ops.service.unit import Manager

KEY = "sk-0123456789abcdef"


@pytest.fixture
def service(tmp_path):
    environ = {
        "TRADING_CONFIG": "conf/mine.yaml",
        "DASHBOARD_PORT": "8123",
        "DEEPSEEK_API_KEY": KEY,
        "BINANCE_FUTURES_REST_URL": "http://127.0.0.1:1",
    }
    return service_of(Home(tmp_path / "home"), "deepseek-trading", environ)


class Commands:
    """Notes what is run; the last words of what fails are given."""

    def __init__(self, failing=""):
        self.run = []
        self.failing = failing

    def __call__(self, command):
        self.run.append(tuple(command))
        return int(bool(self.failing) and self.failing in command)


def test_home_configuration_and_ports_are_kept_and_no_secret(service, tmp_path):
    told = service.environment
    assert told["TRADING_HOME"] == str(tmp_path / "home")
    assert told["TRADING_CONFIG"].endswith("/conf/mine.yaml")
    assert told["TRADING_CONFIG"].startswith("/")
    assert told["DASHBOARD_PORT"] == "8123"
    assert "DEEPSEEK_API_KEY" not in told
    assert service.repository == REPOSITORY
    assert "supervise" in service.command


@pytest.mark.parametrize("manager", Manager)
def test_what_was_written_is_replaced_and_removed(service, tmp_path, manager):
    path = install(service, manager, tmp_path)
    assert install(service, manager, tmp_path) == path
    assert KEY not in path.read_text()
    commands = Commands()
    assert remove("deepseek-trading", manager, tmp_path, commands) == path
    assert not path.exists()
    assert path.name in " ".join(commands.run[0])
    assert remove("deepseek-trading", manager, tmp_path, commands) is None


def test_a_unit_of_somebody_else_is_left_alone(service, tmp_path):
    path = install(service, Manager.SYSTEMD, tmp_path)
    path.write_text("[Service]\nExecStart=/usr/bin/true\n")
    with pytest.raises(InstallError, match="not ours"):
        install(service, Manager.SYSTEMD, tmp_path)
    with pytest.raises(InstallError, match="not ours"):
        remove("deepseek-trading", Manager.SYSTEMD, tmp_path, Commands())
    assert path.read_text().startswith("[Service]")


def test_a_folder_that_cannot_be_written_is_one_line(service, tmp_path):
    (tmp_path / ".config").touch()
    with pytest.raises(InstallError, match="cannot be"):
        install(service, Manager.SYSTEMD, tmp_path)


def test_enabling_names_the_command_that_failed(service, tmp_path):
    path = install(service, Manager.SYSTEMD, tmp_path)
    commands = Commands()
    enable(path, Manager.SYSTEMD, 1000, commands)
    assert commands.run[-1] == ("systemctl", "--user", "enable", "--now", path.name)
    with pytest.raises(InstallError, match="daemon-reload"):
        enable(path, Manager.SYSTEMD, 1000, Commands(failing="daemon-reload"))


def test_the_manager_is_that_of_the_machine():
    assert manager_here("linux") is Manager.SYSTEMD
    assert manager_here("darwin") is Manager.LAUNCHD
    with pytest.raises(InstallError, match="make start"):
        manager_here("win32")
