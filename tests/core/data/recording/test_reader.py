"""Recordings are read whatever has happened to them, and what is missing is counted."""

import gzip
import tarfile

import pytest

from core.data.recording.errors import RecordingError
from core.data.recording.folders import bundle
from core.data.recording.lines import Header, LineFault, RestAnswer, frame_line
from core.data.recording.reader import Recording, is_recording

BASE_NS = 1_795_244_373_000_000_000
ANSWER = RestAnswer(BASE_NS, "/fapi/v1/time", {}, {"serverTime": 1})


def header(route: str) -> Header:
    return Header(route, BASE_NS, "http://a:1", "ws://a:1", ("BTCUSDT",), ("btcusdt@aggTrade",))


def frames(*numbers: int) -> bytes:
    return b"".join(frame_line(BASE_NS + n, b'{"n":%d}' % n) for n in numbers)


def folder(tmp_path, market: bytes, public: bytes = b""):
    made = tmp_path / "20261121T065933Z"
    made.mkdir()
    rest = frame_line(BASE_NS, ANSWER.payload()) + frame_line(BASE_NS, b"{}")
    for route, lines in (("market", market), ("public", public), ("rest", rest)):
        (made / f"{route}.frames.gz").write_bytes(gzip.compress(header(route).line() + lines))
    return made


def told(recording):
    return [(frame.route, frame.received_ns - BASE_NS) for frame in recording.frames()]


def test_routes_are_read_together_in_the_order_of_time(tmp_path):
    recording = Recording(folder(tmp_path, frames(1, 4, 5), frames(2, 3, 6)))
    assert told(recording) == [
        ("market", 1),
        ("public", 2),
        ("public", 3),
        ("market", 4),
        ("market", 5),
        ("public", 6),
    ]
    assert {each.route for each in recording.headers} == {"market", "public", "rest"}
    assert not recording.faults


def test_answers_of_rest_are_told_apart_from_frames_and_bad_ones_counted(tmp_path):
    recording = Recording(folder(tmp_path, frames(1)))
    assert list(recording.answers()) == [ANSWER]
    assert recording.faults == {LineFault.ANSWER: 1}


def test_one_file_made_of_it_reads_the_same_and_replaces_the_folder(tmp_path):
    made = folder(tmp_path, frames(*range(1, 3_000, 2)), frames(*range(2, 3_000, 2)))
    before = told(Recording(made))
    archive = bundle(made)
    assert archive.name == "20261121T065933Z.tar"
    assert not made.exists()
    packed = Recording(archive)
    assert told(packed) == before
    assert list(packed.answers()) == [ANSWER]
    assert packed.faults == {LineFault.ANSWER: 1}


def test_a_line_that_is_none_is_counted_and_the_rest_is_read(tmp_path):
    lines = frames(1) + b"garbage\n\n\xff\xfe\n" + frames(2) + b"1795244373000000009 \n"
    recording = Recording(folder(tmp_path, lines))
    assert told(recording) == [("market", 1), ("market", 2)]
    assert recording.faults == {LineFault.NO_TIME: 2, LineFault.NO_FRAME: 1}


def test_what_a_crash_cut_off_is_counted_once_and_whole_lines_before_it_are_read(tmp_path):
    made = folder(tmp_path, frames(*range(1, 20_000)))
    path = made / "market.frames.gz"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    recording = Recording(made)
    numbers = [n for _, n in told(recording)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert 5_000 < len(numbers) < 15_000
    assert recording.faults == {LineFault.CUT: 1}


def test_a_capture_without_compression_and_without_a_last_line_end_is_read(tmp_path):
    path = tmp_path / "capture.txt"
    path.write_bytes(b"wss://fstream.binance.com/stream?streams=a <-> 1.0\n" + frames(1, 2)[:-1])
    recording = Recording(path)
    assert told(recording) == [("", 1), ("", 2)]
    assert recording.headers == ()


@pytest.mark.parametrize("content", [b"", b"\x1f\x8bnot gzip", b'{"format":"other"}\n'])
def test_what_cannot_be_a_recording_is_refused_by_name_or_is_empty(tmp_path, content):
    path = tmp_path / "x.gz"
    path.write_bytes(content)
    if content:
        with pytest.raises(RecordingError, match=r"x\.gz"):
            Recording(path)
    else:
        assert told(Recording(path)) == []


def test_a_missing_path_and_a_folder_without_frames_are_refused(tmp_path):
    for path in (tmp_path / "nothing.gz", tmp_path):
        with pytest.raises(RecordingError, match=str(path)):
            Recording(path)


def test_an_archive_may_hold_links_and_other_files_without_harm(tmp_path):
    path = tmp_path / "x.tar"
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("market.frames.gz")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(RecordingError, match=r"holds no \*\.frames\.gz"):
        Recording(path)


def test_recorded_frames_are_told_apart_from_candles(tmp_path):
    assert is_recording(folder(tmp_path, frames(1)))
    assert not is_recording(tmp_path)
    assert is_recording(tmp_path / "x.txt.gz")
    assert not is_recording(tmp_path / "BTCUSDT_1m.parquet")


def test_an_archive_that_was_cut_off_is_read_as_far_as_it_goes(tmp_path):
    archive = bundle(folder(tmp_path, frames(*range(1, 20_000)), frames(5)))
    whole = archive.read_bytes()
    archive.write_bytes(whole[:30_000])
    recording = Recording(archive)
    numbers = [n for _, n in told(recording)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 1_000
    assert recording.faults[LineFault.CUT] == 2
    archive.write_bytes(whole[:100])
    with pytest.raises(RecordingError, match=r"x?\.tar: cannot be read: [^\n]+$"):
        Recording(archive)


def test_more_files_than_a_recording_can_have_are_refused_before_they_are_opened(tmp_path):
    for number in range(70):
        (tmp_path / f"{number}.frames.gz").write_bytes(gzip.compress(frames(1)))
    with pytest.raises(RecordingError, match="more than 64 files"):
        Recording(tmp_path)


def test_answers_that_unpack_to_more_than_memory_holds_are_cut_off_and_counted(
    tmp_path, monkeypatch
):
    monkeypatch.setattr("core.data.recording.reader._MOST_ANSWERS_BYTES", 1_000)
    made = folder(tmp_path, frames(1))
    lines = frame_line(BASE_NS, ANSWER.payload()) * 100
    (made / "rest.frames.gz").write_bytes(gzip.compress(header("rest").line() + lines))
    recording = Recording(made)
    assert 5 < len(list(recording.answers())) < 30
    assert recording.faults == {LineFault.LONG: 1}


def test_no_archive_replaces_another(tmp_path):
    made = folder(tmp_path, frames(1))
    before = made.with_name(f"{made.name}.tar")
    before.write_bytes(b"somebody's only one")
    with pytest.raises(RecordingError, match="is there already"):
        bundle(made)
    assert before.read_bytes() == b"somebody's only one"
    assert told(Recording(made)) == [("market", 1)]
