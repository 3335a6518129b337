"""Whatever is broken, there is a bundle; and it shows no secret."""

import json
import sqlite3
import tarfile
import threading
import time
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from core.config import REPOSITORY, Home
from ops.incident.bundle import BundleError, Means, incident_bundle

SECRET = "sk-0123456789abcdef"  # noqa: S105 - of nobody
QUICK = Means(doctor=lambda _: f"all well, {SECRET}", versions=lambda: "numpy==1")
HEARTBEAT = "https://beats.example/ping/0123456789abcdef-token"


@pytest.fixture
def scene(tmp_path, monkeypatch):
    home = Home(tmp_path / "home")
    home.create()
    config = tmp_path / "config" / "config.yaml"
    config.parent.mkdir()
    config.write_text((REPOSITORY / "config.yaml").read_text() + f"# api_key: {SECRET}\n")
    (config.parent / ".env").write_text(f"DEEPSEEK_API_KEY={SECRET}\nHEARTBEAT_URL={HEARTBEAT}\n")
    for name in ("DEEPSEEK_API_KEY", "HEARTBEAT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRADING_CONFIG", str(config))
    monkeypatch.setenv("TRADING_HOME", str(home.root))
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    (home.logs / "system.log").write_text(f"{at} asked {HEARTBEAT} with {SECRET}\n")
    with sqlite3.connect(home.database) as journal:
        journal.execute("CREATE TABLE trades (id INTEGER, note TEXT)")
        journal.execute("INSERT INTO trades VALUES (1, 'a row of Ada')")
    journal.close()
    return SimpleNamespace(home=home, config=config)


def unpacked(path):
    with tarfile.open(path) as tar:
        return {
            member.name.split("/", 1)[1]: tar.extractfile(member).read().decode()
            for member in tar.getmembers()
        }


def test_it_holds_what_is_needed_and_no_secret_and_no_row(scene):
    made = incident_bundle(scene.home, means=Means(doctor=QUICK.doctor))
    assert made.missing == ()
    assert made.path.parent == scene.home.reports / "incidents"
    assert made.path.stat().st_mode & 0o777 == 0o600
    texts = unpacked(made.path)
    assert {"logs/system.log", "config.yaml", "versions.txt", "doctor.txt"} <= set(texts)
    assert "trades: 1 rows" in texts["journal.txt"]
    assert "numpy==" in texts["versions.txt"]
    whole = "\n".join(texts.values())
    assert not [told for told in (SECRET, HEARTBEAT, "a row of Ada") if told in whole]
    manifest = json.loads(texts["manifest.json"])
    assert set(manifest["members"]) == set(texts) - {"manifest.json"}
    assert list(made.path.parent.iterdir()) == [made.path]


def test_a_broken_journal_and_configuration_do_not_prevent_it(scene):
    scene.home.database.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    scene.config.write_text("signals: [\n")
    texts = unpacked(incident_bundle(scene.home, means=QUICK).path)
    assert SECRET not in "\n".join(texts.values())
    assert "logs/system.log" in texts
    missing = json.loads(texts["manifest.json"])["missing"]
    assert [one for one in missing if one.startswith("journal.txt: ")]


def test_what_hangs_is_left_out(scene):
    released = threading.Event()
    slow = Means(lambda _: "well", lambda: str(released.wait(60)), gather_s=0.2)
    made = incident_bundle(scene.home, means=slow)
    released.set()
    assert "versions.txt: not there within 0 s" in made.missing
    assert "manifest.json" in unpacked(made.path)


def test_it_can_be_named_but_overwrites_nothing(scene, tmp_path):
    target = tmp_path / "mine.tar.gz"
    assert incident_bundle(scene.home, output=target, means=QUICK).path == target
    with pytest.raises(BundleError, match="is there already"):
        incident_bundle(scene.home, output=target, means=QUICK)
    with pytest.raises(BundleError, match="no such directory"):
        incident_bundle(scene.home, output=tmp_path / "none" / "x.tar.gz", means=QUICK)


def test_two_of_one_second_have_two_names(scene, tmp_path):
    made = {incident_bundle(scene.home, output=tmp_path, means=QUICK).path for _ in range(2)}
    assert len(made) == 2


def test_the_command_overwrites_nothing(scene, tmp_path):
    from main import app

    (tmp_path / "mine").write_text("x")
    done = CliRunner().invoke(app, ["incident-bundle", "--output", str(tmp_path / "mine")])
    assert done.exit_code == 2
    assert "is there already" in done.stderr
