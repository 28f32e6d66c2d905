"""An import that is killed, or that fails anywhere, has stored all or nothing.

`IMPORT_KILLS=200` kills more of them.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection

from capabilities.authoring import imports
from capabilities.authoring.plans import Plan
from capabilities.deployment import fixtures
from capabilities.verifying import faults

from .factories import SEED_TEXT, editor_author, local_environment, machines, state, undone

KILLS = int(os.environ.get("IMPORT_KILLS", "12"))
MACHINES = 60
RANDOM = random.Random(807)  # noqa: S311  # no secret

CHILD = f"""
import json, sys
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from capabilities.auditing import Author
from capabilities.authoring import imports
from capabilities.models import AuditEntry, Fleet
from capabilities.verifying import faults
fleet = Fleet()
events = {{line.event for key in fleet.definitions for line in fleet.machine(*key).transitions}}
said = {{"events": sorted(events), "faults": [str(each) for each in faults()]}}
said["entries"] = AuditEntry.objects.count()
said["machines"] = len(fleet.definitions)
print(json.dumps(said), flush=True)
if len(sys.argv) > 1:
    text = "\\n".join(
        f"c{{n}}\\n\\n[Start] - <{{sys.argv[1]}}> {{{{no action}}}} -> [Complete]\\n"
        for n in range({MACHINES})
    )
    imports.run(text=text, by=Author.of_command("test"))
    print("stored", flush=True)
"""


def begun(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments],
        cwd=settings.BASE_DIR,
        env=local_environment(folder),
        stdout=subprocess.PIPE,
        text=True,
    )


def test_killed_at_any_time_it_has_stored_all_or_nothing(tmp_path: Path) -> None:
    """Each process tells what the one before it left, and is killed while it imports."""
    whole = begun(tmp_path, "e0")
    assert whole.stdout
    assert json.loads(whole.stdout.readline())["machines"] == 0
    start = time.perf_counter()
    assert whole.stdout.readline() == "stored\n"
    taken = time.perf_counter() - start
    assert whole.communicate()[0] == ""
    may_be, entries, stored, left = {"e0"}, {MACHINES}, 0, 0
    for number in range(1, KILLS + 1):
        child = begun(tmp_path, f"e{number}")
        assert child.stdout
        said = json.loads(child.stdout.readline())
        (event,) = said["events"]
        assert event in may_be
        assert said["entries"] in entries
        assert (said["machines"], said["faults"]) == (MACHINES, [])
        time.sleep(RANDOM.uniform(0, taken))
        child.send_signal(signal.SIGKILL)
        acknowledged = child.communicate()[0] == "stored\n"
        stored, left = stored + acknowledged, left + (not acknowledged)
        later = said["entries"] + MACHINES
        may_be = {f"e{number}"} if acknowledged else {event, f"e{number}"}
        entries = {later} if acknowledged else {said["entries"], later}
    last = begun(tmp_path)
    said = json.loads(last.communicate()[0])
    assert set(said["events"]) <= may_be
    assert (len(said["events"]), said["faults"]) == (1, [])
    assert left  # else none was killed in time


# -- a statement that fails


PAGE = SEED_TEXT.replace("{SendMessage execution_failed} ", "{QaFail} ")
TEXTS: dict[str, Callable[[], str]] = {
    "page": lambda: PAGE,
    "fixture": lambda: json.dumps(
        [
            each
            for each in json.loads(fixtures.dump().replace("execution_failed", "failed"))
            if each["model"] != "capabilities.term"
        ]
    ),
}


@contextmanager
def failing(number: int, fail: Callable[[], None]) -> Iterator[list[str]]:
    """Let the statement of that number fail; yields the statements so far."""
    made: list[str] = []

    def execute(call: Any, sql: str, *more: Any) -> Any:
        made.append(sql)
        if len(made) == number:
            fail()
        return call(sql, *more)

    with connection.execute_wrapper(execute):
        yield made


def raise_error() -> None:
    raise OperationalError("database or disk is full")


@pytest.mark.parametrize("form", TEXTS)
def test_whichever_statement_fails_all_or_nothing_is_stored(seed: Plan, form: str) -> None:
    text, before = TEXTS[form](), state()
    with undone(), failing(0, raise_error) as made:
        imports.run(text=text, by=editor_author())
        after = machines()
    failed = 0
    for number in range(1, len(made), len(made) // 40 + 1):
        with undone():
            try:
                with failing(number, raise_error):
                    imports.run(text=text, by=editor_author())
            except OperationalError:
                failed += 1
                assert state() == before
            else:  # Django goes on when it only wanted to know whether a row could be
                assert machines() == after
            assert list(faults()) == []
    assert failed > 20


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no server to be cut from")
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_whenever_the_server_ends_the_connection_nothing_is_stored() -> None:
    from psycopg import Error

    imports.run(text=SEED_TEXT, by=editor_author())
    before = state()

    def terminate() -> None:
        with suppress(Error), connection.connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    for number in (3, 20, 40):
        with failing(number, terminate), pytest.raises(OperationalError):
            imports.run(text=PAGE, by=editor_author())
        connection.close()
        assert state() == before
    assert list(faults()) == []
