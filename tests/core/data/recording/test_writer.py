"""The writer keeps every frame it took, never makes the socket wait, and says what it lost."""

import gzip
import itertools
import threading
import time
from pathlib import Path

import pytest

from core.data.recording.errors import RecordingError
from core.data.recording.lines import Header, frame_line
from core.data.recording.writer import RecordingWriter

NOW_NS = 1_795_244_373_000_000_000
DEADLINE_S = 60.0


def headers(*routes: str) -> tuple[Header, ...]:
    return tuple(Header(route, NOW_NS, "http://a", "ws://a", ("X",), ()) for route in routes)


def written(folder: Path, route: str) -> list[bytes]:
    return gzip.decompress((folder / f"{route}.frames.gz").read_bytes()).splitlines(keepends=True)


def until(condition) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_files_are_whole_and_in_order_when_it_is_left(tmp_path):
    with RecordingWriter(tmp_path / "new", headers("market", "public")) as writer:
        for n in range(5_000):
            writer.take("market" if n % 3 else "public", b"%d" % n, NOW_NS + n)
    market = [frame_line(NOW_NS + n, b"%d" % n) for n in range(5_000) if n % 3]
    public = [frame_line(NOW_NS + n, b"%d" % n) for n in range(5_000) if not n % 3]
    assert written(tmp_path / "new", "market")[1:] == market
    assert written(tmp_path / "new", "public")[1:] == public
    assert writer.frames == {"market": len(market), "public": len(public)}
    assert (writer.dropped, writer.failure) == (0, None)


def test_a_disk_that_does_not_keep_up_costs_counted_frames_and_no_waiting(tmp_path):
    stuck = threading.Event()

    class Slow(gzip.GzipFile):
        def write(self, data):
            if b"format" not in data:
                assert stuck.wait(DEADLINE_S)
            return super().write(data)

    with RecordingWriter(
        tmp_path,
        headers("market"),
        create=lambda path: Slow(path, "xb"),
        most_waiting_bytes=10_000,
    ) as writer:
        for n in range(300):
            writer.take("market", b"x" * 100, NOW_NS + n)
        assert writer.frames["market"] == 100
        assert writer.dropped == 200
        stuck.set()
    assert len(written(tmp_path, "market")) == 1 + 100


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_said_in_words_and_ends_no_thread_with_a_traceback(tmp_path):
    with RecordingWriter(
        tmp_path,
        headers("market"),
        create=lambda _: gzip.GzipFile("/dev/full", "wb"),
        monotonic=itertools.count(0.0, 60.0).__next__,  # it is always time to flush
    ) as writer:
        for n in range(100):
            writer.take("market", str(hash(str(n))).encode() * 1_000, NOW_NS)
        until(lambda: writer.failure is not None)
        writer.take("market", b"late", NOW_NS)
    assert "No space left" in str(writer.failure)
    assert writer.dropped >= 1


def test_a_frame_of_a_route_without_a_file_is_counted_as_dropped(tmp_path):
    with RecordingWriter(tmp_path, headers("market")) as writer:
        writer.take("private", b"{}", NOW_NS)
    assert (writer.dropped, dict(writer.frames)) == (1, {})


def test_a_recording_is_never_written_over_another(tmp_path):
    with RecordingWriter(tmp_path, headers("market")):
        pass
    with (
        pytest.raises(RecordingError, match="cannot be written"),
        RecordingWriter(tmp_path, headers("market")),
    ):
        pass


def test_a_recording_that_is_worth_nothing_is_removed(tmp_path):
    with RecordingWriter(tmp_path / "new", headers("market", "rest")) as writer:
        pass
    writer.discard()
    assert list(tmp_path.iterdir()) == []
