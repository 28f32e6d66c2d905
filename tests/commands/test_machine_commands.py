"""Importing, checking, comparing, exporting, verifying: each at the command line."""

import getpass
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from capabilities import checkpoints
from capabilities.authoring import capabilities, checks, definitions, overrides, texts
from capabilities.authoring.plans import Plan
from capabilities.deployment import fixtures
from capabilities.deployment.formats import FORMATS
from capabilities.deployment.pages import notation
from capabilities.deployment.selection import Selection
from capabilities.machines.notation import render
from capabilities.models import AuditEntry, Capability, MachineTemplate

from ..deciding import NAME, decided
from ..drifted import THREE, dump, one_broken
from ..factories import (
    NAMES,
    RESUME,
    SEED,
    SEED_TEXT,
    SIMPLE,
    editor_author,
    effective,
    emptied,
    last_entries,
    machines,
    seen,
    state,
    tampering,
)
from .running import run

BAD = """\
null

[Start] - <capability-submitted {QueueWorkflow null} -> [Queued]
[Queued] - <resume> {ExecuteWorkflow null} -> [Executing
"""
GOOD = """\
vlass

[Start] - <capability-submitted> {QueueWorkflow vlass} -> [Complete]
-- Why not?

Nobody's aside.
"""


@pytest.fixture
def good(tmp_path: Path) -> str:
    path = tmp_path / "good.txt"
    path.write_text(GOOD, encoding="utf-8")
    return str(path)


@pytest.fixture
def bad(tmp_path: Path) -> str:
    path = tmp_path / "bad.txt"
    path.write_text(BAD, encoding="utf-8")
    return str(path)


# -- import_machines


def test_an_import_brings_the_page_in_and_tells_of_each_machine(db: None) -> None:
    ran = run("import_machines", str(SEED), "--message", "WS-807")
    assert ran.code == 0
    lines = ran.out.split("\n")
    assert lines[0] == "new       null current: Simple run-workflow"
    assert (
        "new       std_calibration current: "
        "Simple run-workflow + 3 overrides (adds 2, overrides 1)" in lines
    )
    assert "unchanged std_cms_imaging ideal: the same as current" in lines
    assert (
        "new note  std_cms_imaging ideal: Leave them the same until we get stories for it." in lines
    )
    assert "ignored   line 142: Merge request reports" in lines
    assert lines[-2] == "Imported: 10 new, 0 changed, 0 removed, 2 unchanged."
    assert tuple(Capability.objects.values_list("name", flat=True)) == NAMES
    entries = last_entries()
    assert {entry.way for entry in entries} == {"import_machines"}
    assert {entry.actor for entry in entries} == {getpass.getuser()}
    assert {entry.message for entry in entries} == {"WS-807"}
    assert {entry.summary for entry in entries} == {f"Imported {SEED.name}"}
    assert len({entry.request for entry in entries}) == 1


def test_a_dry_run_prints_the_same_and_does_nothing(db: None) -> None:
    before = state()
    dry = run("import_machines", str(SEED), "--dry-run")
    assert state() == before
    assert dry.code == 0
    wet = run("import_machines", str(SEED))
    assert dry.out.replace("Would be imported", "Imported") == wet.out
    assert dry.out != wet.out


def test_changes_are_told_in_sentences_with_their_sign(seed: Plan, tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    text = SEED_TEXT.replace("{no action} -> [Failed]", "{QaFail} -> [Failed]")
    path.write_text(text, encoding="utf-8")
    ran = run("import_machines", str(path), "--dry-run")
    assert "changed   std_calibration current: " in ran.out
    assert "            ~ [Awaiting QA] - <qa-fail> now also does {QaFail}.\n" in ran.out
    assert ran.out.endswith("Would be imported: 0 new, 1 changed, 0 removed, 11 unchanged.\n")


def test_the_plan_as_json(db: None, good: str) -> None:
    ran = run("import_machines", good, "--json", "--dry-run")
    assert ran.code == 0
    assert ran.json == {
        "planned": [
            {
                "subject": "definition",
                "name": "vlass",
                "kind": "current",
                "word": "new",
                "made_of": "1 override (adds 1)",
                "differences": [],
            }
        ],
        "notes": [
            {"owner": "vlass current", "text": "Nobody's aside.", "line": 6, "new": True,
             "question": False, "answers": False},
            {"owner": "vlass current", "text": "Why not?", "line": 4, "new": True,
             "question": True, "answers": False},
        ],
        "warnings": [],
        "ignored": [],
        "errors": [],
    }  # fmt: skip


def test_rows_are_told_with_their_warnings_and_their_broken_rows(
    seed: Plan, tmp_path: Path
) -> None:
    path = tmp_path / "rows.json"
    path.write_text(dump(*THREE), encoding="utf-8")
    ran = run("import_machines", str(path), "--dry-run")
    assert ran.code == 0
    assert "warning   null and test_download: the machine type SimpleStateMachine does" in ran.out
    assert ran.out.endswith("Would be imported: 0 new, 2 changed, 0 removed, 5 unchanged.\n")
    assert len(run("import_machines", str(path), "--json").json["warnings"]) == 1
    path.write_text(dump(one_broken), encoding="utf-8")
    ran = run("import_machines", str(path))
    assert ran.code == 2
    assert ran.out.startswith("capability_state_actions, row 43, column transition_id: 777 names")
    assert ran.out.endswith("1 error; nothing was imported.\n")
    (error,) = run("import_machines", str(path), "--json").json["errors"]
    assert (error["line"], error["column"], error["code"]) == (None, None, "bad-rows")


def test_a_change_as_json_says_both_sides(seed: Plan, tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    text = SEED_TEXT.replace("{no action} -> [Failed]", "{QaFail} -> [Failed]")
    path.write_text(text, encoding="utf-8")
    ran = run("import_machines", str(path), "--json")
    (changed,) = (each for each in ran.json["planned"] if each["word"] == "changed")
    (difference,) = changed["differences"]
    assert (difference["kind"], difference["old"]["actions"]) == ("changed", [])
    assert difference["new"]["actions"] == [{"name": "QaFail", "argument": ""}]
    assert effective("std_calibration").transitions[-1].actions


def test_a_page_with_mistakes_is_refused_with_each_of_them(seed: Plan, bad: str) -> None:
    before = state()
    ran = run("import_machines", bad)
    assert ran.code == 2
    assert state() == before
    assert ran.out.split("\n")[:3] == [
        "line 3, column 33: expected “>” after the event, found “{” "
        "(write “\\{” if it belongs to the name)",
        "    [Start] - <capability-submitted {QueueWorkflow null} -> [Queued]",
        "                                    ^",
    ]
    assert "line 4, column 47: " in ran.out
    assert ran.out.endswith("2 errors; nothing was imported.\n")
    as_json = run("import_machines", bad, "--json")
    assert as_json.code == 2
    assert [(e["line"], e["column"], e["code"]) for e in as_json.json["errors"]] == [
        (3, 33, "unclosed"),
        (4, 47, "unclosed"),
    ]
    assert as_json.json["planned"] == []


def test_a_fixture_is_imported_too(seed: Plan, tmp_path: Path) -> None:
    before, path = machines(), tmp_path / "machines.json"
    path.write_text(fixtures.dump(Selection()), encoding="utf-8")
    emptied()
    ran = run("import_machines", str(path))
    assert ran.code == 0
    assert machines() == before
    path.write_text('[{"model": "auth.user", "fields": {}}]', encoding="utf-8")
    ran = run("import_machines", str(path))
    assert ran.code == 2
    assert "row 1 of the fixture: “auth.user” is not imported" in ran.out


# -- check_machines


def test_a_check_of_a_file_touches_no_database(good: str) -> None:
    """pytest-django refuses every query here, there being no database in this test."""
    ran = run("check_machines", good)
    assert ran.code == 0
    assert ran.out == (
        "vlass current: info no-cancellation: "
        "No transition handles “capability-cancelled”.\n"
        "1 capability, 0 machine templates, 0 errors, 1 finding, 0 lines ignored.\n"
    )


def test_findings_are_told_with_their_lines() -> None:
    ran = run("check_machines", str(SEED))
    assert ran.code == 1
    assert (
        "std_calibration current line 61: warning qa-outcome-without-action: "
        "“qa-fail” does nothing.\n" in ran.out
    )
    assert ran.out.endswith(
        "7 capabilities, 2 machine templates, 0 errors, 13 findings, 26 lines ignored.\n"
    )


def test_a_near_miss_is_found_with_what_was_probably_meant(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text(SEED_TEXT.replace("Awaiting QA] - <qa-pass>", "Awaiting QA] - <qa-pas>"))
    ran = run("check_machines", str(path), "--json")
    found = [each for each in ran.json["findings"] if each["code"] == "unknown-event"]
    assert {each["suggestion"] for each in found} == {"qa-pass"}
    assert [each["line"] for each in found] == [60, 68]


def test_errors_of_a_file_are_told_and_end_with_2(bad: str) -> None:
    ran = run("check_machines", bad, "--json")
    assert ran.code == 2
    assert set(ran.json) == {"machines", "templates", "errors", "findings", "ignored"}
    assert [(e["line"], e["column"], e["code"]) for e in ran.json["errors"]] == [
        (3, 33, "unclosed"),
        (4, 47, "unclosed"),
    ]
    assert ran.json["findings"] == []
    assert all(each["message"] for each in ran.json["errors"])
    ran = run("check_machines", bad)
    assert ran.code == 2
    assert "                                    ^\n" in ran.out


def test_a_file_without_a_machine_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text("Only prose.\n")
    ran = run("check_machines", str(path), "--json")
    assert ran.code == 2
    assert [each["code"] for each in ran.json["errors"]] == ["no-machines"]
    assert ran.json["ignored"] == [{"line": 1, "text": "Only prose."}]


def test_what_is_stored_is_checked_with_the_registered_names(seed: Plan) -> None:
    ran = run("check_machines")
    assert ran.code == 1
    assert ran.out.endswith(
        "7 capabilities, 2 machine templates, 0 errors, 13 findings, 0 lines ignored.\n"
    )
    assert "std_calibration current: warning completion-before-qa" in ran.out


def test_what_is_switched_off_for_a_machine_is_no_finding(seed: Plan) -> None:
    checks.switch_off(
        capability=Capability.objects.get(name="std_calibration"),
        kind="current",
        code="completion-before-qa",
        reason="It is for the operators.",
        by=editor_author(),
    )
    ran = run("check_machines", "--json")
    assert len(ran.json["findings"]) == 11
    assert set(ran.json) == {"machines", "templates", "errors", "findings", "ignored"}


# -- diff_machines


def test_current_is_compared_with_ideal(seed: Plan) -> None:
    ran = run("diff_machines")
    assert ran.code == 1
    assert ran.out == (
        "std_calibration: From the current machine to the ideal machine, 3 transitions are "
        "changed and 2 transitions are added.\n"
        "  ~ [Executing] - <workflow-complete> no longer does {SendMessage execution_complete}.\n"
        "  ~ [Executing] - <workflow-complete> no longer does "
        "{SendNotification workflow-complete}.\n"
        "  ~ [Executing] - <workflow-complete> now also does {AnnounceQa}.\n"
        "  ~ [Awaiting QA] - <qa-pass> leads to [Ingesting] instead of [Complete].\n"
        "  ~ [Awaiting QA] - <qa-fail> now also does {QaFail}.\n"
        "  + [Ingesting] - <workflow-complete> is added: {SendMessage execution_complete} "
        "{SendNotification workflow-complete}, then [Complete].\n"
        "  + [Ingesting] - <workflow-failed> is added: {SendMessage execution_failed} "
        "{SendNotification ingest-failed}, then [Failed].\n"
        "  What will be done differently:\n"
        "  * The message “execution_complete” and the notification “workflow-complete” are sent "
        "later: by the current machine before [Awaiting QA] and [Ingesting], when "
        "<workflow-complete> arrives in [Executing]; by the ideal machine only after, when "
        "<workflow-complete> arrives in [Ingesting].\n"
        "  * The message “execution_complete” and the notification “workflow-complete” are no "
        "longer sent when <qa-fail> arrives in [Awaiting QA] or when <workflow-failed> arrives in "
        "[Ingesting].\n"
        "  * The message “execution_failed” is now also sent when <workflow-failed> arrives in "
        "[Ingesting].\n"
        "  * {AnnounceQa} is now done when <workflow-complete> arrives in [Executing].\n"
        "  * {QaFail} is now done when <qa-fail> arrives in [Awaiting QA].\n"
        "  * The notification “ingest-failed” is now sent when <workflow-failed> arrives in "
        "[Ingesting].\n"
        "  * The ideal machine goes on in [Ingesting] where the current machine ends in "
        "[Complete], when <qa-pass> arrives in [Awaiting QA].\n"
        "  * A run ends in [Failed] instead of [Complete] when <workflow-failed> arrives in "
        "[Ingesting].\n"
        "1 of 7 machines differ.\n"
    )


def test_current_compared_with_ideal_as_json(seed: Plan) -> None:
    ran = run("diff_machines", "--json")
    assert ran.code == 1
    found = {each["title"]: each for each in ran.json["comparisons"]}
    assert tuple(found) == NAMES
    assert found["null"] == {
        "title": "null",
        "verdict": "The current machine and the ideal machine are the same.",
        "differences": [],
        "effects": [],
    }
    differences = found["std_calibration"]["differences"]
    assert [each["kind"] for each in differences] == ["changed"] * 3 + ["added"] * 2
    assert [action["kind"] for action in differences[0]["actions"]] == [
        "removed",
        "removed",
        "added",
    ]
    effects = found["std_calibration"]["effects"]
    assert [each["kind"] for each in effects] == [
        *("later", "no longer", "newly", "newly", "newly", "newly"),
        *("other end", "other end"),
    ]
    assert effects[0]["runs"] == [
        ["capability-submitted", "resume", "workflow-complete", "qa-pass", "workflow-complete"]
    ]
    assert effects[3] == {
        "kind": "newly",
        "actions": [{"name": "AnnounceQa", "argument": ""}],
        "always": True,
        "sentence": "{AnnounceQa} is now done when <workflow-complete> arrives in [Executing].",
        "runs": [["capability-submitted", "resume", "workflow-complete"]],
    }


def test_the_comparison_tells_scripts_how_each_difference_stands(seed: Plan) -> None:
    row = decided(reason="Next week.")
    found = {each["title"]: each for each in run("diff_machines", "--json").json["comparisons"]}
    first, second, *_ = (each["deviation"] for each in found[NAME]["differences"])
    unsaid = dict.fromkeys(("decided", "owner", "ticket", "until", "question", "reason"), "")
    assert first == {
        **unsaid,
        "state": "planned",
        "decided": "planned",
        "owner": "ada",
        "ticket": "WS-812",
        "reason": "Next week.",
        "at": row.decided_at.isoformat(),
        "by": "ada",
    }
    assert second == {**unsaid, "state": "unexplained", "at": "", "by": ""}
    files = run("diff_machines", str(SEED), str(SEED.with_name("two-stage-qa.txt")), "--json").json
    of_files = [each for one in files["comparisons"] for each in one["differences"]]
    assert of_files
    assert {each["deviation"] for each in of_files} == {None}


def test_equal_machines_are_no_difference(seed: Plan) -> None:
    capabilities.remove(
        capability=Capability.objects.get(name="std_calibration"), by=editor_author()
    )
    ran = run("diff_machines")
    assert (ran.code, ran.out) == (0, "0 of 6 machines differ.\n")


def test_two_pages_are_compared_machine_by_machine(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text(SEED_TEXT.replace("{ExecuteWorkflow null}", "{QueueWorkflow null}"))
    ran = run("diff_machines", str(SEED), str(other))
    assert ran.code == 1
    assert ran.out.startswith(f"null current: From {SEED} to {other}, 1 transition is changed.\n")
    assert ran.out.endswith("1 of 12 machines differ.\n")
    same = run("diff_machines", str(SEED), str(SEED), "--json")
    assert same.code == 0
    assert not [each for each in same.json["comparisons"] if each["differences"]]


def test_a_machine_that_is_on_one_page_alone_is_a_difference(good: str) -> None:
    ran = run("diff_machines", str(SEED), good)
    assert ran.code == 1
    assert "vlass current: " in ran.out
    assert ran.out.endswith("13 of 13 machines differ.\n")


def test_two_single_machines_are_compared(tmp_path: Path) -> None:
    files = []
    for target in ("Complete", "Failed"):
        files.append(str(tmp_path / f"{target}.txt"))
        Path(files[-1]).write_text(f"[Start] - <resume> {{no action}} -> [{target}]\n")
    ran = run("diff_machines", *files)
    assert ran.code == 1
    assert ran.out.split("\n")[1:] == [
        "  ~ [Start] - <resume> leads to [Failed] instead of [Complete].",
        "  What will be done differently:",
        "  * A run ends in [Failed] instead of [Complete] when <resume> arrives in [Start].",
        "1 of 1 machines differ.",
        "",
    ]


def test_an_ideal_without_transitions_is_not_the_current_machine(tmp_path: Path) -> None:
    texts = [
        "null\n\n-- Current\n[A] - <e> {x} -> [B]\n\n-- Ideal\n-- No transitions\n",
        "null\n\n-- Current\n[A] - <e> {x} -> [B]\n\n-- Ideal\nThe same.\n",
    ]
    files = [str(tmp_path / f"{n}.txt") for n in range(2)]
    for name, text in zip(files, texts, strict=True):
        Path(name).write_text(text)
    ran = run("diff_machines", *files)
    assert ran.code == 1
    assert "null ideal: " in ran.out
    assert ran.out.endswith("1 of 2 machines differ.\n")


@pytest.mark.parametrize("files", [[str(SEED)], [str(SEED)] * 3])
def test_one_file_or_three_cannot_be_compared(files: list[str]) -> None:
    ran = run("diff_machines", *files)
    assert ran.code == 2
    assert ran.refusal == "Name two files to compare, or none to compare current with ideal."


def test_a_file_that_cannot_be_read_cannot_be_compared(bad: str, tmp_path: Path) -> None:
    ran = run("diff_machines", str(SEED), bad)
    assert ran.code == 2
    assert ran.refusal.startswith(f"{bad} cannot be read.\nline 3, column 33: ")
    ran = run("diff_machines", str(SEED), str(tmp_path / "nowhere"))
    assert ran.code == 2
    assert ran.refusal.endswith("cannot be read: No such file or directory.")
    empty = tmp_path / "empty.txt"
    empty.write_text("")
    ran = run("diff_machines", str(SEED), str(empty))
    assert ran.code == 2
    assert "no machine is found" in ran.refusal


# -- export_machines


@pytest.mark.parametrize("name", ["fixture", "notation", "markdown", "python", "csv", "json"])
def test_an_export_is_printed_or_written_the_same_bytes(
    seed: Plan, name: str, tmp_path: Path
) -> None:
    path = tmp_path / "machines"
    printed = run("export_machines", "--format", name)
    written = run("export_machines", "--format", name, "-o", str(path))
    assert (printed.code, written.code, written.out) == (0, 0, "")
    assert path.read_bytes() == printed.out.encode()
    assert run("export_machines", "--format", name) == printed
    assert len(printed.out) > 3000


def test_an_export_of_one_kind_and_some_capabilities(seed: Plan) -> None:
    ran = run(
        *("export_machines", "--format", "notation", "--kind", "ideal"),
        *("--capability", "std_calibration", "--capability", "null"),
    )
    assert ran.out == notation(Selection(("null", "std_calibration"), "ideal"))
    assert "std_calibration\n\n-- Ideal\n" in ran.out
    assert "QueueWorkflow null" not in ran.out


ONE = ("--capability", "std_calibration", "--kind", "ideal")


@pytest.mark.parametrize("name", ["mermaid", "scxml", "xstate", "sphinx", "dot", "svg"])
def test_one_machine_is_a_file_and_several_are_a_zip_or_files_in_a_folder(
    seed: Plan, name: str, tmp_path: Path
) -> None:
    suffix = FORMATS[name].suffix
    printed = run("export_machines", "--format", name, *ONE)
    folder, path = tmp_path / "folder", tmp_path / "machines.zip"
    folder.mkdir()
    run("export_machines", "--format", name, "-o", str(folder))
    found = {each.name: each.read_bytes() for each in folder.iterdir()}
    assert len(found) == (7 if name == "sphinx" else 8)
    if name == "sphinx":
        assert b"Current\n" in found["std_calibration.rst"]
    elif name == "svg":  # bytes
        assert printed.code == 2
    else:
        assert found[f"std_calibration-ideal.{suffix}"] == printed.out.encode()
    run("export_machines", "--format", name, "-o", str(path))
    with zipfile.ZipFile(path) as archive:
        assert {each: archive.read(each) for each in archive.namelist()} == found
    before = path.read_bytes()
    run("export_machines", "--format", name, "-o", str(path))
    assert path.read_bytes() == before


def test_an_export_of_all_ideal_machines_is_of_every_capability(seed: Plan) -> None:
    found = run("export_machines", "--format", "json", "--kind", "ideal").json["machines"]
    assert [each["capability"] for each in found] == list(NAMES)
    found = run("export_machines", "--format", "json").json["machines"]
    assert [each["capability"] for each in found if each["kind"] == "ideal"] == ["std_calibration"]


def test_a_zip_is_not_printed(seed: Plan) -> None:
    ran = run("export_machines", "--format", "scxml")
    assert (ran.code, ran.out) == (2, "")
    assert ran.refusal == "This is no text; expected a file or a folder by --output."


def test_a_machine_that_the_format_cannot_hold_is_named(seed: Plan, tmp_path: Path) -> None:
    capabilities.add(name="by_hand", machine_template=None, by=editor_author())
    ran = run("export_machines", "--format", "scxml", "-o", str(tmp_path / "machines.zip"))
    assert ran.code == 2
    assert ran.refusal == (
        "by_hand current: SCXML needs at least one state, and this machine has none."
    )
    assert list(tmp_path.iterdir()) == []


def test_an_export_of_a_capability_that_there_is_not_is_refused(seed: Plan) -> None:
    ran = run("export_machines", "--format", "fixture", "--capability", "nil")
    assert (ran.code, ran.out) == (2, "")
    assert ran.refusal == "There is no capability nil."


def test_an_export_that_cannot_be_written_is_refused(seed: Plan, tmp_path: Path) -> None:
    ran = run("export_machines", "--format", "fixture", "-o", str(tmp_path / "no" / "where"))
    assert ran.code == 2
    assert ran.refusal.startswith("It could not be done: [Errno 2] No such file or directory")


def test_an_export_brings_itself_in_again(seed: Plan, tmp_path: Path) -> None:
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    before = machines()
    for name in ("fixture", "notation", "markdown"):
        path = tmp_path / name
        run("export_machines", "--format", name, "-o", str(path))
        emptied()
        assert run("import_machines", str(path)).code == 0
        assert machines() == before


# -- verify_audit


def test_a_sound_log_is_told(seed: Plan) -> None:
    ran = run("verify_audit")
    assert (ran.code, ran.out) == (0, "10 entries, 0 faults.\n")
    assert run("verify_audit", "--json").json == {"entries": 10, "faults": [], "checkpoint": None}


def test_a_broken_log_is_told_entry_by_entry(seed: Plan) -> None:
    with tampering():
        AuditEntry.objects.filter(sequence=3).update(actor="eve")
        AuditEntry.objects.filter(sequence__gt=9).delete()
    name = AuditEntry.objects.get(sequence=3).name
    MachineTemplate.objects.create(title="Eve", slug="eve")
    ran = run("verify_audit")
    assert ran.code == 1
    assert name
    assert ran.out == (
        "entry 3 was changed after it was written\n"
        "entry 10 is missing: the log ends before entry 10\n"
        "the machine template eve is there, and no entry tells of it\n"
        f"the machine template {SIMPLE} is there, and no entry tells of it\n"
        "9 entries, 4 faults.\n"
    )
    ran = run("verify_audit", "--json")
    assert ran.code == 1
    assert ran.json["entries"] == 9
    assert ran.json["faults"][0] == {
        "sequence": 3,
        "problem": "was changed after it was written",
        "about": "",
    }
    assert ran.json["faults"][2] == {
        "sequence": None,
        "problem": "is there, and no entry tells of it",
        "about": "the machine template eve",
    }
    assert len(ran.json["faults"]) == 4


def test_a_restored_backup_is_told_until_it_is_accepted_and_that_is_told_as_well(
    seed: Plan, settings: Any, tmp_path: Path
) -> None:
    settings.AUDIT_CHECKPOINT = str(tmp_path / "checkpoint")
    checkpoints.advance((0, ""), (25, "of an entry that is not in the backup"))
    ran = run("verify_audit")
    assert (ran.code, ran.out) == (
        1,
        "entry 11 is missing: the checkpoint names entry 25\n"
        "10 entries, 1 fault.\n"
        "The checkpoint names entry 25.\n",
    )
    ran = run("verify_audit", "--accept")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[:2] == ["10 entries, 0 faults.", "The checkpoint names entry 10."]
    assert re.fullmatch(
        r"It was begun anew on \S+ by \S+: it named entry 25, and then entry 10\.", lines[2]
    )
    assert run("verify_audit").out == ran.out
    (anew,) = run("verify_audit", "--json").json["checkpoint"]["anew"]
    assert (anew["was"], anew["became"]) == (25, 10)


def test_a_log_that_is_at_fault_stays_so_whatever_is_accepted(
    seed: Plan, settings: Any, tmp_path: Path
) -> None:
    settings.AUDIT_CHECKPOINT = str(tmp_path / "checkpoint")
    with tampering():
        AuditEntry.objects.filter(sequence=3).update(actor="eve")
    ran = run("verify_audit", "--accept")
    assert ran.code == 1
    assert ran.out.startswith("entry 3 was changed after it was written\n10 entries, 1 fault.\n")


def test_without_a_checkpoint_the_command_says_so(seed: Plan, settings: Any) -> None:
    settings.AUDIT_CHECKPOINT = ""
    ran = run("verify_audit")
    assert ran.code == 0
    assert ran.out.endswith("No checkpoint is kept: AUDIT_CHECKPOINT is empty.\n")
    ran = run("verify_audit", "--accept")
    assert (ran.code, ran.out) == (2, "")
    assert ran.refusal == "No checkpoint is kept: AUDIT_CHECKPOINT is empty."


def test_a_checkpoint_that_may_not_be_read_is_no_fault_but_an_impossibility(
    seed: Plan, settings: Any, tmp_path: Path
) -> None:
    settings.AUDIT_CHECKPOINT = str(tmp_path)
    ran = run("verify_audit")
    assert ran.code == 2
    assert ran.refusal.startswith("It could not be done: ")


def test_one_entry_is_one_entry(db: None) -> None:
    capabilities.add(name="null", machine_template=None, by=editor_author())
    assert run("verify_audit").out == "1 entry, 0 faults.\n"


# -- match_machines


def test_the_team_s_machines_are_told_to_be_as_near_as_can_be(seed: Plan) -> None:
    ran = run("match_machines")
    assert ran.code == 0
    assert ran.out.splitlines() == [
        "6 current machines are equal up to their name: null, null_dag, restore_cms, "
        "std_cms_imaging, std_restore_imaging and test_download.",
        "null current is Simple run-workflow.",
        "null_dag current is Simple run-workflow.",
        "restore_cms current is Simple run-workflow.",
        "std_calibration current is Simple run-workflow with 3 overrides; "
        "from Run-workflow with single-stage QA it is 5 changes away.",
        "std_calibration ideal is Run-workflow with single-stage QA.",
        "std_cms_imaging current is Simple run-workflow.",
        "std_restore_imaging current is Simple run-workflow.",
        "test_download current is Simple run-workflow.",
        "No machine could be nearer to a machine template.",
    ]


def test_a_machine_that_could_be_nearer_is_told_and_makes_the_exit_code_1(seed: Plan) -> None:
    text = render(effective("null"))
    author = editor_author()
    definitions.choose_machine_template(definition=seen("null"), machine_template=None, by=author)
    texts.save(definition=seen("null"), text=text, by=author)
    overrides.drop(definition=seen("null"), key=RESUME, by=author)
    before = state()
    ran = run("match_machines")
    assert ran.code == 1
    told = "null current has no machine template, with 3 lines of its own"
    assert f"{told}; the nearest is Simple run-workflow with 1 override." in ran.out
    assert ran.out.endswith("1 of 8 machines could be nearer to a machine template.\n")
    ran = run("match_machines", "--json")
    assert ran.code == 1
    (group,) = ran.json["alike"]
    assert (group["kind"], len(group["capabilities"]), group["apart"]) == ("current", 5, False)
    assert ran.json["machines"][0] == {
        "capability": "null",
        "kind": "current",
        "made_of": {"machine_template": None, "stages": [], "overrides": 3},
        "nearer": {
            "machine_template": "simple-run-workflow",
            "stages": [],
            "overrides": 1,
            "changes": {"drops": ["[Queued] - <resume>"]},
        },
        "distances": [
            {"machine_template": "simple-run-workflow", "stages": [], "overrides": 1},
            {
                "machine_template": "run-workflow-with-single-stage-qa",
                "stages": [],
                "overrides": 6,
            },
        ],
    }
    assert ran.json["machines"][1]["nearer"] is None
    assert state() == before
