"""A broken request is a line in the log; a fault of ours keeps its traceback."""

import logging

from aiohttp.http_exceptions import BadStatusLine

from core.http_log import HttpLog

log = HttpLog(logging.getLogger("tests.http"))


def test_what_a_client_did_wrong_is_one_line_that_says_it(caplog):
    log.exception("Error handling request from %s", "::1", exc_info=BadStatusLine("GET /%s\n  x"))
    (record,) = caplog.records
    assert record.exc_info is None
    assert record.getMessage().startswith("Error handling request from ::1 reason=")
    assert "GET /%s" in record.getMessage()
    assert "\n" not in record.getMessage()


def test_a_fault_of_ours_keeps_its_traceback(caplog):
    log.exception("Error handling request", exc_info=ValueError("ours"))
    assert caplog.records[0].exc_info is not None
