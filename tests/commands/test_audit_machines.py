"""The audit from the command line."""

import json
from pathlib import Path

from capabilities.authoring.plans import Plan
from tests.people import VIEWER, client_of

from .running import run


def test_differences_end_with_1_and_the_whole_audit(seed: Plan) -> None:
    ran = run("audit_machines")
    assert ran.code == 1
    assert ran.out == client_of(VIEWER).get("/audit.md").content.decode()


def test_without_a_difference_and_an_error_it_ends_with_0(seed: Plan) -> None:
    ran = run("audit_machines", "--only", "differs=no", "--only", "q=std", "--format", "json")
    assert ran.code == 0
    found = json.loads(ran.out)
    assert [each["name"] for each in found["capabilities"]] == [
        "std_cms_imaging",
        "std_restore_imaging",
    ]


def test_it_writes_a_file(seed: Plan, tmp_path: Path) -> None:
    path = tmp_path / "audit.csv"
    ran = run("audit_machines", "--format", "csv", "-o", str(path))
    assert (ran.code, ran.out) == (1, "")
    assert path.read_bytes() == client_of(VIEWER).get("/audit.csv").content


def test_a_filter_that_there_is_not_is_refused(seed: Plan) -> None:
    for only in ("colour=red", "differs", "differs="):
        ran = run("audit_machines", "--only", only)
        assert (ran.code, ran.out) == (2, "")
        assert ran.refusal == f"“{only}” is no filter; `--help` names them."


def test_a_file_that_cannot_be_written_is_refused(seed: Plan, tmp_path: Path) -> None:
    assert run("audit_machines", "-o", str(tmp_path / "nowhere" / "x.md")).code == 2
