"""Imports: the plan first, then all of it or nothing."""

import time

import pytest
from django.core.exceptions import ValidationError

from capabilities.authoring import capabilities, imports, machine_templates, notes, overrides
from capabilities.authoring.imports import ImportRefusedError, PlanOutdatedError
from capabilities.authoring.plans import Plan, PlannedNote
from capabilities.machines.layers import Standing, as_layer, standing
from capabilities.machines.machine import Action, Machine, bind
from capabilities.machines.notation import render
from capabilities.models import (
    AuditEntry,
    Capability,
    Definition,
    MachineTemplate,
    Note,
    Shelf,
    Term,
)

from .factories import (
    COMPLETE,
    FAIL,
    LIKE_SIMPLE,
    NAMES,
    PASS,
    QA,
    RESUME,
    SEED_TEXT,
    SIMPLE,
    definition,
    editor_author,
    effective,
    emptied,
    head,
    last_entries,
    line,
    machine_of,
    machines,
    seen,
    state,
    template,
    template_machine,
)
from .factories import notes as all_notes


def run(text: str, **more: object) -> Plan:
    return imports.run(text=text, by=editor_author(), **more)  # type: ignore[arg-type]


def plan(text: str) -> Plan:
    return imports.plan(text=text, by=editor_author())


def told(made: Plan) -> dict[str, str]:
    """What the plan says of each machine; it says it once."""
    words = {each.title: each.word for each in made.planned}
    assert len(words) == len(made.planned)
    return words


def refused(text: str) -> Plan:
    """The plan of a text that is refused; nothing has changed."""
    before = state()
    with pytest.raises(ImportRefusedError) as error:
        run(text)
    assert state() == before
    assert plan(text).mistakes == error.value.plan.mistakes
    assert state() == before
    return error.value.plan


NULL = """\
null

[Start] - <capability-submitted> {QueueWorkflow null} -> [Queued]
[Queued] - <resume> {ExecuteWorkflow null} -> [Executing]
[Executing] - <workflow-complete> {QaPass} -> [Complete]
-- Nobody waits for it.
[Executing] - <workflow-failed> {SendMessage execution_failed} -> [Failed]
"""


# -- the plan


@pytest.mark.django_db
def test_a_plan_of_an_empty_database_does_nothing_and_says_what_the_import_does() -> None:
    before = state()
    planned = plan(SEED_TEXT)
    assert state() == before
    assert not Term.objects.exists()
    done = run(SEED_TEXT)
    assert done == planned
    assert done.planned
    assert done.notes
    assert done.ignored
    assert Capability.objects.count() == 7


def test_a_plan_of_changes_does_nothing_and_says_what_the_import_does(seed: Plan) -> None:
    before = state()
    planned = plan(NULL)
    assert state() == before
    done = run(NULL)
    assert done == planned
    (each,) = done.planned
    assert (each.title, each.word) == ("null current", "changed")
    assert each.made_of == "Simple run-workflow + 2 overrides (overrides 2)"
    assert each.sentences == [
        "[Executing] - <workflow-complete> no longer does {SendMessage execution_complete}.",
        "[Executing] - <workflow-complete> no longer does {SendNotification workflow-complete}.",
        "[Executing] - <workflow-complete> now also does {QaPass}.",
        "[Executing] - <workflow-failed> no longer does {SendNotification workflow-failed}.",
    ]
    assert done.notes == [PlannedNote("null current", "Nobody waits for it.", 6, True)]
    assert done.changes_anything


def test_an_import_whose_plan_is_outdated_is_refused_with_the_new_plan(seed: Plan) -> None:
    planned = plan(NULL)
    run(NULL, head=planned.head)  # nothing happened in between
    planned = plan(SEED_TEXT)
    assert told(planned)["null current"] == "changed"
    overrides.drop(definition=seen("null_dag"), key=RESUME, by=editor_author())
    before = state()
    with pytest.raises(PlanOutdatedError) as outdated:
        run(SEED_TEXT, head=planned.head)
    assert state() == before
    assert told(outdated.value.plan)["null_dag current"] == "changed"
    assert outdated.value.plan.head == planned.head + 1 == head()
    run(SEED_TEXT, head=outdated.value.plan.head)
    assert effective("null_dag") == bind(template_machine(SIMPLE), {"workflow_name": "null_dag"})


def test_an_import_without_a_plan_is_never_outdated(seed: Plan) -> None:
    assert told(run(NULL)) == {"null current": "changed"}


# -- importing again


def test_the_same_page_again_changes_nothing_and_writes_no_entry(seed: Plan) -> None:
    before = state()
    again = run(SEED_TEXT)
    assert state() == before
    assert set(told(again).values()) == {"unchanged"}
    assert len(again.planned) == 12
    assert not again.changes_anything
    assert not [note for note in again.notes if note.new]
    assert len(again.notes) == 14


def test_what_the_page_does_not_mention_stays(seed: Plan) -> None:
    before = {key: machine for key, machine in machines().items() if key[0] != "null"}
    run(NULL)
    after = machines()
    assert {key: after[key] for key in before} == before
    assert Note.objects.count() == 15


def test_a_changed_machine_keeps_its_template_and_gets_the_fewest_overrides(seed: Plan) -> None:
    old = definition("null")
    count = head()
    run(NULL, message="as deployed", source="null.txt")
    new = definition("null")
    assert (new.pk, new.version) == (old.pk, old.version + 1)
    assert new.machine_template == template(SIMPLE)
    assert [row.key for row in new.overrides.all()] == [
        COMPLETE,
        ("Executing", "workflow-failed"),
    ]
    base = new.base(Shelf())
    assert [standing(change, base) for change in new.own_layer] == [Standing.OVERRIDES] * 2
    (entry,) = last_entries(since=count)
    assert (entry.name, entry.kind, entry.action) == ("null", "current", "imported")
    assert (entry.summary, entry.message) == ("Imported null.txt", "as deployed")
    assert entry.after == render(effective("null"))


def test_a_changed_machine_keeps_the_reasons_of_the_overrides_that_stay(seed: Plan) -> None:
    definition("std_calibration").overrides.update(reason="agreed", ticket="WS-799")
    text = SEED_TEXT.replace(
        "[Awaiting QA] - <qa-fail> {no action} -> [Failed]",
        "[Awaiting QA] - <qa-fail> {QaFail} -> [Failed]",
    )
    run(text)
    rows = {row.key: row for row in definition("std_calibration").overrides.all()}
    assert rows[FAIL].actions == (Action("QaFail"),)
    assert {(row.reason, row.ticket) for row in rows.values()} == {("agreed", "WS-799")}


def test_a_machine_that_became_another_template_s_moves_to_it(seed: Plan) -> None:
    qa = template_machine(QA)
    run(f"null\n\n{render(bind(qa, {'workflow_name': 'null'}))}")
    assert definition("null").machine_template == template(QA)
    assert not definition("null").overrides.exists()


def test_a_machine_made_of_a_template_and_a_stage_is_recognised(seed: Plan) -> None:
    cancel = line("[Queued] - <capability-cancelled> {no action} -> [Failed]")
    machine_templates.add(
        title="Cancellable",
        over=template(SIMPLE),
        layer=as_layer(Machine((cancel,))),
        by=editor_author(),
    )
    machine = bind(template_machine(QA), {"workflow_name": "vlass"})
    done = run(f"vlass\n\n{render(machine)}{render(Machine((cancel,)))}")
    (each,) = done.planned
    assert each.made_of == "Run-workflow with single-stage QA + Cancellable"
    found = definition("vlass")
    assert [stage.machine_template.slug for stage in found.stages.all()] == ["cancellable"]
    assert not found.overrides.exists()


def test_a_changed_template_changes_its_definitions_and_leaves_their_overrides(
    seed: Plan,
) -> None:
    rows, count = state()["Override"], head()
    title, lines = SEED_TEXT[SEED_TEXT.index("  1. Simple") : SEED_TEXT.index("  1. Run-")].split(
        "\n", 1
    )
    text = f"{title}\n{lines.replace('{SendNotification workflow-failed} ', '')}"
    done = run(text)
    words = told(done)
    assert words == {
        SIMPLE: "changed",
        QA: "changed",
        **{f"{name} current": "changed" for name in NAMES},
        "std_calibration ideal": "changed",
    }
    made_of = {each.title: each.made_of for each in done.planned}
    assert made_of[SIMPLE] == "4 lines"
    assert made_of["null current"] == "changed through its machine template"
    assert state()["Override"] == rows
    assert template(SIMPLE).version == 2
    assert template(QA).version == 1
    assert len(last_entries(since=count)) == 10
    assert template(QA).over == template(SIMPLE)


def test_a_page_with_changed_templates_and_machines_gives_exactly_its_machines(
    seed: Plan,
) -> None:
    text = SEED_TEXT.replace("{SendMessage execution_failed} ", "{QaFail} ")
    done = run(text)
    assert {word for title, word in told(done).items() if "imaging ideal" not in title} == {
        "changed"
    }
    assert "execution_failed" not in "".join(render(each) for each in machines().values())
    for name in LIKE_SIMPLE:
        assert effective(name) == bind(template_machine(SIMPLE), {"workflow_name": name})
        assert not definition(name).overrides.exists()
    assert not definition("std_calibration", "ideal").overrides.exists()
    assert definition("std_calibration").overrides.count() == 3


def test_a_new_template_can_lie_over_one_that_is_there(seed: Plan) -> None:
    lines = render(template_machine(QA))
    run(f"1. Two-stage QA\n{lines}[Ingesting] - <qa-pass> {{QaPass}} -> [Complete]\n")
    added = MachineTemplate.objects.get(title="Two-stage QA")
    assert added.over == template(QA)
    assert added.rows.count() == 1


def test_a_new_template_is_not_taken_for_another_with_the_same_address(seed: Plan) -> None:
    lines = render(machine_of("[A] - <e> {x} -> [B]", "[B] - <e> {x} -> [C]"))
    run(f"1. {SIMPLE}\n{lines}\n\n2. Over it\n{render(template_machine(SIMPLE))}"
        "[A] - <e> {x} -> [B]\n")  # fmt: skip
    over = MachineTemplate.objects.get(title="Over it")
    assert over.over == template(SIMPLE)
    assert template(SIMPLE).title == "Simple run-workflow"
    assert len(template_machine(over.slug)) == 5
    assert template_machine(f"{SIMPLE}-2") == machine_of(
        "[A] - <e> {x} -> [B]", "[B] - <e> {x} -> [C]"
    )


# -- notes


def test_a_note_that_staff_moved_is_not_doubled(seed: Plan) -> None:
    note = Note.objects.get(text__startswith="Make sure child", capability__isnull=False)
    notes.change(
        note=note,
        text=note.text,
        key=line("[Ingesting] - <workflow-complete> {no action} -> [Complete]").key,
        by=editor_author(),
    )
    before = state()
    again = run(SEED_TEXT)
    assert state() == before
    assert not [each for each in again.notes if each.new]


def test_a_note_that_stands_twice_comes_in_twice_and_only_once(seed: Plan) -> None:
    text = NULL + "-- Why?\n-- Why?\n"
    for _ in range(2):
        run(text)
        assert [said for said, *_ in all_notes()["null", "current", ""]] == [
            "Nobody waits for it.",
            "Why?",
            "Why?",
        ]


def test_a_second_note_of_the_same_text_is_new(seed: Plan) -> None:
    run(NULL)
    again = run(NULL + "-- Nobody waits for it.\n")
    assert [(note.line, note.new) for note in again.notes] == [(6, False), (8, True)]
    assert [said for said, *_ in all_notes()["null", "current", ""]] == [
        "Nobody waits for it.",
        "Nobody waits for it.",
    ]


def test_a_new_note_comes_after_those_of_staff_and_is_in_the_log(seed: Plan) -> None:
    null = Capability.objects.get(name="null")
    notes.add(text="From staff.", capability=null, kind="current", by=editor_author())
    count = head()
    unchanged = NULL.replace("{QaPass}", "{SendMessage execution_complete} "
        "{SendNotification workflow-complete}").replace("failed} ->", "failed} "
        "{SendNotification workflow-failed} ->")  # fmt: skip
    done = run(unchanged)
    assert told(done) == {"null current": "unchanged"}
    assert done.changes_anything
    assert all_notes()["null", "current", ""] == [
        ("From staff.", "", ""),
        ("Nobody waits for it.", "Executing", "workflow-complete"),
    ]
    (entry,) = last_entries(since=count)
    assert (entry.name, entry.kind) == ("null", "current")
    assert entry.before == entry.after


def test_prose_under_an_ideal_is_a_note_and_in_the_log_of_the_current_machine(
    seed: Plan,
) -> None:
    count = head()
    run("null\n\n-- Ideal\nLeave it the same.\n")
    assert all_notes()["null", "ideal", ""] == [("Leave it the same.", "", "")]
    assert not Definition.objects.filter(capability__name="null", kind="ideal").exists()
    assert [(e.name, e.kind) for e in last_entries(since=count)] == [("null", "current")]


# -- ideals


def test_a_page_can_make_an_ideal_the_same_as_current_again(seed: Plan) -> None:
    ideal, count = effective("std_calibration", "ideal"), head()
    done = run("std_calibration\n\n-- Ideal\nLeave it for now.\n")
    assert not Definition.objects.filter(kind="ideal").exists()
    assert effective("std_calibration", "ideal") == effective("std_calibration")
    assert [(each.title, each.word, each.made_of) for each in done.planned] == [
        ("std_calibration current", "unchanged", ""),
        ("std_calibration ideal", "changed", "the same as current"),
    ]
    entries = {(e.name, e.kind): e for e in last_entries(since=count)}
    entry = entries["std_calibration", "ideal"]
    assert (entry.before, entry.after) == (render(ideal), render(effective("std_calibration")))


def test_a_page_can_bring_an_ideal_where_there_was_none(seed: Plan) -> None:
    qa = render(bind(template_machine(QA), {"workflow_name": "null"}))
    done = run(f"null\n\n-- Ideal\n{qa}")
    assert told(done) == {"null ideal": "new"}
    assert definition("null", "ideal").machine_template == template(QA)
    assert len(effective("null")) == 4


def test_a_capability_with_an_ideal_alone_gets_an_empty_current_machine(seed: Plan) -> None:
    run("vlass\n\n-- Ideal\n[Start] - <x> {no action} -> [Failed]\n")
    assert effective("vlass") == Machine()
    assert len(effective("vlass", "ideal")) == 1


def test_a_page_can_say_that_a_machine_has_no_transitions(seed: Plan) -> None:
    run("null\n\n-- No transitions\n")
    assert effective("null") == Machine()
    assert [row.drop for row in definition("null").overrides.all()] in ([True] * 4, [])


def test_a_parameter_on_the_page_stands_for_its_value(seed: Plan) -> None:
    before = state()
    again = run(f"null\n\n{render(template_machine(SIMPLE))}")
    assert told(again) == {"null current": "unchanged"}
    assert state() == before


def test_a_machine_that_cannot_be_once_it_is_bound_is_refused(seed: Plan) -> None:
    name = "x" * 200
    made = refused(f"{name}\n\n[Start] - <x> {{Say a(workflow_name)}} -> [Failed]\n")
    assert [mistake.message for mistake in made.mistakes] == [
        f"{name} current cannot be: the action's argument is longer than 200 characters."
    ]


def test_a_template_that_a_capability_could_not_have_is_passed_over(seed: Plan) -> None:
    machine_templates.add(
        title="Long",
        layer=as_layer(machine_of("[Start] - <x> {Say a(workflow_name)} -> [Failed]")),
        by=editor_author(),
    )
    name = "x" * 200
    run(f"{name}\n\n{render(bind(template_machine(SIMPLE), {'workflow_name': name}))}")
    assert definition(name).machine_template == template(SIMPLE)


# -- mistakes


THREE = """\
null

[Start] - <capability-submitted> {QueueWorkflow null} -> [Queued
[Queued] - <resume {ExecuteWorkflow null} -> [Executing]

\tnull_dag

[Start] - <capability-submitted> {QueueWorkflow null_dag} [Queued]
"""


def test_three_mistakes_are_told_together_each_with_its_place_and_nothing_is_changed(
    seed: Plan,
) -> None:
    made = refused(THREE)
    assert [(m.line, m.column, m.code) for m in made.mistakes] == [
        (3, 58, "unclosed"),
        (4, 20, "unclosed"),
        (8, 59, "expected"),
    ]
    lines = THREE.split("\n")
    for mistake in made.mistakes:
        assert mistake.text == lines[mistake.line - 1]
        shown, caret = mistake.excerpt.split("\n")
        assert shown == f"    {mistake.text}"
        assert caret.index("^") - 4 == mistake.column - 1
        assert "expected" in mistake.message
    assert str(made.mistakes[0]) == (
        "line 3, column 58: expected “]” to close the target state, the line ends\n"
        "    [Start] - <capability-submitted> {QueueWorkflow null} -> [Queued\n"
        "                                                             ^"
    )
    assert made.planned == []


@pytest.mark.parametrize(
    "text", ["", "\n\n", "   \n\t\n", "\ufeff", "Only prose here.\n", "{}", "null"]
)
def test_a_text_without_a_machine_is_refused(seed: Plan, text: str) -> None:
    (mistake,) = refused(text).mistakes
    assert (mistake.line, mistake.column, mistake.code) == (1, 1, "no-machines")
    assert mistake.message == (
        "no machine is found; expected a capability's name on a line of its own, "
        "and its machine below it"
    )


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("[Start] - <a\x00b> {no action} -> [Failed]", "bad-name"),
        ("[Start] - <a\ud800b> {no action} -> [Failed]", "bad-name"),
        ("[Start] - <a\u2028b> {no action} -> [Failed]", "bad-name"),
        ("[Start] - <a\x85b> {no action} -> [Failed]", "bad-name"),
        ("[Start] - <e> {Say a\u202eb} -> [Failed]", "bad-action"),
        (f"[Start] - <{'x' * 100_000}> {{no action}} -> [Failed]", "bad-name"),
        (f"[Start] - <e> {'{x} ' * 51}-> [Failed]", "too-many-actions"),
        ("-- a\x00b", "bad-character"),
        ("-- a\ud800b", "bad-character"),
        ("-- a\x0cb", "bad-character"),
    ],
)
def test_hostile_text_is_refused_at_its_line(seed: Plan, bad: str, code: str) -> None:
    made = refused(f"{NULL}\n{bad}\n")
    assert [(mistake.line, mistake.code) for mistake in made.mistakes] == [(9, code)]
    assert len(str(made.mistakes[0])) < 1000


@pytest.mark.parametrize("separator", ["\u2028", "\u2029"])
def test_a_remark_carries_no_transition_with_it(seed: Plan, separator: str) -> None:
    smuggled = f"harmless{separator}[Start] - <e> {{QaPass}} -> [Complete]"
    run(f"{NULL}-- {smuggled}\n")
    assert len(effective("null")) == 4
    assert (smuggled, "Executing", "workflow-failed") in all_notes()["null", "current", ""]


def test_a_huge_line_is_answered_in_no_time(seed: Plan) -> None:
    started = time.perf_counter()
    made = refused("null\n\n[Start] - <e> " + "{Say a} " * 50_000 + "\n")
    assert time.perf_counter() - started < 10
    assert {mistake.line for mistake in made.mistakes} == {3}


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(seed: Plan) -> None:
    before = state()
    again = run("\ufeff" + SEED_TEXT.replace("\n", "\r\n"))
    assert set(told(again).values()) == {"unchanged"}
    assert state() == before


@pytest.mark.parametrize("name", ["current", "Ideal", "a b", "a/b", "é"])
def test_a_capability_that_cannot_be_called_so_is_refused(seed: Plan, name: str) -> None:
    made = refused(f"{name}\n\n[Start] - <e> {{no action}} -> [Failed]\n")
    assert made.mistakes


def test_what_the_database_refuses_is_a_mistake_too(
    seed: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise ValidationError("This cannot be.")

    monkeypatch.setattr("capabilities.authoring.terms.register_published", refuse)
    (mistake,) = refused(NULL).mistakes
    assert (mistake.code, mistake.message) == ("refused", "This cannot be.")


# -- at scale


def test_a_thousand_capabilities_are_imported_at_once(db: None) -> None:
    simple = template_text = render(machine_of(
        "[Start] - <capability-submitted> {QueueWorkflow (workflow_name)} -> [Queued]",
        "[Queued] - <resume> {ExecuteWorkflow (workflow_name)} -> [Complete]",
    ))  # fmt: skip
    pages = [f"c{n}\n\n{simple.replace('(workflow_name)', f'c{n}')}" for n in range(300)]
    started = time.perf_counter()
    done = run("\n".join([*pages, "1. Simple", template_text]))
    assert time.perf_counter() - started < 30
    assert done.counts["new"] == 301
    assert (
        Definition.objects.filter(overrides=None, machine_template__title="Simple").count() == 300
    )
    assert AuditEntry.objects.count() == 301


def test_an_import_into_an_emptied_database_begins_the_log_anew_nowhere(seed: Plan) -> None:
    count = head()
    emptied()
    run(SEED_TEXT)
    assert [e.sequence for e in last_entries(since=count)] == list(range(count + 1, count + 11))
    assert PASS in effective("std_calibration").by_key
    capabilities.add(name="vlass", machine_template=template(QA), by=editor_author())
