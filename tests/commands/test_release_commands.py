"""Releasing and recording a deployment from the command line."""

from pathlib import Path

from capabilities.authoring import overrides
from capabilities.authoring.plans import Plan
from capabilities.models import Deployment, Release

from ..factories import COMPLETE, editor_author, seen, state
from ..releasing import NAME, WARNINGS, adopt_ideal, released
from .running import run

ACKNOWLEDGED = [word for each in WARNINGS for word in ("--acknowledge", ":".join(each))]
TITLE = ("--title", "The first")


def test_it_releases_what_the_checks_allow_and_says_the_digest(seed: Plan) -> None:
    ran = run("release_machines", *TITLE, "--notes", "Mine.", *ACKNOWLEDGED)
    made = Release.objects.get()
    assert ran.code == 0
    assert ran.out.endswith(f"Released: release 1, SHA-256 {made.digest}.\n")
    assert (made.title, made.notes, made.machines.count()) == ("The first", "Mine.", 7)
    assert [each["code"] for each in made.warnings] == ["completion-before-qa"] * 2 + [
        "qa-outcome-without-action"
    ]


def test_a_warning_that_is_not_acknowledged_ends_with_1_and_releases_nothing(seed: Plan) -> None:
    before = state()
    ran = run("release_machines", *TITLE, *ACKNOWLEDGED[:2])
    assert ran.code == 1
    assert f"warning  qa-outcome-without-action:{NAME} “qa-fail” does nothing.\n" in ran.out
    assert ran.out.endswith("Nothing is released with 1 open finding.\n")
    assert state() == before


def test_an_error_ends_with_1_and_releases_nothing(seed: Plan) -> None:
    overrides.drop(definition=seen("null"), key=COMPLETE, by=editor_author())
    before = state()
    ran = run("release_machines", *TITLE, *ACKNOWLEDGED)
    assert ran.code == 1
    assert "\nerror    " in ran.out
    assert state() == before


def test_a_dry_run_tells_the_plan_and_does_nothing(seed: Plan) -> None:
    released()
    adopt_ideal()
    before = state()
    asked = ["--acknowledge", f"workflow-not-started:{NAME}"]
    asked += ["--acknowledge", f"unknown-notification:{NAME}", "--dry-run"]
    ran = run("release_machines", *TITLE, *asked)
    assert ran.code == 0
    assert "For std_calibration:\n  The message “execution_complete” and" in ran.out
    assert ran.out.endswith("Would be released: release 2.\n")
    found = run("release_machines", *TITLE, *asked, "--json").json
    assert (found["number"], found["released"], found["digest"]) == (2, False, "")
    assert found["plan"]["changed"][0]["machines"] == [NAME]
    assert found["plan"]["changed"][0]["for_users"][0].startswith("The message")
    assert not any(each["open"] for each in found["findings"])
    assert state() == before


def test_what_it_cannot_do_is_refused(seed: Plan) -> None:
    before = state()
    for asked, told in (
        (("--capability", "nothing"), "There is no capability nothing."),
        (("--acknowledge", "x"), "“x” names no warning; expected CODE:MACHINE."),
        (("--title", " "), "Give the release a title."),
    ):
        ran = run("release_machines", *TITLE, *ACKNOWLEDGED, *asked)
        assert (ran.code, ran.refusal) == (2, told)
    assert state() == before


def test_some_machines_are_released_alone(seed: Plan) -> None:
    assert run("release_machines", *TITLE, "--capability", "null").code == 0
    assert [each.name for each in Release.objects.get().machines.all()] == ["null"]


def test_a_deployment_is_recorded_once(seed: Plan) -> None:
    released()
    ran = run("record_deployment", "1", "production", "--remark", "WS-812")
    assert (ran.code, ran.out) == (0, "production has release 1 now.\n")
    made = Deployment.objects.get()
    assert (made.environment, made.release_id, made.remark) == ("production", 1, "WS-812")
    again = run("record_deployment", "1", "production")
    assert (again.code, again.refusal) == (2, "Release 1 is in production already.")
    other = run("record_deployment", "2", "dev")
    assert (other.code, other.refusal) == (2, "There is no release 2.")
    assert Deployment.objects.count() == 1


def test_the_export_of_a_release_is_written_byte_for_byte(seed: Plan, tmp_path: Path) -> None:
    made = released()
    adopt_ideal()
    path = tmp_path / "release.json"
    asked = ("--format", "fixture", "--release", "1")
    assert run("export_machines", *asked, "-o", str(path)).code == 0
    assert path.read_bytes() == made.export.encode()
    assert run("export_machines", *asked).out == made.export
    for wrong, told in (
        (("--format", "fixture", "--release", "2"), "There is no release 2."),
        (("--format", "notation", "--release", "1"), "A release is exported whole, as a fixture."),
        ((*asked, "--kind", "current"), "A release is exported whole, as a fixture."),
    ):
        ran = run("export_machines", *wrong)
        assert (ran.code, ran.refusal) == (2, told)
