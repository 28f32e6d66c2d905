"""The team's own audit page, whole and unchanged: the figures that everything else rests on."""

from pathlib import Path

import pytest

from capabilities.machines.checks import check
from capabilities.machines.diff import ActionDifference, Difference, Kind, diff
from capabilities.machines.layers import Put, Standing, as_layer, changes_between, standing
from capabilities.machines.machine import Action, Key, Machine, Transition, bind, parameters
from capabilities.machines.matching import Candidate, match, nest
from capabilities.machines.notation import lines_of
from capabilities.machines.page import Ignored, PageMachine, PageTemplate, parse_page, render_page
from capabilities.machines.sentences import all_sentences, verdict
from capabilities.machines.vocabulary import PUBLISHED

TEXT = (
    Path(__file__)
    .parents[2]
    .joinpath("capabilities", "fixtures", "ws-807-state-machine-audit.txt")
    .read_text(encoding="utf-8")
)
PAGE = parse_page(TEXT)
ITEMS: list[PageMachine | PageTemplate] = [*PAGE.machines, *PAGE.templates]
MACHINES = {(each.capability, each.kind): each for each in PAGE.machines}
SIMPLE, QA = (template.machine for template in PAGE.templates)
NAMES = (
    "null",
    "null_dag",
    "test_download",
    "std_calibration",
    "std_cms_imaging",
    "std_restore_imaging",
    "restore_cms",
)
LIKE_SIMPLE = tuple(name for name in NAMES if name != "std_calibration")


def machine(capability: str, kind: str = "current") -> Machine:
    found = MACHINES[capability, kind].machine
    assert found is not None
    return found


def bound(template: Machine, capability: str) -> Machine:
    return bind(template, {"workflow_name": capability})


CURRENT, IDEAL = machine("std_calibration"), machine("std_calibration", "ideal")

START = Key("Start", "capability-submitted")
COMPLETE, FAILED = Key("Executing", "workflow-complete"), Key("Executing", "workflow-failed")
PASS, FAIL = Key("Awaiting QA", "qa-pass"), Key("Awaiting QA", "qa-fail")
INGESTED = Key("Ingesting", "workflow-complete")
INGEST_FAILED = Key("Ingesting", "workflow-failed")

TOLD_COMPLETE = (
    Action("SendMessage", "execution_complete"),
    Action("SendNotification", "workflow-complete"),
)


def test_the_page_is_read_without_a_mistake() -> None:
    assert PAGE.mistakes == ()


def test_there_are_seven_capabilities_and_three_ideals() -> None:
    assert [(each.capability, each.kind) for each in PAGE.machines] == [
        ("null", "current"),
        ("null_dag", "current"),
        ("test_download", "current"),
        ("std_calibration", "current"),
        ("std_calibration", "ideal"),
        ("std_cms_imaging", "current"),
        ("std_cms_imaging", "ideal"),
        ("std_restore_imaging", "current"),
        ("std_restore_imaging", "ideal"),
        ("restore_cms", "current"),
    ]


def test_the_seven_current_machines_have_thirty_transitions_and_forty_three_actions() -> None:
    figures = {name: (len(machine(name)), machine(name).action_count) for name in NAMES}
    assert figures == dict.fromkeys(LIKE_SIMPLE, (4, 6)) | {"std_calibration": (6, 7)}
    assert [sum(column) for column in zip(*figures.values(), strict=True)] == [30, 43]


def test_two_ideals_are_prose_only_and_the_third_is_a_machine() -> None:
    ideals = {key[0]: each.machine for key, each in MACHINES.items() if key[1] == "ideal"}
    assert ideals == {
        "std_calibration": IDEAL,
        "std_cms_imaging": None,
        "std_restore_imaging": None,
    }
    assert (len(IDEAL), IDEAL.action_count) == (8, 11)


def test_there_are_two_templates_with_the_workflow_s_name_as_their_parameter() -> None:
    assert [
        (each.title, len(each.machine), each.machine.action_count, parameters(each.machine))
        for each in PAGE.templates
    ] == [
        ("Simple run-workflow", 4, 6, ("workflow_name",)),
        ("Run-workflow with single-stage QA", 8, 11, ("workflow_name",)),
    ]


def test_the_states_and_events_are_those_of_the_page() -> None:
    assert IDEAL.states == (
        "Start",
        "Queued",
        "Executing",
        "Awaiting QA",
        "Failed",
        "Ingesting",
        "Complete",
    )
    assert list(IDEAL.by_key) == [
        START,
        Key("Queued", "resume"),
        COMPLETE,
        FAILED,
        PASS,
        FAIL,
        INGESTED,
        INGEST_FAILED,
    ]


# -- structure


@pytest.mark.parametrize("name", LIKE_SIMPLE)
def test_six_machines_are_the_simple_template(name: str) -> None:
    assert machine(name) == bound(SIMPLE, name)


def test_the_ideal_calibration_is_the_qa_template() -> None:
    assert bound(QA, "std_calibration") == IDEAL


def test_the_current_calibration_is_the_simple_template_with_one_put_over_and_two_beside() -> None:
    simple = bound(SIMPLE, "std_calibration")
    changes = changes_between(simple, CURRENT)
    assert changes == (
        Put(Transition(*COMPLETE, TOLD_COMPLETE, "Awaiting QA")),
        Put(Transition(*PASS, (Action("QaPass"),), "Complete")),
        Put(Transition(*FAIL, (), "Failed")),
    )
    assert [standing(change, simple) for change in changes] == [
        Standing.OVERRIDES,
        Standing.ADDS,
        Standing.ADDS,
    ]


def test_the_templates_are_found_to_lie_over_each_other() -> None:
    candidates = nest({each.title: each.machine for each in PAGE.templates})
    assert candidates == [
        Candidate("Simple run-workflow", as_layer(SIMPLE), SIMPLE),
        Candidate(
            "Run-workflow with single-stage QA",
            changes_between(SIMPLE, QA),
            QA,
            "Simple run-workflow",
        ),
    ]
    assert [change.key for change in candidates[1].own] == [
        COMPLETE,
        PASS,
        FAIL,
        INGESTED,
        INGEST_FAILED,
    ]


def test_every_machine_finds_its_template() -> None:
    candidates = nest({each.title: each.machine for each in PAGE.templates})
    found = {}
    for (name, kind), each in MACHINES.items():
        if each.machine is not None:
            matched = match(each.machine, candidates, values={"workflow_name": name})
            found[name, kind] = (matched.template, matched.stages, len(matched.changes))
    assert found == {
        **{(name, "current"): ("Simple run-workflow", (), 0) for name in LIKE_SIMPLE},
        ("std_calibration", "current"): ("Simple run-workflow", (), 3),
        ("std_calibration", "ideal"): ("Run-workflow with single-stage QA", (), 0),
    }


# -- differences


def same(action: Action) -> ActionDifference:
    return ActionDifference(Kind.SAME, action, action)


def test_the_differences_of_the_calibration_are_these_action_by_action() -> None:
    announce, qa_pass, qa_fail = Action("AnnounceQa"), Action("QaPass"), Action("QaFail")
    assert diff(CURRENT, IDEAL) == (
        Difference(
            COMPLETE,
            Kind.CHANGED,
            Transition(*COMPLETE, TOLD_COMPLETE, "Awaiting QA"),
            Transition(*COMPLETE, (announce,), "Awaiting QA"),
            (
                ActionDifference(Kind.REMOVED, TOLD_COMPLETE[0], None),
                ActionDifference(Kind.REMOVED, TOLD_COMPLETE[1], None),
                ActionDifference(Kind.ADDED, None, announce),
            ),
        ),
        Difference(
            PASS,
            Kind.CHANGED,
            Transition(*PASS, (qa_pass,), "Complete"),
            Transition(*PASS, (qa_pass,), "Ingesting"),
            (same(qa_pass),),
        ),
        Difference(
            FAIL,
            Kind.CHANGED,
            Transition(*FAIL, (), "Failed"),
            Transition(*FAIL, (qa_fail,), "Failed"),
            (ActionDifference(Kind.ADDED, None, qa_fail),),
        ),
        Difference(INGESTED, Kind.ADDED, None, Transition(*INGESTED, TOLD_COMPLETE, "Complete")),
        Difference(
            INGEST_FAILED,
            Kind.ADDED,
            None,
            Transition(
                *INGEST_FAILED,
                (
                    Action("SendMessage", "execution_failed"),
                    Action("SendNotification", "ingest-failed"),
                ),
                "Failed",
            ),
        ),
    )


def test_the_differences_of_the_calibration_are_told_in_these_words() -> None:
    found = diff(CURRENT, IDEAL)
    assert verdict(found, old="The current machine", new="The ideal machine") == (
        "From the current machine to the ideal machine, 3 transitions are changed "
        "and 2 transitions are added."
    )
    assert all_sentences(found) == [
        "[Executing] - <workflow-complete> no longer does {SendMessage execution_complete}.",
        "[Executing] - <workflow-complete> no longer does {SendNotification workflow-complete}.",
        "[Executing] - <workflow-complete> now also does {AnnounceQa}.",
        "[Awaiting QA] - <qa-pass> leads to [Ingesting] instead of [Complete].",
        "[Awaiting QA] - <qa-fail> now also does {QaFail}.",
        "[Ingesting] - <workflow-complete> is added: {SendMessage execution_complete} "
        "{SendNotification workflow-complete}, then [Complete].",
        "[Ingesting] - <workflow-failed> is added: {SendMessage execution_failed} "
        "{SendNotification ingest-failed}, then [Failed].",
    ]


# -- findings


def test_the_audit_finds_these_things_and_no_others() -> None:
    vocabulary = PUBLISHED.with_workflows(set(NAMES))
    found = [
        (each.capability, each.kind, finding.code)
        for each in PAGE.machines
        if each.machine is not None
        for finding in check(each.machine, capability=each.capability, vocabulary=vocabulary)
    ]
    assert found == [
        ("null", "current", "no-cancellation"),
        ("null_dag", "current", "no-cancellation"),
        ("test_download", "current", "no-cancellation"),
        ("std_calibration", "current", "completion-before-qa"),
        ("std_calibration", "current", "completion-before-qa"),
        ("std_calibration", "current", "qa-outcome-without-action"),
        ("std_calibration", "current", "no-cancellation"),
        ("std_calibration", "ideal", "workflow-not-started"),
        ("std_calibration", "ideal", "unknown-notification"),
        ("std_calibration", "ideal", "no-cancellation"),
        ("std_cms_imaging", "current", "no-cancellation"),
        ("std_restore_imaging", "current", "no-cancellation"),
        ("restore_cms", "current", "no-cancellation"),
    ]


# -- notes, and every line


def notes_of(item: int) -> list[tuple[int, Key | None]]:
    return [(note.line, note.key) for note in ITEMS[item].notes]


def test_notes_stand_at_the_transitions_that_they_follow() -> None:
    assert {n: notes_of(n) for n in range(12) if notes_of(n)} == {
        4: [(69, PASS), (71, FAIL), (73, INGESTED), (75, INGEST_FAILED)],
        6: [(86, None), (88, None)],
        8: [(99, None), (101, None)],
        11: [
            (126, None),
            (139, None),
            (132, PASS),
            (134, FAIL),
            (136, INGESTED),
            (138, INGEST_FAILED),
        ],
    }


def test_notes_have_the_text_of_their_lines() -> None:
    lines = dict(enumerate(lines_of(TEXT), start=1))
    for item in ITEMS:
        for note in item.notes:
            if note.line in item.headings:
                assert note.text == "(exact design still in-flux) (EVLA)"
                assert lines[note.line].endswith(f" {note.text}")
            else:
                assert lines[note.line].strip().removeprefix("-- ").removeprefix("• ") == note.text


def test_every_line_is_accounted_for_exactly_once() -> None:
    headings = [n for item in ITEMS for n in item.headings]
    transitions = [n for item in ITEMS for n in item.lines.values()]
    notes = [n for item in range(12) for n, _ in notes_of(item) if n != 126]
    ignored = [each.line for each in PAGE.ignored]
    assert headings == [32, 39, 46, 53, 55, 63, 77, 79, 85, 90, 92, 98, 103, 105, 121, 126]
    assert len(transitions) == 30 + 8 + 4 + 8
    assert ignored == [
        *(1, 3, 5, 7, 9, 10, 11, 12, 13, 15, 17, 19, 21, 23, 24, 25, 28, 29, 30),
        *(111, 113, 115, 117, 119, 140, 142),
    ]
    written = [number for number, line in enumerate(lines_of(TEXT), start=1) if line.strip()]
    assert sorted([*headings, *transitions, *notes, *ignored]) == written


def test_ignored_lines_are_kept_as_they_stand() -> None:
    lines = lines_of(TEXT)
    assert PAGE.ignored == tuple(Ignored(each.line, lines[each.line - 1]) for each in PAGE.ignored)
    assert PAGE.ignored[-2:] == (
        Ignored(140, "Edited by Nathan Hertz"),
        Ignored(142, "Merge request reports"),
    )


@pytest.mark.parametrize("markdown", [False, True])
def test_the_page_can_be_written_out_and_read_again(markdown: bool) -> None:
    written = render_page(PAGE, markdown=markdown)
    assert parse_page(written) == PAGE
    assert render_page(parse_page(written), markdown=markdown) == written


def test_the_page_with_the_line_ends_of_windows_is_the_same_page() -> None:
    windows = parse_page("\ufeff" + TEXT.replace("\n", "\r\n"))
    assert windows == PAGE
    assert [each.lines for each in windows.machines] == [each.lines for each in PAGE.machines]
    assert [each.line for each in windows.ignored] == [each.line for each in PAGE.ignored]
