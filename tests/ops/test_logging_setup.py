import base64
import json
import logging
import re
import subprocess
import sys
from contextlib import contextmanager
from urllib.parse import quote, quote_plus

import pytest

from core.config import REPOSITORY
from ops.logging_setup import configure_logging

SECRET = "sk-0123456789abcdef"  # noqa: S105 - of nobody
LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR) \w+ [\w.]+ .*"
)


@contextmanager
def logging_to(path, level="INFO", role="engine", redact=(), form="text"):
    """Configure logging; yield a function that reads a file's lines."""

    def lines(name):
        file = path / f"{name}.log"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    with configure_logging(path, level, role=role, redact=redact, form=form):
        yield lines


def failed_with(message):
    raise ValueError(message)


@pytest.mark.parametrize(
    ("logger", "file"),
    [
        ("core.engine", "trading"),
        ("core.bar_evaluator", "trading"),
        ("core.companion_history", "trading"),
        ("core.signal_generator", "trading"),
        ("core.trading.paper_broker", "trading"),
        ("core.feature_runner", "trading"),
        ("core.overlay_runner", "trading"),
        ("core.telemetry", "trading"),
        ("deepseek.client", "trading"),
        ("core.data.binance_stream", "system"),
        ("core.journal.journal", "system"),
        ("core.engineering", "system"),
        ("ops.processes", "system"),
        ("ui.app", "system"),
        ("main", "system"),
        ("uvicorn.error", "system"),
        ("ops.backup.create", "cache_manager"),
        ("ops.cache_manager", "cache_manager"),
        ("ops.schedule.due", "cache_manager"),
        ("ops.database.care", "cache_manager"),
        ("core.journal.retention", "cache_manager"),
        ("ui.interactions", "chat_history"),
    ],
)
def test_a_record_goes_to_one_file_by_its_logger(tmp_path, logger, file):
    with logging_to(tmp_path) as lines:
        logging.getLogger(logger).info("connection opened")
        assert [line.endswith("connection opened") for line in lines(file)] == [True]
        others = {"trading", "system", "cache_manager", "chat_history"} - {file}
        assert not any(lines(other) for other in others)


def test_a_line_has_time_level_role_logger_and_message(tmp_path):
    with logging_to(tmp_path, role="dashboard") as lines:
        logging.getLogger("core.engine").warning("bar late by %d ms", 12)
        (line,) = lines("trading")
    assert LINE.fullmatch(line)
    assert line.endswith("Z WARNING dashboard core.engine bar late by 12 ms")


def test_time_is_utc_with_milliseconds(tmp_path):
    record = logging.makeLogRecord(
        {
            "name": "core.engine",
            "levelname": "INFO",
            "levelno": 20,
            "msg": "x",
            "created": 0.0,
            "msecs": 7.0,
        }
    )
    with logging_to(tmp_path) as lines:
        logging.getLogger("core.engine").handle(record)
        assert lines("trading") == ["1970-01-01T00:00:00.007Z INFO engine core.engine x"]


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "ERROR"])
def test_our_own_loggers_speak_from_the_level_on(tmp_path, level):
    with logging_to(tmp_path, level=level) as lines:
        for each in ("DEBUG", "INFO", "WARNING", "ERROR"):
            logging.getLogger("ops.health").log(getattr(logging, each), "x")
        spoken = [line.split()[1] for line in lines("system")]
    assert spoken == ["DEBUG", "INFO", "WARNING", "ERROR"][-len(spoken) :]
    assert spoken[0] == level


@pytest.mark.parametrize("library", ["uvicorn.access", "httpx2", "openai", "websockets.client"])
def test_libraries_are_quiet_until_something_is_wrong(tmp_path, library):
    logging.getLogger(library).propagate = True  # a server that another test configured mutes one
    with logging_to(tmp_path, level="DEBUG") as lines:
        logging.getLogger(library).info("GET / 200")
        assert lines("system") == []
        logging.getLogger(library).warning("trouble")
        assert len(lines("system")) == 1


def test_a_healthy_start_of_uvicorn_does_not_contain_the_word_error(tmp_path):
    with logging_to(tmp_path) as lines:
        logging.getLogger("uvicorn.error").info("Started server process")
        assert "error" not in lines("system")[0].lower()


def test_secrets_are_hidden_in_messages_arguments_and_tracebacks(tmp_path):
    with logging_to(tmp_path, redact=["", SECRET, SECRET[:8]]) as lines:
        log = logging.getLogger("deepseek.client")
        log.info("key %s", SECRET)
        log.info(f"headers={{'Authorization': 'Bearer {SECRET}'}}")  # noqa: G004 - as a library may
        try:
            failed_with(SECRET)
        except ValueError:
            log.exception("failed")
        text = "\n".join(lines("trading"))
    assert SECRET[:8] not in text
    assert text.count("***") == 3
    assert SECRET[8:] not in text


def test_a_message_cannot_forge_a_line(tmp_path):
    with logging_to(tmp_path) as lines:
        logging.getLogger("core.engine").info(
            "symbol=%s", "X\n2026 ERROR forged\r\x1b[31m\x85\ud800"
        )
        assert len(lines("trading")) == 1


def test_a_traceback_follows_its_line_indented(tmp_path):
    with logging_to(tmp_path) as lines:
        try:
            failed_with("two\nlines")
        except ValueError:
            logging.getLogger("core.engine").exception("stopped")
        first, *rest = lines("trading")
    assert LINE.fullmatch(first)
    assert rest
    assert all(line.startswith("    ") for line in rest)


@pytest.mark.parametrize("change", ["deleted", "moved", "directory deleted"])
def test_a_file_that_went_away_is_opened_anew(tmp_path, change):
    path = tmp_path / "logs"
    with logging_to(path) as lines:
        log = logging.getLogger("core.engine")
        log.info("one")
        file = path / "trading.log"
        if change == "moved":
            file.rename(path / "old.log")
        else:
            file.unlink()
        if change == "directory deleted":
            path.rmdir()
        log.info("two")
        assert [line.split()[-1] for line in lines("trading")] == ["two"]


@pytest.mark.simulator
def test_two_processes_share_the_files_and_either_rotates(tmp_path):
    program = (
        "import sys, logging, pathlib, ops.logging_setup as setup; role = sys.argv[2];"
        "setup.configure_logging(pathlib.Path(sys.argv[1]), 'INFO', role=role,"
        " rotation=setup.Rotation(most_bytes=100_000));"
        "[logging.getLogger('ops').info('%d %s', i, 'x' * 150) for i in range(2000)]"
    )
    roles = ("engine", "dashboard")
    command = [sys.executable, "-c", program, str(tmp_path)]
    running = [subprocess.Popen([*command, role], cwd=REPOSITORY) for role in roles]
    assert [process.wait(timeout=300) for process in running] == [0, 0]
    lines = [line for file in tmp_path.glob("*.log") for line in file.read_text().splitlines()]
    assert all(LINE.fullmatch(line) for line in lines)
    assert len(lines) == 4000
    assert len(list(tmp_path.glob("*.log"))) > 4


def test_closing_leaves_logging_as_it_was(tmp_path):
    root, ours = logging.getLogger(), logging.getLogger("core")
    before = (list(root.handlers), root.level, ours.level)
    with logging_to(tmp_path, level="DEBUG"):
        assert ours.level == logging.DEBUG
    assert (list(root.handlers), root.level, ours.level) == before


def test_a_placeholder_key_does_not_eat_ordinary_words(tmp_path):
    with logging_to(tmp_path, redact=["x", "test"]) as lines:
        logging.getLogger("ops").info("next test")
        assert lines("system")[0].endswith("next test")


def test_json_is_one_object_a_line_with_the_same_keys(tmp_path):
    awkward = 'key "quoted" \\ ü 12'
    with logging_to(tmp_path, redact=[awkward], form="json") as lines:
        log = logging.getLogger("core.engine")
        log.info("one\ntwo\u2028 %s %s", awkward, json.dumps(awkward))
        try:
            failed_with(awkward)
        except ValueError:
            log.exception("stopped")
        told = [json.loads(line) for line in lines("trading")]
    assert [list(one) for one in told] == [["ts", "level", "role", "logger", "message", "exc"]] * 2
    assert told[0]["message"] == 'one\ntwo\u2028 *** "***"'
    assert told[0]["exc"] is None
    assert told[1]["exc"].endswith("ValueError: ***")


def test_a_secret_is_hidden_however_an_address_or_a_header_spells_it(tmp_path):
    secret = "p@ss/wörd & more"  # noqa: S105 - of nobody
    with logging_to(tmp_path, redact=[secret]) as lines:
        logging.getLogger("ops").info(
            "%s %s %s %s",
            quote(secret, safe=""),
            quote_plus(secret),
            json.dumps(secret),
            base64.b64encode(secret.encode()).decode(),
        )
        (line,) = lines("system")
    assert line.count("***") == 4
    assert not {"rd", "more", "%40"} & set(re.split(r"[ *]", line))
