"""The tables: what the database itself refuses, how values become columns, roles, migrations."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext

from capabilities.authoring.plans import Plan
from capabilities.deployment import fixtures
from capabilities.deployment.selection import Selection
from capabilities.fields import (
    ActionsField,
    validate_capability_name,
    validate_name,
    validate_note,
)
from capabilities.machines.layers import START, Drop, Put
from capabilities.machines.machine import Action, Key, Machine
from capabilities.models import (
    Binding,
    Capability,
    Definition,
    Fleet,
    MachineTemplate,
    Note,
    Override,
    Shelf,
    Stage,
    SwitchedOffCheck,
    TemplateRow,
    Term,
)

from .factories import (
    COMPLETE,
    QA,
    RESUME,
    SIMPLE,
    definition,
    effective,
    line,
    machines,
    template,
    template_machine,
)

# -- constraints


def refused(name: str, row: models.Model) -> None:
    """The database refuses the row, by the constraint of that name, whatever Django thinks."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        row.save(force_insert=True)
    told = str(error.value)
    constraint = next(c for c in row._meta.constraints if c.name == name)
    # SQLite tells of a unique constraint by its columns.
    fields = getattr(constraint, "fields", ())
    columns = ", ".join(f"{row._meta.db_table}.{row._meta.get_field(f).column}" for f in fields)  # type: ignore[union-attr]
    assert name in told or (columns and columns in told)


def test_a_capability_has_one_definition_of_each_kind(seed: Plan) -> None:
    capability = Capability.objects.get(name="null")
    refused(
        "one_definition_a_capability_and_kind", Definition(capability=capability, kind="current")
    )
    Definition(capability=capability, kind="ideal").save()


@pytest.mark.parametrize("drop", [True, False])
def test_a_layer_has_one_row_for_each_key(seed: Plan, drop: bool) -> None:
    """A put and a drop of the same key cannot stand beside each other either."""
    more = {"drop": drop, "target": "" if drop else "X"}
    refused(
        "one_override_a_key",
        Override(
            definition=definition("std_calibration"), source=COMPLETE[0], event=COMPLETE[1], **more
        ),
    )
    refused(
        "one_template_row_a_key",
        TemplateRow(machine_template=template(QA), source=COMPLETE[0], event=COMPLETE[1], **more),
    )
    Override(definition=definition("null"), source=COMPLETE[0], event=COMPLETE[1], **more).save()


@pytest.mark.parametrize(("drop", "target"), [(True, "Failed"), (False, "")])
def test_a_put_has_a_target_and_a_drop_has_none(seed: Plan, drop: bool, target: str) -> None:
    key = {"source": "a", "event": "b", "drop": drop, "target": target}
    refused("override_puts_have_targets", Override(definition=definition("null"), **key))
    refused("template_row_puts_have_targets", TemplateRow(machine_template=template(QA), **key))


def test_a_stage_is_attached_once(seed: Plan) -> None:
    for _ in range(2):
        stage = Stage(definition=definition("null"), machine_template=template(QA))
        if Stage.objects.exists():
            refused("one_stage_a_template", stage)
        else:
            stage.save()


def test_a_parameter_has_one_value_in_a_definition(seed: Plan) -> None:
    Binding(definition=definition("null"), parameter="p", value="x").save()
    refused(
        "one_binding_a_parameter", Binding(definition=definition("null"), parameter="p", value="y")
    )
    Binding(definition=definition("null_dag"), parameter="p", value="y").save()


def test_a_note_has_one_owner(seed: Plan) -> None:
    capability = Capability.objects.get(name="null")
    name = "a_note_has_one_owner"
    refused(name, Note(text="x"))
    refused(name, Note(text="x", capability=capability))
    refused(name, Note(text="x", kind="current"))
    refused(name, Note(text="x", machine_template=template(QA), kind="current", position=9))
    refused(
        name,
        Note(
            text="x",
            capability=capability,
            kind="current",
            machine_template=template(QA),
            position=9,
        ),
    )
    Note(text="x", capability=capability, kind="current").save()
    refused("one_note_a_definition_place", Note(text="y", capability=capability, kind="current"))
    refused("one_note_a_template_place", Note(text="y", machine_template=template(QA)))


def test_a_template_does_not_lie_over_itself(seed: Plan) -> None:
    qa = template(QA)
    qa.over = qa
    with pytest.raises(IntegrityError, match="no_template_over_itself"), transaction.atomic():
        qa.save()


@pytest.mark.parametrize("field", ["title", "slug"])
def test_templates_have_titles_and_addresses_of_their_own(seed: Plan, field: str) -> None:
    values = {"title": "Other", "slug": "other", field: getattr(template(QA), field)}
    with pytest.raises(IntegrityError), transaction.atomic():
        MachineTemplate.objects.create(**values)


def test_capabilities_have_names_of_their_own_letter_by_letter(seed: Plan) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Capability.objects.create(name="null")
    Capability.objects.create(name="Null")
    assert Capability.objects.filter(name="null").count() == 1


def test_a_term_is_registered_once_and_has_what_its_kind_has(seed: Plan) -> None:
    refused("one_term_a_kind_and_name", Term(kind="state", name="Start"))
    refused("only_actions_take_arguments", Term(kind="event", name="x", argument="message"))
    refused("only_states_are_final", Term(kind="event", name="x", final=True))
    Term(kind="event", name="Start").save()


@pytest.mark.parametrize("used", [SIMPLE, QA])
def test_a_template_that_is_used_cannot_be_deleted(seed: Plan, used: str) -> None:
    with pytest.raises(models.ProtectedError):
        template(used).delete()


# -- actions in a column


@pytest.mark.parametrize(
    "actions",
    [
        (),
        (Action("QaPass"),),
        (Action("SendMessage", "execution_complete"), Action("QaPass")),
        (Action("a}{\\", '"<b>" \\ {x}'),),
        (Action("x" * 200, "y" * 200),) * 50,
    ],
)
def test_actions_come_back_from_their_column_as_they_went_in(
    seed: Plan, actions: tuple[Action, ...]
) -> None:
    row = Override.objects.create(
        definition=definition("null"),
        source="a",
        event="b",
        target="c",
        actions=actions,  # type: ignore[misc]  # the plugin knows the column, not its value
    )
    stored = Override.objects.get(pk=row.pk)
    assert stored.actions == actions
    assert Override.objects.filter(actions=actions, pk=row.pk).exists()
    field = Override._meta.get_field("actions")
    assert field.to_python(field.value_to_string(stored)) == actions


def test_no_action_is_written_as_no_action(seed: Plan) -> None:
    row = Override.objects.create(definition=definition("null"), source="a", event="b", target="c")
    assert row.actions == ()
    with connection.cursor() as cursor:
        cursor.execute("SELECT actions FROM capabilities_override WHERE id = %s", [row.pk])
        assert cursor.fetchone() == ("{no action}",)


def test_the_column_takes_the_notation_and_nothing_else() -> None:
    field = ActionsField()
    assert field.to_python("{QaPass} {SendMessage x}") == (
        Action("QaPass"),
        Action("SendMessage", "x"),
    )
    assert field.to_python("") == ()
    assert field.to_python("{no action}") == ()
    assert field.to_python(None) is None
    assert field.get_prep_value([Action("QaPass")]) == "{QaPass}"
    with pytest.raises(ValidationError) as wrong:
        field.to_python("{no action} {QaPass}")
    assert [each.code for each in wrong.value.error_list] == ["no-action-mixed"]
    with pytest.raises(ValidationError) as wrong:
        field.to_python("QaPass")
    assert wrong.value.messages == ["line 1, column 1: expected “{”, found “Q”\n    QaPass\n    ^"]


@pytest.mark.parametrize(
    ("validate", "value", "told"),
    [
        (validate_name, "", "This is empty."),
        (validate_name, "a\u200bb", "This has the unusable character U+200B."),
        (validate_capability_name, "a b", "This may have only letters, digits, “_”, “-” and “.”"),
        (validate_capability_name, "legend", "This is a word with a meaning of its own"),
        (validate_note, "a\rb", "This has the unusable character U+000D; a note is one line"),
    ],
)
def test_what_cannot_be_a_name_or_note_is_told_in_a_sentence(
    validate: Callable[[str], None], value: str, told: str
) -> None:
    with pytest.raises(ValidationError) as wrong:
        validate(value)
    assert wrong.value.messages[0].startswith(told)


# -- rows and values


@pytest.mark.parametrize(
    "change",
    [
        Drop(RESUME),
        Put(line("[a] - <b> {QaPass} -> [c]")),
        Put(line("[a] - <b> {no action} -> [c]"), after=START),
        Put(line("[a] - <b> {no action} -> [c]"), after=RESUME),
    ],
)
def test_a_row_says_what_its_change_says(seed: Plan, change: Put | Drop) -> None:
    row = Override.objects.create(definition=definition("null"), **Override.columns(change))
    assert Override.objects.get(pk=row.pk).change == change
    assert row.key == change.key
    assert str(row) == f"{'drop' if isinstance(change, Drop) else 'put'} {change.key}"


def test_a_definition_s_machine_is_its_layers_laid_over_each_other(seed: Plan) -> None:
    found, shelf = definition("std_calibration", "ideal"), Shelf()
    assert [title for title, _ in found.layers(shelf)] == [
        "Simple run-workflow",
        "Run-workflow with single-stage QA",
        "",
    ]
    assert found.base(shelf) == found.machine(shelf)
    assert found.unbound(shelf) == template_machine(QA)
    assert found.values == {"workflow_name": "std_calibration"}


def test_a_shelf_knows_what_lies_over_what(seed: Plan) -> None:
    shelf = Shelf()
    simple, qa = template(SIMPLE), template(QA)
    assert shelf.chain(qa.pk) == [simple, qa]
    assert shelf.above([simple.pk]) == {simple.pk, qa.pk}
    assert shelf.above([qa.pk]) == {qa.pk}
    assert shelf.beneath(qa.pk) == shelf.machine(simple.pk)
    assert len(shelf.beneath(simple.pk)) == 0
    assert shelf.by_slug() == {SIMPLE: simple, QA: qa}


def test_a_fleet_s_queries_do_not_grow_with_it(seed: Plan) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            fleet = Fleet()
            for capability in fleet.capabilities:
                fleet.machine(capability.name, "ideal")
                fleet.notes.get((capability.name, "ideal"))
        return len(captured)

    few = queries()
    for number in range(70):
        capability = Capability.objects.create(name=f"c{number}")
        Definition.objects.create(
            capability=capability, kind="current", machine_template=template(SIMPLE)
        )
    assert queries() == few
    assert few <= 8


def test_a_fleet_may_be_of_some_capabilities_alone(seed: Plan) -> None:
    fleet = Fleet(["null"])
    assert [each.name for each in fleet.capabilities] == ["null"]
    assert fleet.machine("null", "current") == effective("null")
    assert fleet.definition("null", "ideal") is None
    assert fleet.definition("null_dag", "current") is None


@pytest.mark.parametrize("model", fixtures.MODELS)
def test_every_row_is_found_by_its_natural_key(seed: Plan, model: type[models.Model]) -> None:
    null = definition("null")
    Stage.objects.create(definition=null, machine_template=template(QA))
    Binding.objects.create(definition=null, parameter="workflow_name", value="x")
    SwitchedOffCheck.objects.create(
        capability=null.capability, kind="ideal", code="no-qa", reason="x"
    )
    rows = list(model._default_manager.all())
    assert rows
    for row in rows:
        found = model._default_manager.get_by_natural_key(*row.natural_key())  # type: ignore[attr-defined]
        assert found == row


def test_every_model_has_a_name_to_show(seed: Plan) -> None:
    assert str(Capability.objects.get(name="null")) == "null"
    assert str(definition("null")) == "null current"
    assert str(template(QA)) == "Run-workflow with single-stage QA"
    assert str(Stage(definition=definition("null"), machine_template=template(QA))) == (
        "Run-workflow with single-stage QA on null current"
    )
    assert str(Binding(parameter="p", value="v")) == "(p) = v"
    assert str(Term(kind="state", name="Start")) == "state Start"
    assert str(Note(text="Why?")) == "Why?"
    assert Note(source="a", event="b").key == Key("a", "b")
    assert Note().key is None


# -- roles


def given(role: str) -> set[str]:
    permissions = Group.objects.get(name=role).permissions.all()
    assert {p.content_type.app_label for p in permissions} == {"capabilities"}
    return {permission.codename for permission in permissions}


@pytest.mark.django_db
def test_a_viewer_sees_everything_and_writes_nothing() -> None:
    everything = {
        f"view_{model}"
        for model in (
            *("auditentry", "audithead", "binding", "capability", "definition", "deviation"),
            *(
                "changerequest",
                "knowndrift",
                "machinetemplate",
                "note",
                "override",
                "reviewevent",
                "stage",
                "switchedoffcheck",
                "templaterow",
                "term",
            ),
            *("deployment", "release", "releasemachine"),
            *("delivery", "deliveryattempt", "webhook"),
        )
    }
    assert given("viewer") == everything


@pytest.mark.django_db
def test_an_editor_writes_everything_but_the_audit() -> None:
    written = {
        f"{verb}_{model}"
        for verb in ("add", "change", "delete")
        for model in (
            *("binding", "capability", "definition", "machinetemplate", "note", "override"),
            *("stage", "switchedoffcheck", "templaterow", "term"),
        )
    }
    # A decision is only followed by another one, and so is what happens to a change request.
    added = {"add_deviation", "add_knowndrift", "add_changerequest"}
    assert given("editor") == given("viewer") | written | added


@pytest.mark.django_db
def test_a_reviewer_sees_everything_and_decides() -> None:
    assert given("reviewer") == given("viewer") | {"add_deviation", "decide_changerequest"}


@pytest.mark.django_db
def test_a_releaser_sees_everything_releases_deploys_and_explains_drift() -> None:
    written = {"add_release", "add_deployment", "add_knowndrift"}
    written |= {"add_webhook", "change_webhook", "delete_webhook"}
    assert given("releaser") == given("viewer") | written


# -- migrations


def tables() -> set[str]:
    names = connection.introspection.table_names()
    return {name for name in names if name.startswith("capabilities_")}


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_roles_go_and_come_back_with_their_migration_and_no_data_is_lost(seed: Plan) -> None:
    before, text = machines(), fixtures.dump(Selection())
    try:
        call_command("migrate", "capabilities", "0001", verbosity=0)
        assert not Group.objects.filter(name__in=("viewer", "editor")).exists()
        # The models of today cannot read the tables of then.
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM capabilities_capability")
            assert {name for (name,) in cursor} == {name for name, _ in before if name}
    finally:
        call_command("migrate", verbosity=0)
    assert "view_auditentry" in given("viewer")
    assert "change_definition" in given("editor")
    assert machines() == before
    assert fixtures.dump(Selection()) == text


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_every_migration_goes_back_and_forward_again() -> None:
    present = tables()
    assert "capabilities_auditentry" in present
    try:
        call_command("migrate", "capabilities", "zero", verbosity=0)
        assert tables() == set()
    finally:
        call_command("migrate", verbosity=0)
    assert tables() == present
    applied = MigrationRecorder(connection).applied_migrations()
    assert ("capabilities", "0001_initial") in applied
    assert "view_auditentry" in given("viewer")


@pytest.mark.django_db
def test_the_models_are_what_the_migrations_make() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_machine_templates_in_a_circle_hang_nothing(db: None) -> None:
    one = MachineTemplate.objects.create(title="One", slug="one")
    two = MachineTemplate.objects.create(title="Two", slug="two", over=one)
    MachineTemplate.objects.filter(pk=one.pk).update(over=two)  # as loaddata can
    shelf = Shelf()
    assert [each.slug for each in shelf.chain(two.pk)] == ["one", "two"]
    assert shelf.machine(two.pk) == shelf.machine(one.pk) == Machine()
