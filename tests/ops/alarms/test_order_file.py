import pytest

from core.config import Home
from core.model.health import Level
from ops.alarms.alarm import EVERYTHING, Alarm, Orders
from ops.alarms.json_file import DamagedError
from ops.alarms.order_file import OrderError, OrderFile

HOUR_MS = 3_600_000
ALARM = Alarm("feed", Level.CRITICAL, "silent", 5, 7, 9)


class Scene:
    def __init__(self, folder):
        self.now_ms = 1_000
        self.file = OrderFile(Home(folder), lambda: self.now_ms)


@pytest.fixture
def scene(tmp_path):
    return Scene(tmp_path)


def test_orders_add_up_and_survive(scene, tmp_path):
    assert scene.file.read() == Orders()
    scene.file.acknowledge(ALARM)
    assert scene.file.silence("cpu", 2.0) == 1_000 + 2 * HOUR_MS
    scene.file.silence(EVERYTHING, 1.0)
    orders = Scene(tmp_path).file.read()
    assert orders.knows(ALARM)
    assert orders.silent_until_ms("cpu", 1_000) == 1_000 + 2 * HOUR_MS
    assert orders.silent_until_ms("disk", 1_000) == 1_000 + HOUR_MS
    assert orders.silent_until_ms("disk", 1_000 + HOUR_MS) is None


def test_an_acknowledgement_is_of_one_rise_only(scene):
    scene.file.acknowledge(ALARM)
    assert not scene.file.read().knows(Alarm("feed", Level.CRITICAL, "silent", 5, 8, 9))


def test_a_silence_can_be_taken_back_and_old_ones_are_forgotten(scene):
    scene.file.silence("cpu", 1.0)
    assert scene.file.unsilence("cpu")
    assert not scene.file.unsilence("cpu")
    scene.file.silence("cpu", 1.0)
    scene.now_ms += 2 * HOUR_MS
    scene.file.silence("disk", 1.0)
    assert set(scene.file.read().silenced) == {"disk"}


@pytest.mark.parametrize(
    ("component", "hours"),
    [("no name", 1), ("", 1), ("cpu", 0), ("cpu", -1), ("cpu", 721), ("cpu", float("nan"))],
)
def test_what_is_no_component_or_no_time_is_refused(scene, component, hours):
    with pytest.raises(ValueError, match=r"component|hours"):
        scene.file.silence(component, hours)
    assert not scene.file.path.exists()


@pytest.mark.parametrize(
    "raw", ["{", '{"silenced": 1}', '{"silenced": {"a": 1.5}}', '{"acknowledged": {"a": true}}']
)
def test_a_damaged_file_is_set_aside_by_the_next_order(scene, raw, caplog):
    scene.file.path.parent.mkdir(parents=True)
    scene.file.path.write_text(raw)
    with pytest.raises(DamagedError):
        scene.file.read()
    scene.file.silence("cpu", 1.0)
    assert set(scene.file.read().silenced) == {"cpu"}
    assert len(caplog.records) == 1
    assert (scene.file.path.parent / "orders.damaged.json").read_text() == raw


def test_a_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "data").write_text("a file")
    with pytest.raises(OrderError, match="orders"):
        Scene(tmp_path).file.silence("cpu", 1.0)
