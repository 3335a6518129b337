"""Nothing of ours tells another process of ours that the database is locked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.config import REPOSITORY, Home
from core.journal.database import database_url
from core.journal.journal import Journal
from ops.audit.verify import verify
from ops.database.care import check

pytestmark = pytest.mark.simulator

SECONDS = 4.0
DEADLINE_S = 600.0

# Each does its work over and over until the time is up, then says how often, how long it
# waited for a lock at most, and what went wrong.
LOOP = """
import json, sys, time
from pathlib import Path
from core.config import Home
from core.journal.database import database_url
home = Home(Path(sys.argv[1]))
url, until = database_url(home.database), time.monotonic() + float(sys.argv[2])
{prepare}
count, faults = 0, []
while time.monotonic() < until or not count:
    try:
        {work}
    except Exception as error:
        faults.append(f"{{type(error).__name__}}: {{error}}")
        if len(faults) > 5:
            break
    count += 1
waited = max(globals().get("waits", [0.0]))
print(json.dumps([count, waited, faults]))
"""

ENGINE = (
    """
from core.journal.journal import Journal
from tests.builders import START_MS
from tests.core.journal.builders import CALL, decision, key, reading, shadow, signal
waits = []
journal, number, DAY = Journal.open(url, waited_s=waits.append), 0, 86_400_000
def step():
    global number
    number += 1
    given = signal(key(number)) if number % 2 else None
    journal.record_evaluation(decision(key(number)), signal=given, shadows=[shadow(key(number))],
                              calls=[CALL])
    journal.add_readings([reading("supertrend", number)] * 50)
    journal.set_control("engine", str(number), START_MS)
    if number % 20 == 0:
        journal.prune(START_MS + 95 * DAY)
""",
    "step()",
)
PAGE = (
    """
from core.journal.journal import Journal
from core.journal.overview import JournalOverview
from core.journal.reader import JournalReader
from core.model.command import PauseSymbol
overview, reader = JournalOverview.open(url), JournalReader.open(url)
journal = Journal.open(url, migrate=False)
def step():
    overview.recent_signals(200)
    overview.telemetry()
    overview.control("engine")
    reader.regimes(), reader.open_trades(), reader.recent_commands()
    journal.add_command(PauseSymbol("BTCUSDT"), who="page", at_ms=0)
""",
    "step()",
)
METRICS = (
    """
import os, subprocess
from core.config import REPOSITORY
def step():
    done = subprocess.run([sys.executable, str(REPOSITORY / "scripts/compute_success_metrics.py")],
                          capture_output=True, text=True)
    assert "locked" not in done.stdout + done.stderr, done.stderr
    assert done.returncode == 0, done.stderr
""",
    "step()",
)
BACKUP = ("from ops.backup.create import create_backup", "create_backup(home)")
CARE = (
    "from ops.database.care import check, optimize",
    "optimize(home); assert not check(home).faults",
)
DUMP = ("from ops.database.dump import dump", "dump(home, home.root / 'dump.sql')")
HANDS = (
    "from ops.audit.trail import append_audit\nfrom ops.audit.entry import Action",
    "assert append_audit(home, Action.MANUAL, who='ann', detail='x'); time.sleep(0.02)",
)
PROCESSES = {
    "engine": ENGINE,
    "page": PAGE,
    "metrics": METRICS,
    "backup": BACKUP,
    "care": CARE,
    "dump": DUMP,
    "hands": HANDS,
}


def begun(home: Home, prepare: str, work: str) -> "subprocess.Popen[str]":
    environment = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        "TRADING_HOME": str(home.root),
    }
    program = LOOP.format(prepare=prepare, work=work)
    return subprocess.Popen(
        [sys.executable, "-c", program, str(home.root), str(SECONDS)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        text=True,
    )


def test_no_process_of_ours_finds_the_database_locked_by_another(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.create()
    Journal.open(database_url(home.database)).close()
    running = {name: begun(home, *given) for name, given in PROCESSES.items()}
    faults = {}
    try:
        for name, process in running.items():
            told, complaint = process.communicate(timeout=DEADLINE_S)
            assert process.returncode == 0, f"{name}: {complaint}"
            count, waited_s, found = json.loads(told)
            assert count
            if found:
                faults[name] = (waited_s, found)
            assert "locked" not in complaint
            assert "not yet in the journal" not in complaint
    finally:
        for process in running.values():
            process.kill()
            process.wait()
    assert faults == {}
    assert check(home).faults == ()
    assert verify(home).fault == ""
