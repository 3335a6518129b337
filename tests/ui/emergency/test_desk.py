"""The page's emergency stop, with the real latch and log and no process to end."""

import threading

import pytest

from core.config import EmergencySettings, Home, Positions
from ops.emergency.latch import LatchError, set_latch
from ops.emergency.proof import Proof, Step
from ops.emergency.stop import emergency_stop
from ops.launch import Installation
from ops.processes import Role
from tests.builders import settings
from ui.emergency.desk import EmergencyDesk, Means, StillStoppingError
from ui.emergency.reading import Emergency

PATIENCE_S = 60.0


class Scene:
    """A home, and a stop that goes on when it is told to."""

    def __init__(self, folder, positions=Positions.KEEP, demo=False):
        self.home = Home(folder)
        self.home.create()
        self.asked, self.relaunched, self.supervised = [], [], False
        self.go, self.first = threading.Event(), threading.Event()
        self.failure = None
        means = Means(stop=self.stop, revive=lambda _: self.supervised, relaunch=self.relaunch)
        chosen = settings().model_copy(update={"emergency": EmergencySettings(positions=positions)})
        self.desk = EmergencyDesk(Installation(self.home, chosen, demo), means)

    def stop(self, home, *, who, reason, spare, close, heard):
        self.asked.append((home, who, reason, spare, close))
        heard(Step("latch", 0, 0.001, 0.001, held=True, result="set"))
        self.first.set()
        assert self.go.wait(PATIENCE_S)
        return emergency_stop(home, who=who, reason=reason, spare=spare, heard=heard)

    def relaunch(self, installation):
        if self.failure is not None:
            raise self.failure
        self.relaunched.append(installation)

    def stopped(self):
        self.go.set()
        assert self.desk.begin("root (page, ::1)", "a: <b>")
        self.finish()

    def finish(self):
        """Wait for the worker, which does one thing after the other."""
        self.desk._worker.submit(int).result(PATIENCE_S)


@pytest.fixture
def scene(tmp_path):
    made = Scene(tmp_path)
    yield made
    made.go.set()


def test_nothing_is_told_before_anything_was_stopped(scene):
    assert scene.desk.state() == Emergency()


def test_a_stop_is_told_step_by_step_and_runs_once(scene):
    assert scene.desk.begin("root", "why")
    assert scene.first.wait(PATIENCE_S)
    state = scene.desk.state()
    assert state.is_stopping
    assert [row.name for row in state.rows] == ["latch"]
    assert not scene.desk.begin("root", "again")
    with pytest.raises(StillStoppingError):
        scene.desk.resume("root", "too early")
    scene.go.set()
    scene.finish()
    assert not scene.desk.state().is_stopping
    assert scene.asked == [(scene.home, "root", "why", Role.DASHBOARD, False)]


def test_the_proof_stays_with_who_when_and_why(scene):
    scene.stopped()
    state = scene.desk.state()
    assert state.latched
    assert (state.who, state.why) == ("root (page, ::1)", "a: <b>")
    assert state.at.startswith("20")
    assert state.verdict
    assert {row.name for row in state.rows} >= {"latch", "dashboard", "positions", "backup", "log"}
    assert all(row.at.endswith("Z") for row in state.rows)


def test_another_server_reads_the_proof_from_the_log(scene):
    scene.stopped()
    mine = scene.desk.state()
    other = EmergencyDesk(Installation(scene.home, settings())).state()
    told = [(row.name, row.took_s, row.held, row.result) for row in mine.rows]
    assert [(row.name, row.took_s, row.held, row.result) for row in other.rows] == told[1:]
    assert (other.latched, other.who, other.why) == (mine.latched, mine.who, mine.why)


def test_positions_are_closed_where_the_configuration_says_so(tmp_path):
    scene = Scene(tmp_path, Positions.CLOSE)
    scene.stopped()
    assert scene.asked[0][-1] is True


def test_resuming_takes_the_latch_away_and_starts_what_a_supervisor_would(scene):
    scene.stopped()
    said = scene.desk.resume("root", "it was a drill").result(PATIENCE_S)
    assert "Everything is started again" in said
    assert [made.home for made in scene.relaunched] == [scene.home]
    assert scene.desk.state() == Emergency()
    assert "RESUMED" in (scene.home.logs / "emergency.log").read_text()


def test_a_supervisor_that_runs_starts_the_engine(scene):
    scene.stopped()
    scene.supervised = True
    assert "supervisor starts" in scene.desk.resume("root", "go on").result(PATIENCE_S)
    assert scene.relaunched == []


def test_what_cannot_be_started_is_told_with_what_to_do(scene):
    scene.stopped()
    scene.failure = OSError("no more processes")
    said = scene.desk.resume("root", "go on").result(PATIENCE_S)
    assert said == (
        "Resumed, but nothing could be started (no more processes). In a terminal: make start"
    )
    assert scene.desk.state() == Emergency()


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "\x00", "x" * 501])
def test_resuming_needs_a_line_of_words(scene, reason):
    scene.stopped()
    with pytest.raises(ValueError, match="must be"):
        scene.desk.resume("root", reason).result(PATIENCE_S)
    assert scene.desk.state().latched


def test_a_latch_that_cannot_be_taken_away_stays_with_its_proof(scene):
    scene.stopped()
    scene.home.emergency_latch.unlink()
    scene.home.emergency_latch.mkdir()
    (scene.home.emergency_latch / "file").touch()
    with pytest.raises(LatchError, match="cannot be taken away"):
        scene.desk.resume("root", "go on").result(PATIENCE_S)
    assert scene.desk.state().rows


def test_without_a_stop_there_is_nothing_to_resume(scene):
    said = scene.desk.resume("root", "go on").result(PATIENCE_S)
    assert said == "No emergency stop was set."
    assert scene.relaunched == []


def test_a_latch_by_hand_is_told_as_it_is(scene):
    scene.home.emergency_latch.touch()
    state = scene.desk.state()
    assert state.latched == f"{scene.home.emergency_latch} is there"
    assert (state.at, state.who, state.why, state.rows) == ("", "", "", ())


def test_the_proof_of_an_earlier_stop_is_not_shown_with_a_later_latch(scene):
    scene.stopped()
    assert scene.desk.resume("root", "go on").result(PATIENCE_S)
    set_latch(scene.home.emergency_latch, "by hand")
    assert scene.desk.state().rows == ()


def test_a_stop_that_could_not_set_the_latch_is_told_until_it_is_resumed(tmp_path):
    scene = Scene(tmp_path)
    step = Step("latch", 0, 0.0, 0.0, held=False, result="no room")
    means = Means(
        stop=lambda home, **_: Proof(home, "root", "why", 0, (step,)),
        revive=lambda _: False,
        relaunch=scene.relaunch,
    )
    desk = EmergencyDesk(Installation(scene.home, settings()), means)
    assert desk.begin("root", "why")
    desk._worker.submit(int).result(PATIENCE_S)
    assert desk.state().verdict == "NOT EVERYTHING HELD: latch"
    assert "started again" in desk.resume("root", "go on").result(PATIENCE_S)
    assert desk.state() == Emergency()
