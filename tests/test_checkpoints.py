"""The checkpoint outside of the database: it goes on after each commit and never back."""

import contextlib
import json
import logging
import random
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError, transaction

from capabilities import checkpoints
from capabilities.authoring import overrides
from capabilities.authoring.plans import Plan
from capabilities.checkpoints import Checkpoint, CheckpointError, advance, begin_anew, read
from capabilities.models import AuditEntry
from capabilities.verifying import faults

from .factories import RESUME, SEED, editor_author, local_environment, seen

committed = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture(autouse=True)
def path(tmp_path: Path, settings: Any) -> Path:
    settings.AUDIT_CHECKPOINT = str(tmp_path / "other disk" / "checkpoint")
    return Path(settings.AUDIT_CHECKPOINT)


def end(sequence: int) -> tuple[int, str]:
    return sequence, AuditEntry.objects.get(sequence=sequence).digest


# -- after a write


@committed
def test_after_each_commit_it_names_the_last_entry(seed: Plan) -> None:
    assert read() == Checkpoint(*end(10))
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    assert read() == Checkpoint(*end(11))
    assert list(faults()) == []


@committed
def test_before_the_commit_and_after_none_it_stays(seed: Plan) -> None:
    with transaction.atomic():
        overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
        assert read() == Checkpoint(*end(10))
        transaction.set_rollback(True)
    assert read() == Checkpoint(*end(10))


@committed
def test_a_write_whose_checkpoint_fails_stands_and_the_log_tells(
    seed: Plan, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.unlink()
    path.mkdir()
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    assert AuditEntry.objects.count() == 11
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.getMessage().startswith("The checkpoint of the audit log could not be written: ")


@committed
def test_none_is_written_where_none_is_wanted(db: None, settings: Any, path: Path) -> None:
    settings.AUDIT_CHECKPOINT = ""
    advance((0, ""), (1, "x"))
    assert read() is None
    assert begin_anew((1, "x"), at="", by="") is None
    assert not path.parent.exists()


def test_only_its_owner_may_read_it(db: None, path: Path) -> None:
    advance((0, ""), (1, "x"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


# -- which way it goes


def test_it_never_goes_back(seed: Plan) -> None:
    advance((0, ""), end(8))
    advance((0, ""), end(5))
    assert read() == Checkpoint(*end(8))


def test_writes_that_come_in_another_order_leave_the_last_one(seed: Plan) -> None:
    steps = list(range(1, 11))
    random.Random(7).shuffle(steps)  # noqa: S311
    for step in steps:
        advance(end(step - 1) if step > 1 else (0, ""), end(step))
    assert read() == Checkpoint(*end(10))


def test_one_that_was_left_behind_is_caught_up(seed: Plan) -> None:
    advance((0, ""), end(3))
    advance(end(9), end(10))
    assert read() == Checkpoint(*end(10))


def test_one_that_the_log_does_not_contain_stays(
    seed: Plan, caplog: pytest.LogCaptureFixture
) -> None:
    """Else a log that was put in its place would take it over by growing."""
    advance((0, ""), (8, "of another log"))
    advance(end(9), end(10))
    assert read() == Checkpoint(8, "of another log")
    assert "does not contain entry 8" in caplog.text


def test_several_threads_at_once_leave_the_last_one(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "_is_in_the_log", lambda _: True)
    ends = [(number, f"digest {number}") for number in range(201)]

    def walk(first: int) -> None:
        for number in range(first, 200, 4):
            advance(there.end if (there := read()) else (0, ""), ends[number + 1])

    threads = [threading.Thread(target=walk, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    found = read()
    assert found
    assert found.end == ends[200]
    assert {each.name for each in path.parent.iterdir()} == {"checkpoint", "checkpoint.lock"}


# -- anew


def test_anew_it_may_go_back_and_remembers_that(seed: Plan) -> None:
    advance((0, ""), (30, "x"))
    begin_anew(end(10), at="2026-11-24", by="ada")
    found = read()
    assert found
    assert found.end == end(10)
    (anew,) = found.anew
    assert (anew.was, anew.became, anew.by) == (30, 10, "ada")
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    advance(end(10), end(11))
    assert read() == Checkpoint(*end(11), (anew,))


def test_it_stays_small(db: None, path: Path) -> None:
    for number in range(100):
        begin_anew((number, "x" * 64), at="2026-11-24T00:00:00", by="ada")
    found = read()
    assert found
    assert [each.became for each in found.anew] == list(range(80, 100))
    assert path.stat().st_size < 4000


def test_anew_it_replaces_what_cannot_be_read(db: None, path: Path) -> None:
    path.parent.mkdir()
    path.write_text("nonsense")
    begin_anew((1, "x"), at="2026-11-24", by="ada")
    found = read()
    assert found
    assert found.end == (1, "x")


# -- what the file says


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        (b"", "cannot be read"),
        (b"{", "cannot be read"),
        (b"[1]", "cannot be read"),
        (b"{}", "cannot be read"),
        (b"\xff", "cannot be read"),
        (b'{"sequence": 1, "digest": "x", "anew": [], "signature": "\\u00e9"}', "cannot be read"),
        (
            b'{"sequence": 1, "digest": "x", "anew": [], "signature": "x"}',
            "was changed, or written with another AUDIT_KEY",
        ),
    ],
)
def test_a_file_that_is_no_checkpoint_is_a_fault_and_stays(
    seed: Plan, path: Path, written: bytes, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    path.parent.mkdir()
    path.write_bytes(written)
    with pytest.raises(CheckpointError, match=problem):
        read()
    assert [str(fault) for fault in faults()] == [f"the checkpoint {problem}"]
    advance(end(9), end(10))
    assert path.read_bytes() == written
    assert problem in caplog.text


@pytest.mark.parametrize("name", ["sequence", "digest", "anew"])
def test_whatever_is_changed_in_it_is_found(db: None, path: Path, name: str) -> None:
    begin_anew((7, "x"), at="2026-11-24", by="ada")
    value = json.loads(path.read_text())
    value[name] = {"sequence": 6, "digest": "y", "anew": []}[name]
    path.write_text(json.dumps(value))
    with pytest.raises(CheckpointError):
        read()


def test_under_another_key_it_is_no_checkpoint(db: None, settings: Any) -> None:
    advance((0, ""), (7, "x"))
    settings.AUDIT_KEY = "another key"
    with pytest.raises(CheckpointError):
        read()


# -- when the process ends in between


STOPPED = """
import os, django
django.setup()
from capabilities import checkpoints
from capabilities.auditing import Author
from capabilities.authoring import overrides
from tests.factories import RESUME, seen
{insert} = lambda *_: os._exit(9)
overrides.drop(definition=seen("null"), key=RESUME, by=Author(1, "ada", "page"))
"""


class Installation:
    """smadmin as it is run from a shell, with its data in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        assert self.run("manage.py", "migrate", "--verbosity=0").returncode == 0
        assert self.run("manage.py", "import_machines", str(SEED)).returncode == 0

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=django_settings.BASE_DIR,
            env=local_environment(self.folder),
            capture_output=True,
            text=True,
            check=False,
        )

    def verify(self, *arguments: str) -> str:
        return self.run("manage.py", "verify_audit", *arguments).stdout

    def add(self, name: str) -> None:
        """Write one entry."""
        page = self.folder / "page.txt"
        page.write_text(f"{name}\n\n[Start] - <go> {{no action}} -> [Complete]\n", encoding="utf-8")
        assert self.run("manage.py", "import_machines", str(page)).returncode == 0


@pytest.mark.parametrize(
    "insert",
    ["checkpoints.advance", "checkpoints._signature", "os.fsync", "checkpoints.Path.replace"],
)
def test_one_that_is_behind_is_no_fault_and_catches_up(insert: str, tmp_path: Path) -> None:
    there = Installation(tmp_path)
    assert there.run("-c", STOPPED.format(insert=insert)).returncode == 9
    assert there.verify() == "11 entries, 0 faults.\nThe checkpoint names entry 10.\n"
    there.add("later")
    assert there.verify() == "12 entries, 0 faults.\nThe checkpoint names entry 12.\n"


def test_a_backup_that_was_put_back_is_told_until_it_is_accepted(tmp_path: Path) -> None:
    there = Installation(tmp_path)
    database, backup = tmp_path / "smadmin.sqlite3", tmp_path / "backup.sqlite3"
    with contextlib.closing(sqlite3.connect(database)) as opened:
        opened.execute("VACUUM INTO ?", [str(backup)])
    for name in ("one", "two"):
        there.add(name)
    assert there.verify() == "12 entries, 0 faults.\nThe checkpoint names entry 12.\n"
    for path in tmp_path.glob("smadmin.sqlite3*"):
        path.unlink()
    backup.rename(database)
    missing = "entry 11 is missing: the checkpoint names entry 12\n"
    assert there.verify().startswith(missing)
    # A log that grows past the checkpoint is still another one.
    for name in ("three", "four", "five"):
        there.add(name)
    assert there.verify().startswith("entry 12 is not the entry that the checkpoint names\n")
    accepted = there.verify("--accept")
    assert accepted.startswith("13 entries, 0 faults.\nThe checkpoint names entry 13.\n")
    assert "it named entry 12, and then entry 13." in accepted
    there.add("six")
    assert there.verify().startswith("14 entries, 0 faults.\nThe checkpoint names entry 14.\n")


def test_a_database_that_cannot_be_asked_leaves_it_where_it_is(
    seed: Plan, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(checkpoint: Checkpoint) -> bool:
        raise OperationalError("the server closed the connection")

    advance((0, ""), end(3))
    monkeypatch.setattr(checkpoints, "_is_in_the_log", fail)
    advance(end(9), end(10))
    assert read() == Checkpoint(*end(3))
    assert "the server closed the connection" in caplog.text
