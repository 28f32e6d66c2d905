"""The fixture: the same bytes for the same rows, whole into an empty database, and nothing else."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.serializers.base import DeserializationError
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings

from capabilities.authoring import (
    capabilities,
    checks,
    definitions,
    imports,
    machine_templates,
    notes,
    overrides,
)
from capabilities.authoring.plans import Plan
from capabilities.deployment import fixtures
from capabilities.deployment.selection import Selection, UnknownCapabilityError
from capabilities.machines.layers import Put
from capabilities.machines.machine import Machine
from capabilities.machines.page import Page, render_page
from capabilities.models import (
    AuditEntry,
    Capability,
    Definition,
    MachineTemplate,
    Note,
    SwitchedOffCheck,
    Term,
)

from .. import strategies
from ..factories import (
    COMPLETE,
    NAMES,
    PASS,
    QA,
    RESUME,
    SIMPLE,
    SUBMITTED,
    definition,
    editor_author,
    effective,
    emptied,
    head,
    last_entries,
    line,
    machines,
    seen,
    state,
    template,
    undone,
)
from ..factories import notes as all_notes

ALL = Selection()


def authored() -> None:
    """Everything that a definition can have, names that bite included."""
    by = editor_author()
    definitions.attach_stage(definition=seen("null"), machine_template=template(QA), by=by)
    overrides.put(
        definition=seen("null"),
        key=RESUME,
        transition=line('[Queued] - <\\<b\\>x\\</b\\>> {Say "it\'s" \\\\ null} -> [QA: pending]'),
        reason='He said "no" \\ <b>',
        ticket="WS-807",
        by=by,
    )
    overrides.put(
        definition=seen("null"),
        key=SUBMITTED,
        transition=line("[node] - <\\<qa-fail\\>> {no action} -> [null]"),
        by=by,
    )
    overrides.drop(definition=seen("std_calibration", "ideal"), key=PASS, reason="é", by=by)
    definitions.bind_parameters(
        definition=seen("null"), values={"workflow_name": "null_dag"}, by=by
    )
    notes.add(
        text="a\u2028b 🛑", capability=Capability.objects.get(name="null"), kind="ideal", by=by
    )
    notes.add(text="on one line", key=PASS, machine_template=template(SIMPLE), by=by)
    null = Capability.objects.get(name="null")
    capabilities.require_qa(capability=null, requires_qa=True, by=by)
    checks.switch_off(capability=null, kind="ideal", code="no-qa", reason='No "é".', by=by)


def rows_of(text: str, model: str) -> list[dict[str, Any]]:
    return [row["fields"] for row in json.loads(text) if row["model"] == f"capabilities.{model}"]


def loaded(text: str, folder: Path) -> None:
    """Let Django load a fixture, as deployment does."""
    path = folder / "machines.json"
    path.write_bytes(text.encode())
    call_command("loaddata", str(path), verbosity=0)


# -- writing


def test_the_same_machines_give_the_same_bytes(seed: Plan) -> None:
    authored()
    text = fixtures.dump(ALL)
    assert fixtures.dump(Selection()) == text
    assert text.endswith("]\n")
    # Other ids, and other times of writing, are no other machines.
    emptied()
    imports.run(text=text, by=editor_author())
    assert fixtures.dump(ALL) == text


def test_a_fixture_holds_no_ids_no_versions_and_nothing_but_our_models(seed: Plan) -> None:
    get_user_model().objects.create_superuser("root", password="x")
    authored()
    text = fixtures.dump(ALL)
    rows = json.loads(text)
    assert {row["model"] for row in rows} == set(fixtures.LABELS)
    assert all(row.keys() == {"model", "fields"} for row in rows)
    assert not [row for row in rows if {"id", "version"} & row["fields"].keys()]
    assert rows_of(text, "stage") == [
        {"definition": ["null", "current"], "machine_template": [QA], "position": 0}
    ]
    assert rows_of(text, "binding") == [
        {"definition": ["null", "current"], "parameter": "workflow_name", "value": "null_dag"}
    ]


def test_every_row_stands_after_those_that_it_names(seed: Plan) -> None:
    machine_templates.add(title="A top", over=template(QA), by=editor_author())
    text = fixtures.dump(ALL)
    assert [row["slug"] for row in rows_of(text, "machinetemplate")] == [SIMPLE, QA, "a-top"]
    order = [row["model"] for row in json.loads(text)]
    assert sorted(order, key=fixtures.LABELS.index) == order


def test_the_rows_of_one_machine_stand_together_in_their_order(seed: Plan) -> None:
    for name in ("null", "test_download"):
        for event in ("b", "a"):
            overrides.put(
                definition=seen(name),
                key=None,
                transition=line(f"[Start] - <{event}> {{no action}} -> [Failed]"),
                by=editor_author(),
            )
    text = fixtures.dump(ALL)
    assert [(*each["definition"], each["event"]) for each in rows_of(text, "override")] == [
        ("null", "current", "b"),
        ("null", "current", "a"),
        ("std_calibration", "current", "workflow-complete"),
        ("std_calibration", "current", "qa-pass"),
        ("std_calibration", "current", "qa-fail"),
        ("test_download", "current", "b"),
        ("test_download", "current", "a"),
    ]
    assert [each["event"] for each in rows_of(text, "templaterow")] == [
        *("workflow-complete", "qa-pass", "qa-fail", "workflow-complete", "workflow-failed"),
        *("capability-submitted", "resume", "workflow-complete", "workflow-failed"),
    ]


def test_names_are_in_the_order_of_their_characters_in_every_database(seed: Plan) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_collation WHERE collname = 'en-x-icu'")
            if cursor.fetchone():
                cursor.execute(
                    "ALTER TABLE capabilities_capability "
                    'ALTER COLUMN name TYPE varchar(200) COLLATE "en-x-icu"'
                )
    for name in ("b", "B", "a-b", "a_c", "a.d", "A"):
        capabilities.add(name=name, machine_template=None, by=editor_author())
    names = [row["name"] for row in rows_of(fixtures.dump(ALL), "capability")]
    assert names == sorted(names)
    assert names[:7] == ["A", "B", "a-b", "a.d", "a_c", "b", "null"]


def test_one_kind_is_exported_with_all_that_it_is_made_of(seed: Plan) -> None:
    text = fixtures.dump(Selection.of(kind="ideal"))
    assert rows_of(text, "definition") == [
        {
            "capability": ["std_calibration"],
            "kind": "ideal",
            "machine_template": [QA],
        }
    ]
    assert [row["slug"] for row in rows_of(text, "machinetemplate")] == [SIMPLE, QA]
    assert {row["kind"] for row in rows_of(text, "note")} == {"ideal", ""}
    current = fixtures.dump(Selection.of(kind="current"))
    assert [row["slug"] for row in rows_of(current, "machinetemplate")] == [SIMPLE]
    assert len(rows_of(current, "definition")) == 7


def test_some_capabilities_are_exported_with_the_templates_that_they_need(seed: Plan) -> None:
    text = fixtures.dump(Selection.of(["null_dag", "null"]))
    assert [row["name"] for row in rows_of(text, "capability")] == ["null", "null_dag"]
    assert [row["slug"] for row in rows_of(text, "machinetemplate")] == [SIMPLE]
    assert len(rows_of(text, "definition")) == 2
    assert rows_of(text, "note") == []
    definitions.attach_stage(
        definition=seen("null"), machine_template=template(QA), by=editor_author()
    )
    text = fixtures.dump(Selection.of(["null"]))
    assert [row["slug"] for row in rows_of(text, "machinetemplate")] == [SIMPLE, QA]


def test_a_capability_that_there_is_not_cannot_be_selected(seed: Plan) -> None:
    with pytest.raises(UnknownCapabilityError) as unknown:
        Selection.of(["null", "nil", "void"])
    assert str(unknown.value) == "There is no capability nil, void."


# -- loaddata


def test_loaddata_brings_equal_machines_into_an_empty_database(seed: Plan, tmp_path: Path) -> None:
    authored()
    before, noted, text = machines(), all_notes(), fixtures.dump(ALL)
    emptied()
    assert not Capability.objects.exists()
    loaded(text, tmp_path)
    assert machines() == before
    assert all_notes() == noted
    assert fixtures.dump(ALL) == text
    assert set(before) >= {(name, "current") for name in NAMES}


def test_what_loaddata_brought_can_be_edited(seed: Plan, tmp_path: Path) -> None:
    text = fixtures.dump(ALL)
    emptied()
    loaded(text, tmp_path)
    overrides.drop(definition=seen("null"), key=RESUME, by=editor_author())
    assert RESUME not in effective("null").by_key


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('"model": "capabilities.override"', '"model": "capabilities.overide"'),
        ('"over": [', '"under": ['),
        ('"capability": [\n      "null"', '"capability": [\n      "nil"'),
    ],
)
def test_loaddata_refuses_a_fixture_that_is_wrong_and_loads_nothing(
    seed: Plan, tmp_path: Path, good: str, bad: str
) -> None:
    text = fixtures.dump(ALL)
    assert good in text
    emptied()
    with pytest.raises(DeserializationError):
        loaded(text.replace(good, bad, 1), tmp_path)
    assert not Capability.objects.exists()


# -- our own reader


def imported(text: str) -> Plan:
    return imports.run(text=text, by=editor_author())


def refusal(text: str) -> list[str]:
    """What an import of the text is refused with; nothing has changed."""
    before = state()
    with pytest.raises(imports.ImportRefusedError) as refused:
        imported(text)
    assert state() == before
    assert imports.plan(text=text, by=editor_author()).mistakes == refused.value.plan.mistakes
    assert state() == before
    return [mistake.message for mistake in refused.value.plan.mistakes]


def row(model: str, **fields: Any) -> dict[str, Any]:
    return {"model": f"capabilities.{model}", "fields": fields}


def test_an_import_brings_equal_machines_into_an_empty_database(seed: Plan) -> None:
    authored()
    before, noted, text = machines(), all_notes(), fixtures.dump(ALL)
    emptied()
    plan = imported(text)
    assert machines() == before
    assert all_notes() == noted
    assert {(each.word, each.made_of) for each in plan.planned} == {("new", "as in the fixture")}
    told = {(e.name, e.kind) for e in last_entries() if e.action == "imported"}
    assert told >= {*((name, "current") for name in NAMES), (SIMPLE, ""), (QA, "")}


def test_an_import_of_what_is_there_changes_nothing(seed: Plan) -> None:
    authored()
    text, noted, before = fixtures.dump(ALL), all_notes(), machines()
    plan = imported(text)
    assert {each.word for each in plan.planned} == {"unchanged"}
    assert not plan.changes_anything
    assert (fixtures.dump(ALL), all_notes(), machines()) == (text, noted, before)


def test_an_import_gives_each_machine_its_rows_alone_and_counts_its_version_up(
    seed: Plan,
) -> None:
    text, theirs = fixtures.dump(ALL), seen("std_calibration")
    overrides.put(
        definition=theirs,
        key=None,
        transition=line("[Queued] - <x> {no action} -> [Failed]"),
        by=editor_author(),
    )
    definitions.attach_stage(
        definition=seen("null"), machine_template=template(QA), by=editor_author()
    )
    plan = imported(text)
    assert fixtures.dump(ALL) == text
    assert [each.title for each in plan.planned if each.word == "changed"] == [
        "null current",
        "std_calibration current",
    ]
    assert plan.changes_anything
    assert definition("std_calibration").version == theirs.version + 2


def test_a_retired_machine_template_stays_retired_and_a_fixture_of_before_has_none(
    seed: Plan,
) -> None:
    stored = MachineTemplate.objects.get(slug=QA)
    machine_templates.retire(machine_template=stored, version=1, by=editor_author())
    text = fixtures.dump()
    emptied()
    imported(text)
    assert MachineTemplate.objects.get(slug=QA).retired
    assert fixtures.dump() == text
    rows = json.loads(text)
    for row in rows:
        row["fields"].pop("retired", None)
    emptied()
    imported(json.dumps(rows))
    assert not MachineTemplate.objects.get(slug=QA).retired


def test_what_the_fixture_does_not_name_stays(seed: Plan) -> None:
    text = fixtures.dump(Selection.of(["null"]))
    added = capabilities.add(name="vlass", machine_template=template(QA), by=editor_author())
    before = {key: machine for key, machine in machines().items() if key[0] != "null"}
    imported(text)
    after = machines()
    assert {key: after[key] for key in before} == before
    assert Capability.objects.filter(pk=added.pk).exists()
    assert Note.objects.count() == 14


def test_other_rows_for_the_same_machines_are_a_change_too(seed: Plan) -> None:
    rows = json.loads(fixtures.dump(ALL))
    for each in rows:
        if each["fields"].get("event") == "qa-fail" and "reason" in each["fields"]:
            each["fields"]["reason"] = "agreed"
    plan = imports.plan(text=json.dumps(rows), by=editor_author())
    assert {each.word for each in plan.planned} == {"unchanged"}
    assert plan.changes_anything


def test_a_note_that_is_there_is_not_doubled_and_a_new_one_finds_a_place(seed: Plan) -> None:
    text = fixtures.dump(ALL)
    first = Note.objects.filter(capability__name="std_calibration").first()
    assert first
    notes.change(note=first, text="Moved on.", key=None, by=editor_author())
    count = head()
    imported(text)
    texts = [text for text, *_ in all_notes()["std_calibration", "ideal", ""]]
    assert len(texts) == 5
    assert texts[0] == "Moved on."
    assert texts[-1].startswith("Should we run QaFail")
    assert ("std_calibration", "ideal") in {(e.name, e.kind) for e in last_entries(since=count)}


def test_a_note_alone_is_in_the_log(seed: Plan) -> None:
    note = row("note", capability=["null"], kind="ideal", text="Later.", position=0)
    count = head()
    imported(json.dumps([note]))
    assert all_notes()["null", "ideal", ""] == [("Later.", "", "")]
    assert [(e.name, e.kind) for e in last_entries(since=count)] == [("null", "current")]


def test_a_capability_that_comes_with_an_ideal_alone_has_an_empty_current_machine(
    seed: Plan,
) -> None:
    text = fixtures.dump(Selection.of(["std_calibration"], "ideal"))
    emptied()
    imported(text)
    assert effective("std_calibration") == Machine()
    assert len(effective("std_calibration", "ideal")) == 8
    transition = line("[Start] - <x> {no action} -> [Failed]")
    overrides.put(
        definition=seen("std_calibration"), key=None, transition=transition, by=editor_author()
    )
    assert effective("std_calibration").transitions == (transition,)


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        ("auth.user", {"username": "eve", "is_superuser": True}),
        ("auth.permission", {"codename": "x"}),
        ("auth.group", {"name": "editor"}),
        ("sessions.session", {"session_key": "x"}),
        ("admin.logentry", {}),
        ("contenttypes.contenttype", {}),
        ("capabilities.auditentry", {"sequence": 1}),
        ("capabilities.audithead", {"sequence": 0}),
        ("capabilities.nothing", {}),
        (None, {}),
        (["capabilities.term"], {}),
    ],
)
def test_a_model_that_is_none_of_the_fixture_s_is_refused(
    seed: Plan, model: Any, fields: dict[str, Any]
) -> None:
    text = json.dumps([row("term", kind="state", name="X"), {"model": model, "fields": fields}])
    (told,) = refusal(text)
    assert told.startswith(f"row 2 of the fixture: “{model}” is not imported; expected one of ")
    assert not get_user_model().objects.filter(username="eve").exists()
    assert not Term.objects.filter(name="X").exists()


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (
            {"model": "capabilities.term", "pk": 1, "fields": {"kind": "state", "name": "X"}},
            "a row of ours is found by its names; expected no “pk”",
        ),
        (
            row("term", id=1, kind="state", name="X"),
            "capabilities.term has no “id”; expected argument, description, final, kind, name",
        ),
        (
            row("definition", capability=["null"], kind="current", version=9),
            "capabilities.definition has no “version”; "
            "expected capability, kind, machine_template",
        ),
        (
            row("definition", capability=1, kind="current"),
            "“capability” is found by its names; expected a list of them",
        ),
        (
            row("machinetemplate", title="T", slug="t", over="simple-run-workflow"),
            "“over” is found by its names; expected a list of them",
        ),
        (
            row("term", kind="state", name="X", description="a\x00b"),
            "“description” has an unusable character; expected text, found 'a\\x00b'",
        ),
        (
            row("definition", capability=["a\ud800"], kind="current"),
            "“capability” has an unusable character; expected text, found 'a\\ud800'",
        ),
        ({"model": "capabilities.term"}, "expected an object with “model” and “fields”"),
        ({"fields": []}, "expected an object with “model” and “fields”"),
        ({"model": "x", "fields": None}, "expected an object with “model” and “fields”"),
    ],
)  # fmt: skip
def test_a_row_that_is_none_of_ours_is_refused(seed: Plan, bad: object, told: str) -> None:
    good = row("term", kind="state", name="X")
    assert refusal(json.dumps([good, bad])) == [f"row 2 of the fixture: {told}"]


def test_every_bad_row_is_told_at_once(seed: Plan) -> None:
    rows = [
        {"model": "auth.user", "fields": {}},
        row("term", kind="state", name="X"),
        row("term", x=1),
    ]
    told = refusal(json.dumps(rows))
    assert [each.partition(":")[0] for each in told] == [
        "row 1 of the fixture",
        "row 3 of the fixture",
    ]


def override(**fields: Any) -> list[dict[str, Any]]:
    """A definition with one override."""
    good = {
        "definition": ["null", "current"],
        "source": "Start",
        "event": "e",
        "actions": "{QaPass}",
        "target": "Failed",
    }
    return [
        row("definition", capability=["null"], kind="current", machine_template=[SIMPLE]),
        row("override", **good | fields),
    ]


def test_an_override_that_can_be_is_imported(seed: Plan) -> None:
    imported(json.dumps(override()))
    assert effective("null").transitions[-1] == line("[Start] - <e> {QaPass} -> [Failed]")


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (override(source=""), "This field cannot be blank."),
        (override(target=""), "Constraint “override_puts_have_targets” is violated."),
        (override(drop=True), "Constraint “override_puts_have_targets” is violated."),
        (override(target="a\nb"), "the target state has the unusable character U+000A"),
        (override(event="a\tb"), "This has the unusable character U+0009."),
        (override(target="x" * 201), "Ensure this value has at most 200 characters (it has 201)."),
        (override(place="nowhere"), "Value 'nowhere' is not a valid choice."),
        (override(position=-1), "Ensure this value is greater than or equal to 0."),
        (
            override(actions="{QaPass"),
            "['line 1, column 1: expected “}” to close the action, the line ends\\n"
            "    {QaPass\\n    ^']: (capabilities.override:pk=None) field_value was '{QaPass'; "
            "expected a row as it is exported",
        ),
        (
            [override()[1]],
            "expected the row of “null current”, of which it is a part, above it",
        ),
        (
            [*override(), override()[0]],
            "it stands above already; expected each row once",
        ),
        (
            [*override(), override()[1]],
            "it stands above already; expected each row once",
        ),
        (
            [row("machinetemplate", title="Simple run-workflow", slug="other")],
            "Machine template with this Title already exists.",
        ),
        (
            [row("machinetemplate", title="T", slug="Not a slug")],
            "Lower-case letters, digits, “-”.",
        ),
        (
            [row("machinetemplate", title="Simple run-workflow", slug=SIMPLE, over=[QA])],
            "“Run-workflow with single-stage QA” lies over “Simple run-workflow” itself",
        ),
        (
            [row("machinetemplate", title="Simple run-workflow", slug=SIMPLE, over=[SIMPLE])],
            "“Simple run-workflow” lies over “Simple run-workflow” itself",
        ),
        (
            [row("capability", name="a b")],
            "This may have only letters, digits, “_”, “-” and “.”, "
            "and begins with a letter or digit.",
        ),
        ([row("note", text="x")], "Constraint “a_note_has_one_owner” is violated."),
        (
            [row("note", text="a\nb", capability=["null"], kind="current")],
            "This has the unusable character U+000A; a note is one line of text.",
        ),
        (
            [row("term", kind="state", name="X", argument="message")],
            "Constraint “only_actions_take_arguments” is violated.",
        ),
    ],
)
def test_a_row_that_cannot_be_is_refused(seed: Plan, rows: list[dict[str, Any]], told: str) -> None:
    assert refusal(json.dumps(rows)) == [f"row {len(rows)} of the fixture: {told}"]


@pytest.mark.parametrize(
    "rows",
    [
        [row("definition", kind="current")],
        [row("definition", capability=["nil"], kind="current")],
        [row("definition", capability=["null", "x"], kind="current")],
        [row("definition", capability=[["null"]], kind="current")],
        [row("definition", capability=[{}], kind="current")],
        [row("definition", capability=["null"], kind="current", machine_template=[])],
        [row("term", kind="state", name={"a": 1}, final="maybe")],
        [row("term", kind="state", name=None)],
        [row("term")],
        [row("override", source="x")],
        [row("note", capability=["null"], kind="current", text=None)],
        [row("capability", name=["null"])],
        override(position="first"),
        override(position=10**30),
        override(drop=None),
    ],
)
def test_a_row_without_sense_is_refused_and_told_which(
    seed: Plan, rows: list[dict[str, Any]]
) -> None:
    (told,) = refusal(json.dumps(rows))
    assert told.startswith(f"row {len(rows)} of the fixture: ")


@pytest.mark.parametrize(
    ("text", "told", "at"),
    [
        ("[{", "Expecting property name enclosed in double quotes; expected JSON", (1, 3)),
        ('[\n  {"model": x}]', "Expecting value; expected JSON", (2, 13)),
        ("[{} {}]", "Expecting ',' delimiter; expected JSON", (1, 5)),
        ("[{}] x", "Extra data; expected JSON", (1, 6)),
        (
            '[{"model":' + "[" * 100_000,
            "the fixture: expected a list of rows, found deeper nesting",
            (0, 0),
        ),
    ],
)  # fmt: skip
def test_a_text_that_is_no_json_is_refused_at_its_place(
    seed: Plan, text: str, told: str, at: tuple[int, int]
) -> None:
    before = state()
    plan = imports.plan(text=text, by=editor_author())
    (mistake,) = plan.mistakes
    assert (mistake.message, (mistake.line, mistake.column)) == (told, at)
    assert ("^" in str(mistake)) is (at != (0, 0))
    assert refusal(text) == [told]
    assert state() == before


def test_a_number_of_thousands_of_digits_is_refused(seed: Plan) -> None:
    (told,) = refusal(
        '[{"model": "capabilities.stage", "fields": {"position": ' + "1" * 5000 + "}}]"
    )
    assert told.startswith("the fixture: Exceeds the limit")


def test_an_empty_fixture_changes_nothing(seed: Plan) -> None:
    before = state()
    plan = imported("[]")
    assert plan.planned == []
    assert not plan.changes_anything
    assert state() == before


def test_the_last_row_bad_means_that_no_row_is_stored(seed: Plan) -> None:
    text = fixtures.dump(ALL)
    emptied()
    rows = [*json.loads(text), row("stage", definition=["nil", "current"])]
    refusal(json.dumps(rows))
    assert not Capability.objects.exists()
    assert not MachineTemplate.objects.exists()


def test_templates_in_a_circle_never_hang_the_import(seed: Plan) -> None:
    circle = [
        row("machinetemplate", title="A", slug="a", over=None),
        row("machinetemplate", title="B", slug="b", over=["a"]),
    ]
    imported(json.dumps(circle))
    circle[0]["fields"]["over"] = ["b"]
    done: list[list[str]] = []
    _within(10, lambda: done.append(refusal(json.dumps(circle[:1]))))
    assert done == [["row 1 of the fixture: “B” lies over “A” itself"]]


def _within(seconds: float, call: Callable[[], None]) -> None:
    """Call in this thread; fail instead of hanging, as far as Python lets us."""
    timer = threading.Timer(seconds, lambda: pytest.exit("hangs", returncode=3))
    timer.daemon = True
    timer.start()
    try:
        call()
    finally:
        timer.cancel()


# -- every machine that can be


@pytest.mark.django_db
@given(page=strategies.pages())
@settings(
    max_examples=settings().max_examples // 4,
    suppress_health_check=list(HealthCheck),
    phases=set(Phase) - {Phase.explain},
)
def test_a_fixture_brings_any_machines_into_an_empty_database(page: Page) -> None:
    with undone():
        text = render_page(page)
        plan = imports.plan(text=text, by=editor_author())
        if plan.mistakes:
            # Bound to their capability's name, some arguments become too long.
            assert page.machines or page.templates or plan.mistakes[0].code == "no-machines"
            return
        imports.run(text=text, by=editor_author())
        before, noted, written = machines(), all_notes(), fixtures.dump(ALL)
        emptied()
        imported(written)
        assert machines() == before
        assert all_notes() == noted
        assert fixtures.dump(ALL) == written
        assert AuditEntry.objects.exists()


def test_a_template_s_own_layer_stays_a_layer(seed: Plan) -> None:
    text = fixtures.dump(ALL)
    emptied()
    imported(text)
    assert template(QA).over == template(SIMPLE)
    first = template(QA).rows.first()
    assert first
    assert first.key == COMPLETE
    assert isinstance(definition("std_calibration").own_layer[0], Put)
    assert Definition.objects.count() == 8


# -- switched-off checks, and what requires QA


def test_a_fixture_that_is_already_here_switches_nothing_and_requires_nothing(seed: Plan) -> None:
    authored()
    text = fixtures.dump(ALL)
    before = list(SwitchedOffCheck.objects.values())
    assert not imports.plan(text=text, by=editor_author()).changes_anything
    imports.run(text=text, by=editor_author())
    assert fixtures.dump(ALL) == text
    assert list(SwitchedOffCheck.objects.values()) == before


def test_another_reason_in_a_fixture_is_taken_and_recorded(seed: Plan) -> None:
    authored()
    text = fixtures.dump(ALL)
    imports.run(text=text.replace('No \\"é\\".', "Another."), by=editor_author())
    assert SwitchedOffCheck.objects.get().reason == "Another."


def test_a_fixture_that_does_not_say_whether_qa_is_required_changes_nothing_of_it(
    seed: Plan,
) -> None:
    null = Capability.objects.get(name="null")
    capabilities.require_qa(capability=null, requires_qa=True, by=editor_author())
    rows = json.loads(fixtures.dump(ALL))
    for row in rows:
        row["fields"].pop("requires_qa", None)
    assert not imports.plan(text=json.dumps(rows), by=editor_author()).changes_anything
    imports.run(text=json.dumps(rows), by=editor_author())
    assert Capability.objects.get(name="null").requires_qa
    emptied()
    imports.run(text=json.dumps(rows), by=editor_author())
    assert not Capability.objects.get(name="null").requires_qa


def test_that_a_fixture_requires_qa_is_recorded_for_both_kinds(seed: Plan) -> None:
    rows = [{"model": "capabilities.capability", "fields": {"name": "null", "requires_qa": True}}]
    before = head()
    imports.run(text=json.dumps(rows), by=editor_author())
    assert Capability.objects.get(name="null").requires_qa
    entries = last_entries(before)
    assert [(each.name, each.kind) for each in entries] == [("null", "current"), ("null", "ideal")]


def test_a_fixture_cannot_switch_off_a_check_that_there_is_not(seed: Plan) -> None:
    row = {"capability": ["null"], "kind": "current", "code": "luck", "reason": "x", "by": "a"}
    text = json.dumps([{"model": "capabilities.switchedoffcheck", "fields": row}])
    before = state()
    with pytest.raises(imports.ImportRefusedError, match="There is no check “luck”"):
        imports.run(text=text, by=editor_author())
    assert state() == before
