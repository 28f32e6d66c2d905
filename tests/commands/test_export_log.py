"""export_log: the log as a file, filtered as the page filters it."""

import csv
import io
import json
from pathlib import Path

import pytest

from capabilities.authoring import overrides
from capabilities.authoring.plans import Plan
from capabilities.models import AuditEntry

from ..factories import RESUME, editor_author, head, seen
from .running import run


@pytest.fixture
def written(seed: Plan) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, message="=so", by=editor_author("eve"))


def test_it_writes_every_stored_column_as_json(written: None) -> None:
    ran = run("export_log")
    assert ran.code == 0
    assert ran.json["entries"] == list(AuditEntry.objects.order_by("sequence").values())


@pytest.mark.parametrize(
    "options",
    [
        ("--actor", "eve"),
        ("--text", "DROPPED"),
        ("--change", "overridden"),
        ("--name", "null", "--kind", "current", "--since", "2020-01-01", "--text", "resume"),
    ],
)
def test_it_writes_what_is_asked_for_as_csv_into_a_file(
    written: None, tmp_path: Path, options: tuple[str, ...]
) -> None:
    path = tmp_path / "log.csv"
    ran = run("export_log", "--format", "csv", "-o", str(path), *options)
    assert (ran.code, ran.out) == (0, "")
    rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode(), newline="")))
    assert [(row["sequence"], row["message"]) for row in rows] == [(str(head()), "'=so")]


def test_the_same_log_gives_the_same_bytes(written: None, tmp_path: Path) -> None:
    for name in ("one", "two"):
        run("export_log", "-o", str(tmp_path / name))
    one, two = ((tmp_path / name).read_bytes() for name in ("one", "two"))
    assert one == two
    assert json.loads(one)["entries"]


def test_what_cannot_be_asked_is_refused(written: None) -> None:
    ran = run("export_log", "--since", "tomorrow", "--change", "eaten")
    assert (ran.code, ran.out) == (2, "")
    assert "--since: “tomorrow” is no day; write it as 2026-01-31." in ran.refusal
    assert "--change: " in ran.refusal


def test_a_file_that_cannot_be_written_is_told(written: None, tmp_path: Path) -> None:
    ran = run("export_log", "-o", str(tmp_path / "no" / "such"))
    assert ran.code == 2
    assert ran.refusal.startswith("It could not be done: ")
