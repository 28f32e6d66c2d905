"""The acceptance test: the team's own audit page, whole and unchanged, through the database."""

import io
import json
from typing import Any

import pytest
from django.core.management import call_command

from capabilities.authoring.plans import Plan
from capabilities.machines.diff import ActionDifference, Difference, Kind, diff
from capabilities.machines.layers import Put, Standing, standing
from capabilities.machines.machine import Action, Key, bind, parameters
from capabilities.machines.notation import parse
from capabilities.machines.sentences import all_sentences
from capabilities.models import AuditEntry, Capability, Definition, MachineTemplate, Note, Term

from .factories import (
    COMPLETE,
    FAIL,
    LIKE_SIMPLE,
    NAMES,
    PASS,
    QA,
    SEED,
    SEED_TEXT,
    SIMPLE,
    definition,
    effective,
    line,
    notes,
    template,
    template_machine,
)

TOLD_COMPLETE = (
    Action("SendMessage", "execution_complete"),
    Action("SendNotification", "workflow-complete"),
)

QUESTION = (
    "Should we run QaFail on other versions after QaPassing one? Yes, we should. But we need to be "
    "able to execute workflows on specific versions (WS-799)"
)


# -- the machines


def test_the_seven_current_machines_have_thirty_transitions_and_forty_three_actions(
    seed: Plan,
) -> None:
    assert tuple(Capability.objects.values_list("name", flat=True)) == NAMES
    found = {name: effective(name) for name in NAMES}
    figures = {name: (len(machine), machine.action_count) for name, machine in found.items()}
    assert figures == dict.fromkeys(LIKE_SIMPLE, (4, 6)) | {"std_calibration": (6, 7)}
    assert [sum(column) for column in zip(*figures.values(), strict=True)] == [30, 43]


@pytest.mark.parametrize("name", LIKE_SIMPLE)
def test_six_machines_are_the_simple_machine_template_and_nothing_else(
    seed: Plan, name: str
) -> None:
    simple = bind(template_machine(SIMPLE), {"workflow_name": name})
    assert effective(name) == simple
    assert [(t.source, t.event, t.target) for t in simple] == [
        ("Start", "capability-submitted", "Queued"),
        ("Queued", "resume", "Executing"),
        ("Executing", "workflow-complete", "Complete"),
        ("Executing", "workflow-failed", "Failed"),
    ]
    assert simple.transitions[0].actions == (Action("QueueWorkflow", name),)
    found = definition(name)
    assert found.machine_template == template(SIMPLE)
    assert not found.stages.exists()
    assert not found.overrides.exists()
    assert not found.bindings.exists()


def test_the_ideal_calibration_is_the_qa_machine_template_without_an_override(seed: Plan) -> None:
    ideal = effective("std_calibration", "ideal")
    assert ideal == bind(template_machine(QA), {"workflow_name": "std_calibration"})
    assert (len(ideal), ideal.action_count) == (8, 11)
    found = definition("std_calibration", "ideal")
    assert found.machine_template == template(QA)
    assert not found.stages.exists()
    assert not found.overrides.exists()


def test_the_current_calibration_has_one_put_over_and_two_beside_the_simple_template(
    seed: Plan,
) -> None:
    found = definition("std_calibration")
    base = bind(template_machine(SIMPLE), {"workflow_name": "std_calibration"})
    assert found.machine_template == template(SIMPLE)
    assert not found.stages.exists()
    assert found.own_layer == (
        Put(
            line(
                "[Executing] - <workflow-complete> {SendMessage execution_complete} "
                "{SendNotification workflow-complete} -> [Awaiting QA]"
            )
        ),
        Put(line("[Awaiting QA] - <qa-pass> {QaPass} -> [Complete]")),
        Put(line("[Awaiting QA] - <qa-fail> {no action} -> [Failed]")),
    )
    assert [standing(change, base) for change in found.own_layer] == [
        Standing.OVERRIDES,
        Standing.ADDS,
        Standing.ADDS,
    ]
    assert [override.beneath for override in found.overrides.all()] == [
        "[Executing] - <workflow-complete> {SendMessage execution_complete} "
        "{SendNotification workflow-complete} -> [Complete]",
        "",
        "",
    ]


def test_the_second_machine_template_is_a_layer_over_the_first(seed: Plan) -> None:
    assert list(MachineTemplate.objects.values_list("title", "over__title")) == [
        ("Run-workflow with single-stage QA", "Simple run-workflow"),
        ("Simple run-workflow", None),
    ]
    assert [row.key for row in template(QA).rows.all()] == [
        COMPLETE,
        PASS,
        FAIL,
        Key("Ingesting", "workflow-complete"),
        Key("Ingesting", "workflow-failed"),
    ]
    assert template(SIMPLE).rows.count() == 4
    assert not any(row.drop for row in template(QA).rows.all())
    assert parameters(template_machine(SIMPLE)) == parameters(template_machine(QA))
    assert parameters(template_machine(SIMPLE)) == ("workflow_name",)


def test_the_difference_of_the_calibration_is_what_it_is_action_by_action(seed: Plan) -> None:
    found = diff(effective("std_calibration"), effective("std_calibration", "ideal"))
    announce, qa_pass, qa_fail = Action("AnnounceQa"), Action("QaPass"), Action("QaFail")
    assert found == (
        Difference(
            COMPLETE,
            Kind.CHANGED,
            line(
                "[Executing] - <workflow-complete> {SendMessage execution_complete} "
                "{SendNotification workflow-complete} -> [Awaiting QA]"
            ),
            line("[Executing] - <workflow-complete> {AnnounceQa} -> [Awaiting QA]"),
            (
                ActionDifference(Kind.REMOVED, TOLD_COMPLETE[0], None),
                ActionDifference(Kind.REMOVED, TOLD_COMPLETE[1], None),
                ActionDifference(Kind.ADDED, None, announce),
            ),
        ),
        Difference(
            PASS,
            Kind.CHANGED,
            line("[Awaiting QA] - <qa-pass> {QaPass} -> [Complete]"),
            line("[Awaiting QA] - <qa-pass> {QaPass} -> [Ingesting]"),
            (ActionDifference(Kind.SAME, qa_pass, qa_pass),),
        ),
        Difference(
            FAIL,
            Kind.CHANGED,
            line("[Awaiting QA] - <qa-fail> {no action} -> [Failed]"),
            line("[Awaiting QA] - <qa-fail> {QaFail} -> [Failed]"),
            (ActionDifference(Kind.ADDED, None, qa_fail),),
        ),
        Difference(
            Key("Ingesting", "workflow-complete"),
            Kind.ADDED,
            None,
            line(
                "[Ingesting] - <workflow-complete> {SendMessage execution_complete} "
                "{SendNotification workflow-complete} -> [Complete]"
            ),
        ),
        Difference(
            Key("Ingesting", "workflow-failed"),
            Kind.ADDED,
            None,
            line(
                "[Ingesting] - <workflow-failed> {SendMessage execution_failed} "
                "{SendNotification ingest-failed} -> [Failed]"
            ),
        ),
    )
    assert all_sentences(found)[3:5] == [
        "[Awaiting QA] - <qa-pass> leads to [Ingesting] instead of [Complete].",
        "[Awaiting QA] - <qa-fail> now also does {QaFail}.",
    ]


# -- what is no machine


def test_prose_under_ideal_became_notes_and_the_ideal_stays_the_same_as_current(
    seed: Plan,
) -> None:
    assert list(Definition.objects.filter(kind="ideal").values_list("capability__name")) == [
        ("std_calibration",)
    ]
    for name in ("std_cms_imaging", "std_restore_imaging"):
        assert effective(name, "ideal") == effective(name)
    assert notes()["std_cms_imaging", "ideal", ""] == [
        ("Leave them the same until we get stories for it.", "", ""),
        ("QA process should be identical to std_calibration.", "", ""),
    ]
    assert notes()["std_restore_imaging", "ideal", ""] == [
        ("Leave them the same until we get stories for it.", "", ""),
        (
            "QA process will need to be figured out. Calibration was already QA'ed, so do we need "
            "another QA stage for the images?",
            "",
            "",
        ),
    ]


def test_remarks_became_notes_at_the_transitions_that_they_follow(seed: Plan) -> None:
    found = notes()
    assert {owner: len(texts) for owner, texts in found.items()} == {
        ("std_calibration", "ideal", ""): 4,
        ("std_cms_imaging", "ideal", ""): 2,
        ("std_restore_imaging", "ideal", ""): 2,
        ("", "", QA): 6,
    }
    on_ideal = found["std_calibration", "ideal", ""]
    assert on_ideal[0] == (QUESTION, "Awaiting QA", "qa-pass")
    assert [at for _, *at in on_ideal] == [
        ["Awaiting QA", "qa-pass"],
        ["Awaiting QA", "qa-fail"],
        ["Ingesting", "workflow-complete"],
        ["Ingesting", "workflow-failed"],
    ]
    assert [each for each in found["", "", QA] if not each[1]] == [
        ("(exact design still in-flux) (EVLA)", "", ""),
        (
            "QA could be handled as a decorator pattern, since QA will vary between capabilities. "
            "But a workflow will always need to be run. So we could have the run-workflow steps "
            'and simply "attach" QA states and transitions to the end based on programmed '
            "parameters (on the capability level)",
            "",
            "",
        ),
    ]
    assert [each for each in found["", "", QA] if each[1]] == on_ideal


def test_null_is_a_name_like_any_other(seed: Plan) -> None:
    assert Capability.objects.get(name="null").name == "null"
    assert effective("null").transitions[0].actions == (Action("QueueWorkflow", "null"),)


def test_the_import_says_all_this(seed: Plan) -> None:
    assert [(each.title, each.word, each.made_of) for each in seed.planned] == [
        ("null current", "new", "Simple run-workflow"),
        ("null_dag current", "new", "Simple run-workflow"),
        ("restore_cms current", "new", "Simple run-workflow"),
        (
            "std_calibration current",
            "new",
            "Simple run-workflow + 3 overrides (adds 2, overrides 1)",
        ),
        ("std_calibration ideal", "new", "Run-workflow with single-stage QA"),
        ("std_cms_imaging current", "new", "Simple run-workflow"),
        ("std_cms_imaging ideal", "unchanged", "the same as current"),
        ("std_restore_imaging current", "new", "Simple run-workflow"),
        ("std_restore_imaging ideal", "unchanged", "the same as current"),
        ("test_download current", "new", "Simple run-workflow"),
        (QA, "new", "5 lines over “Simple run-workflow”"),
        (SIMPLE, "new", "4 lines"),
    ]
    assert seed.counts == {"new": 10, "changed": 0, "removed": 0, "unchanged": 2}
    assert len(seed.notes) == Note.objects.count() == 14
    assert all(note.new for note in seed.notes)
    assert len(seed.ignored) == 26


def test_the_import_is_in_the_audit_log_machine_by_machine(seed: Plan) -> None:
    entries = AuditEntry.objects.order_by("sequence")
    written = {(e.name, e.kind): e for e in entries}
    assert len(written) == len(entries) == 10
    assert {e.summary for e in entries} == {f"Imported {SEED.name}"}
    for name in NAMES:
        entry = written[name, "current"]
        assert entry.before == ""
        assert parse(entry.after) == effective(name)
    # Their notes are new, their machines are not: the entries stand at the current machines.
    assert ("std_cms_imaging", "ideal") not in written
    assert parse(written[QA, ""].after) == template_machine(QA)


def test_the_published_names_are_registered(seed: Plan) -> None:
    registered = set(Term.objects.values_list("kind", "name"))
    assert ("state", "Awaiting QA") in registered
    assert ("notification", "workflow-complete") in registered
    assert ("notification", "ingest-failed") not in registered


# -- check_machines SEED --json


@pytest.fixture(scope="module")
def checked() -> dict[str, Any]:
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_machines", str(SEED), "--json", stdout=out)
    assert ended.value.code == 1  # warnings, no errors
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_the_check_gives_seven_capabilities_and_no_errors(checked: dict[str, Any]) -> None:
    assert {each["capability"] for each in checked["machines"]} == set(NAMES)
    assert checked["errors"] == []
    figures = [
        (len(each["transitions"]), sum(len(t["actions"]) for t in each["transitions"]))
        for each in checked["machines"]
        if each["kind"] == "current"
    ]
    assert [sum(column) for column in zip(*figures, strict=True)] == [30, 43]
    assert {
        (each["capability"], each["kind"]): each["same_as"]
        for each in checked["machines"]
        if each["same_as"]
    } == {
        ("std_cms_imaging", "ideal"): "current",
        ("std_restore_imaging", "ideal"): "current",
    }


def test_the_check_gives_two_templates_with_the_workflow_s_name_as_parameter(
    checked: dict[str, Any],
) -> None:
    assert [(each["title"], each["parameters"]) for each in checked["templates"]] == [
        ("Simple run-workflow", ["workflow_name"]),
        ("Run-workflow with single-stage QA", ["workflow_name"]),
    ]


def test_the_check_gives_a_transition_whole(checked: dict[str, Any]) -> None:
    calibration = next(
        each
        for each in checked["machines"]
        if (each["capability"], each["kind"]) == ("std_calibration", "current")
    )
    assert calibration["line"] == 55
    assert calibration["transitions"][4:] == [
        {
            "source": "Awaiting QA",
            "event": "qa-pass",
            "actions": [{"name": "QaPass", "argument": ""}],
            "target": "Complete",
            "line": 60,
        },
        {
            "source": "Awaiting QA",
            "event": "qa-fail",
            "actions": [],
            "target": "Failed",
            "line": 61,
        },
    ]


def test_the_check_gives_every_remark_with_its_line(checked: dict[str, Any]) -> None:
    lines = dict(enumerate(SEED_TEXT.split("\n"), start=1))
    remarks = {
        number: text.removeprefix("-- ")
        for number, text in lines.items()
        if text.startswith("-- ") and text not in ("-- Current", "-- Ideal")
    }
    assert len(remarks) == 8
    found = {
        note["line"]: note["text"]
        for item in (*checked["machines"], *checked["templates"])
        for note in item["notes"]
    }
    assert {number: found.get(number) for number in remarks} == remarks
    prose = {number: text for number, text in found.items() if number not in remarks}
    assert sorted(prose) == [86, 88, 99, 101, 126, 139]
    assert all(text in lines[number] for number, text in prose.items())


def test_the_check_accounts_for_every_line_of_the_page(checked: dict[str, Any]) -> None:
    items = (*checked["machines"], *checked["templates"])
    told = [
        *(number for item in items for number in item["headings"]),
        *(t["line"] for item in items for t in item["transitions"]),
        *(note["line"] for item in items for note in item["notes"]),
        *(each["line"] for each in checked["ignored"]),
    ]
    told.remove(126)  # a template's heading, and the note in parentheses behind its title
    written = [n for n, text in enumerate(SEED_TEXT.split("\n"), start=1) if text.strip()]
    assert sorted(told) == written
    lines = SEED_TEXT.split("\n")
    assert all(each["text"] == lines[each["line"] - 1] for each in checked["ignored"])


def test_the_check_finds_what_the_team_wrote_down_and_nothing_else(
    checked: dict[str, Any],
) -> None:
    found = [
        (each["capability"], each["kind"], each["code"], each["severity"], each["line"])
        for each in checked["findings"]
    ]
    cancelled = [
        (item["capability"], item["kind"], "no-cancellation", "info", item["line"])
        for item in checked["machines"]
        if item["same_as"] is None
    ]
    assert [each for each in found if each[2] == "no-cancellation"] == cancelled
    assert [each for each in found if each[2] != "no-cancellation"] == [
        ("std_calibration", "current", "completion-before-qa", "warning", 58),
        ("std_calibration", "current", "completion-before-qa", "warning", 58),
        ("std_calibration", "current", "qa-outcome-without-action", "warning", 61),
        ("std_calibration", "ideal", "workflow-not-started", "warning", 68),
        ("std_calibration", "ideal", "unknown-notification", "warning", 74),
    ]
    messages = [each["message"] for each in checked["findings"]]
    assert "“execution_complete” is sent before QA." in messages
    assert "“workflow-complete” is sent before QA." in messages
    assert "“qa-fail” does nothing." in messages
    assert "“Ingesting” waits for a workflow that no action starts." in messages
    assert any("“ingest-failed” is not registered" in message for message in messages)


def test_what_is_stored_is_checked_with_the_same_findings(
    seed: Plan, checked: dict[str, Any]
) -> None:
    out = io.StringIO()
    with pytest.raises(SystemExit):
        call_command("check_machines", "--json", stdout=out)

    def told(findings: list[dict[str, Any]]) -> list[tuple[str, ...]]:
        return sorted(
            (each["capability"], each["kind"], each["code"], each["message"]) for each in findings
        )

    assert told(json.loads(out.getvalue())["findings"]) == told(checked["findings"])


def test_that_the_current_calibration_is_no_template_s_machine_is_found(seed: Plan) -> None:
    values = {"workflow_name": "std_calibration"}
    current = effective("std_calibration")
    assert all(current != bind(template_machine(slug), values) for slug in (SIMPLE, QA))
