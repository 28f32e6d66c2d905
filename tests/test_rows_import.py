"""Rows for Workspaces as an import: what runs becomes current, and machine types survive."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from capabilities.authoring import imports, machine_templates, overrides
from capabilities.authoring.imports import ImportRefusedError
from capabilities.authoring.plans import Plan
from capabilities.deployment import workspaces
from capabilities.deployment.selection import Selection
from capabilities.machines.machine import bind
from capabilities.machines.notation import render
from capabilities.models import Definition, Fleet, MachineTemplate, Note

from .drifted import ACTIONS, MACHINES, THREE, TRANSITIONS, Rows, as_csv, dump, one_broken, rows
from .factories import (
    LIKE_SIMPLE,
    QA,
    RESUME,
    SIMPLE,
    definition,
    editor_author,
    effective,
    emptied,
    machines,
    seen,
    state,
    template,
    template_machine,
)

SIMPLE_TYPE, QA_TYPE = "SimpleStateMachine", "SingleQAStateMachine"


def run(text: str) -> Plan:
    return imports.run(text=text, by=editor_author())


def exported() -> str:
    return workspaces.as_json(Selection())


def refused(text: str) -> list[str]:
    """What is told of a text that is refused; nothing has changed."""
    before = state()
    with pytest.raises(ImportRefusedError) as error:
        run(text)
    assert state() == before
    found = error.value.plan.mistakes
    assert list(imports.plan(text=text, by=editor_author()).mistakes) == list(found)
    return [each.message for each in found]


def words(made: Plan) -> dict[str, str]:
    return {each.title: each.word for each in made.planned}


def typed(names: tuple[str, ...], type_: str | None) -> Callable[[Rows], None]:
    def change(found: Rows) -> None:
        for row in found[MACHINES]:
            if row["capability_name"] in names:
                row["machine_type"] = type_

    return change


# -- into an empty database


def test_a_type_brings_its_machine_template_back(seed: Plan) -> None:
    text, before, unbound = exported(), effective("null"), machines()["", "Simple run-workflow"]
    emptied()
    made = run(text)
    assert (made.warnings, len(made.planned)) == ([], 8)
    (found,) = MachineTemplate.objects.all()
    assert (found.slug, found.title) == (SIMPLE, "Simple run-workflow")
    assert machines()["", found.title] == unbound
    for name in LIKE_SIMPLE:
        assert definition(name).machine_template == found
        assert not definition(name).overrides.exists()
    assert effective("null") == before
    assert exported() == text


def test_a_type_that_lies_over_another_one_does_so_again(seed: Plan) -> None:
    unbound = machines()["", "Run-workflow with single-stage QA"]
    found = rows()
    by = editor_author()
    for name in LIKE_SIMPLE[:2]:
        imports.run(text=f"{name}\n\n{_qa(name)}", by=by)
    text = exported()
    assert [row["machine_type"] for row in json.loads(text)["tables"][MACHINES]].count(QA_TYPE) == 2
    assert rows() != found
    emptied()
    assert run(text).warnings == []
    assert template(QA).over == template(SIMPLE)
    assert machines()["", "Run-workflow with single-stage QA"] == unbound
    assert exported() == text


def _qa(name: str) -> str:
    return render(bind(template_machine(QA), {"workflow_name": name}))


def test_a_type_of_other_names_is_titled_by_its_address(seed: Plan, settings: Any) -> None:
    settings.WORKSPACES = {"machine_types": {"null-like": "Null", "no--slug": "None", "-": "Dash"}}
    text = dump(
        typed(("null",), "Null"), typed(("null_dag",), "None"), typed(LIKE_SIMPLE[2:], "Dash")
    )
    emptied()
    told = run(text).warnings
    (found,) = MachineTemplate.objects.all()
    assert (found.slug, found.title) == ("null-like", "Null like")
    assert told == [
        "null_dag: the machine type None does not write exactly this machine. Each is imported as "
        "its rows say and exported without a type.",
        "restore_cms, std_cms_imaging, std_restore_imaging and test_download: the machine type "
        "Dash does not write exactly this machine. Each is imported as its rows say and exported "
        "without a type.",
    ]


def test_a_type_of_machines_without_transitions_comes_back(seed: Plan, settings: Any) -> None:
    settings.WORKSPACES = {"machine_types": {"nothing": "NoStateMachine"}}
    machine_templates.add(title="Nothing", by=editor_author())
    run("null\n-- Current\n-- no transitions\n")
    text = exported()
    assert "NoStateMachine" in text
    emptied()
    run(text)
    assert exported() == text


def test_a_machine_template_with_the_title_of_a_type_is_left_alone(seed: Plan) -> None:
    text = exported()
    emptied()
    by = editor_author()
    other = machine_templates.add(title="Other", by=by)
    machine_templates.rename(
        machine_template=other, title="Simple run-workflow", version=other.version, by=by
    )
    run(text)
    other.refresh_from_db()
    assert not other.rows.exists()
    assert (template(SIMPLE).title, exported()) == ("Simple run workflow", text)


# -- beside what is there


def test_what_runs_becomes_current_and_all_else_stays(seed: Plan) -> None:
    ideal, noted = effective("std_calibration", "ideal"), Note.objects.count()
    made = run(dump(*THREE))
    counts = made.counts
    assert (counts["changed"], counts["new"], counts["removed"]) == (2, 0, 0)
    assert words(made)["null current"] == words(made)["test_download current"] == "changed"
    assert effective("std_calibration", "ideal") == ideal
    assert Note.objects.count() == noted
    assert definition("null").machine_template == template(SIMPLE)
    assert definition("null").overrides.count() == 2
    assert [each.partition(": ")[0] for each in made.warnings] == ["null and test_download"]
    assert "SimpleStateMachine does not write exactly this machine" in made.warnings[0]
    assert "exported without a type" in made.warnings[0]


def test_what_is_there_already_changes_nothing(seed: Plan) -> None:
    made = run(exported())
    assert not made.changes_anything
    assert made.warnings == []


def test_some_machines_are_imported_alone(seed: Plan) -> None:
    text = workspaces.as_json(Selection(("null",)))
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    overrides.drop(definition=seen("null_dag"), key=RESUME, by=editor_author())
    made = run(text)
    assert words(made) == {"null current": "changed"}
    assert RESUME not in effective("null_dag").by_key
    assert not definition("null").overrides.exists()


def test_a_type_that_is_not_known_or_not_said_is_told(seed: Plan) -> None:
    text = dump(typed(("null",), "Own"), typed(("null_dag", "restore_cms"), None))
    assert run(text).warnings == [
        "null: the machine type Own is not known here. Each is imported as its rows say and "
        "exported with the type SimpleStateMachine.",
        "null_dag and restore_cms: no machine type in the rows, but SimpleStateMachine writes "
        "exactly this machine. Each is imported as its rows say and exported with the type "
        "SimpleStateMachine.",
    ]


def test_many_names_are_counted(seed: Plan) -> None:
    (told,) = run(dump(typed(LIKE_SIMPLE, None), typed(("std_calibration",), None))).warnings
    assert told.startswith(f"{', '.join(LIKE_SIMPLE[:5])} and 1 more: no machine type")


def test_the_parameter_in_a_row_is_told(seed: Plan) -> None:
    def parameter(found: Rows) -> None:
        found[ACTIONS][0]["argument"] = "(workflow_name)"

    made = run(dump(parameter))
    assert (
        made.warnings[-1] == "null: (workflow_name) in the rows becomes the capability's own name."
    )
    assert words(made)["null current"] == "unchanged"


@pytest.mark.parametrize("name", ["null", "true", "1", "1e3", "NaN"])
def test_a_name_that_means_something_elsewhere_is_a_name(db: None, name: str) -> None:
    tables = {
        MACHINES: [{"capability_name": name, "machine_type": None}],
        TRANSITIONS: [_transition(name, source=name, event=name, target=name)],
        ACTIONS: [_action("null", "true")],
    }
    run(json.dumps({"tables": tables}))
    text = exported()
    assert json.loads(text)["tables"][MACHINES][0]["capability_name"] == name
    found = effective(name)
    emptied()
    run(text)
    assert (effective(name), exported()) == (found, text)


def _transition(name: str, **values: object) -> dict[str, object]:
    row = {"transition_id": 1, "capability_name": name, "position": 1}
    return {**row, **{f"{key}_{_ENDS[key]}": value for key, value in values.items()}}


_ENDS = {"source": "state", "event": "type", "target": "state"}


def _action(name: str, argument: str) -> dict[str, object]:
    row = {"action_id": 1, "transition_id": 1, "position": 1}
    return {**row, "action_name": name, "argument": argument}


def test_a_dump_that_is_only_its_tables_is_taken_with_a_byte_order_mark(seed: Plan) -> None:
    bare = f"\ufeff{json.dumps(rows())}"
    emptied()
    assert run(bare).counts["new"] == 8


# -- what is refused, and what is not read


def test_another_table_is_named_and_nothing_of_it_read(seed: Plan) -> None:
    found = json.loads(exported())
    found["tables"]["auth_user"] = [{"username": "eve", "is_superuser": True, "password": "x"}]
    found["tables"][MACHINES][0]["is_staff"] = True
    before = state()
    made = run(json.dumps(found))
    assert made.warnings == [
        "The text has the table 'auth_user', which is not read.",
        f"{MACHINES} has the column 'is_staff', which is not read.",
    ]
    assert not made.changes_anything
    assert state() == before


def test_every_broken_row_is_told_and_nothing_is_imported(seed: Plan) -> None:
    def others(found: Rows) -> None:
        found[TRANSITIONS][0]["position"] = "first"
        found[MACHINES].append({"capability_name": "Current", "machine_type": None})

    told = refused(dump(one_broken, others))
    assert told[0] == (
        f"{TRANSITIONS}, row 1, column position: is 'first'; expected a whole number."
    )
    assert all(each.startswith(f"{ACTIONS}, row ") for each in told[1:-1])
    assert told[-1] == (
        f"{MACHINES}, row 8, column capability_name: “Current” is a word with a meaning of its own "
        "on the page; expected a capability's name."
    )


def test_of_very_many_broken_rows_the_first_are_told(seed: Plan) -> None:
    def many(found: Rows) -> None:
        found[MACHINES] += [{"capability_name": "", "machine_type": None}] * 150

    told = refused(dump(many))
    assert (len(told), told[-1]) == (101, "and 50 problems more")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"tables": 1}', "expected an object with “tables”. Expected rows"),
        ('{"tables": {}}', f"The dump lacks the tables {MACHINES}, {TRANSITIONS} and {ACTIONS}."),
        ('{"tables": {"auth_user": []}}', "The dump lacks the tables"),
        ('{"tables": ', "Expecting value; expected JSON, as workspaces-json has it"),
        ('{"a": NaN}', "NaN is no number of JSON"),
        ('{"a": [-Infinity]}', "-Infinity is no number of JSON"),
        ('{"tables": {}, "tables": {}}', "an object has 'tables' twice"),
        ('{"a": {"\\ud800": 1, "\\ud800": 2}}', "an object has '\\ud800' twice"),
        (f'{{"a": {"9" * 5000}}}', "Exceeds the limit"),
        (f'{{"a": {"[" * 100_000}', "is no JSON that can be read"),
        ('{"a": "\ud800"}', "is no text in UTF-8"),
        ('{"a": "\0"}', "Invalid control character"),
    ],
)
def test_hostile_json_is_refused_in_words(seed: Plan, text: str, told: str) -> None:
    (said,) = refused(text)
    assert told in said


@pytest.mark.parametrize(
    ("table", "column", "value", "told"),
    [
        (MACHINES, "capability_name", 7, "is 7; expected text"),
        (MACHINES, "capability_name", "a/b", "“a/b” may have only letters"),
        (MACHINES, "capability_name", "a\0", "has the unusable character U+0000; expected a name"),
        (MACHINES, "machine_type", "\ud800", "has the unusable character U+D800"),
        (MACHINES, "machine_type", {"a": 1}, "is {'a': 1}; expected text"),
        (TRANSITIONS, "source_state", None, "is NULL; expected text"),
        (TRANSITIONS, "target_state", "\ud800", "has the unusable character U+D800"),
        (TRANSITIONS, "position", True, "is True; expected a whole number"),
        (TRANSITIONS, "position", 1.5, "is 1.5; expected a whole number"),
        (TRANSITIONS, "transition_id", [], "is []; expected an id"),
        (ACTIONS, "action_name", "two words", "has white space in it"),
        (ACTIONS, "argument", "x" * 201, "is longer than 200 characters"),
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_row(
    seed: Plan, table: str, column: str, value: object, told: str
) -> None:
    def change(found: Any) -> None:
        found[table][0][column] = value

    found: Any = rows()
    change(found)
    said = refused(json.dumps(found))
    assert any(each.startswith(f"{table}, row 1") and told in each for each in said)


def test_huge_numbers_are_ids_and_places_as_others(seed: Plan) -> None:
    def huge(found: Any) -> None:
        for row in found[TRANSITIONS]:
            row["position"] += 10**4000

    found = rows()
    huge(found)
    assert not run(json.dumps(found)).changes_anything


def test_rows_without_a_machine_are_refused(seed: Plan) -> None:
    text = json.dumps({MACHINES: [], TRANSITIONS: [], ACTIONS: []})
    assert refused(text) == ["no machine is found; expected the rows of one"]


def test_rows_as_csv_are_sent_to_the_page_that_takes_them(seed: Plan) -> None:
    (told,) = refused(as_csv(rows())[TRANSITIONS])
    assert told.startswith(f"this is the table {TRANSITIONS} as CSV; expected rows as")
    assert "The page Drift takes CSV" in told


def test_an_ideal_machine_in_rows_becomes_what_runs(seed: Plan) -> None:
    text = workspaces.as_json(Selection(("std_calibration",), "ideal"))
    ideal = effective("std_calibration", "ideal")
    run(text)
    assert effective("std_calibration") == ideal
    assert Definition.objects.filter(capability__name="std_calibration", kind="ideal").exists()
    assert Fleet(["std_calibration"]).machine("std_calibration", "ideal") == ideal
