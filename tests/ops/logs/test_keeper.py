"""A long-lived process obeys wishes and keeps what it prints small."""

from ops.logs.keeper import LogKeeper
from ops.logs.levels import AskedLevel, ask_level, set_levels
from ops.logs.rotation import Rotation


def test_it_does_what_is_due_and_ends_when_told(tmp_path):
    console = tmp_path / "console.log"
    console.write_text("x" * 10)
    with set_levels("INFO"):
        asked = AskedLevel(tmp_path, "engine", "INFO")
        keeper = LogKeeper(asked, console, Rotation(most_bytes=10))
        ask_level(tmp_path, "engine", "WARNING")
        keeper.look()
        keeper.start()
        keeper.stop()
    assert asked.level == "WARNING"
    assert console.read_text() == ""
