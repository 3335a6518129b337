"""Whatever a file holds is candles or a named error; a bad one must not end the process."""

import struct

import pyarrow.parquet as pq
import pytest

from core.data.candle_file import CorruptFileError, read_candles, read_extent, write_candles
from core.model.intervals import Interval
from tests.builders import random_walk

END_BYTES = 8


def footer_of(content: bytes) -> range:
    (length,) = struct.unpack("<I", content[-END_BYTES:-4])
    return range(len(content) - END_BYTES - length, len(content) - END_BYTES)


def refused(path) -> bool:
    for read in (read_extent, lambda at: read_candles(at, "BTCUSDT", Interval.M1)):
        with pytest.raises(CorruptFileError):
            read(path)
    return True


def test_other_programs_read_a_sealed_file(tmp_path):
    path, series = tmp_path / "x.parquet", random_walk(50)
    write_candles(series, path)
    assert pq.read_table(path)["open_time"].to_pylist() == series.open_time_ms.tolist()


def test_no_wrong_byte_of_the_footer_reaches_arrow(tmp_path):
    path = tmp_path / "x.parquet"
    write_candles(random_walk(50), path)
    whole = path.read_bytes()
    for at in footer_of(whole)[::5]:
        changed = bytearray(whole)
        changed[at] ^= 0x5A
        path.write_bytes(changed)
        assert refused(path)


@pytest.mark.parametrize("length", [0, 3, 8, 12])
def test_a_file_too_short_for_a_footer_is_corrupt(tmp_path, length):
    path = tmp_path / "x.parquet"
    path.write_bytes(b"PAR1" * 3)
    path.write_bytes(path.read_bytes()[:length])
    assert refused(path)


def test_a_name_in_the_footer_that_is_no_text_is_corrupt(tmp_path):
    path = tmp_path / "x.parquet"
    pq.write_table(pq.ParquetFile(written(tmp_path)).read(), path)  # unsealed, as others write
    path.write_bytes(path.read_bytes().replace(b"trades", b"\xfftrade"))
    assert refused(path)


def test_what_would_fill_the_memory_is_corrupt(tmp_path, monkeypatch):
    path = written(tmp_path)
    monkeypatch.setattr("core.data.candle_file.MOST_ROWS", 49)
    with pytest.raises(CorruptFileError, match="50 rows"):
        read_candles(path, "BTCUSDT", Interval.M1)
    with path.open("r+b") as file:
        file.truncate(300_000_000)
    assert refused(path)


def written(tmp_path):
    path = tmp_path / "written.parquet"
    write_candles(random_walk(50), path)
    return path
