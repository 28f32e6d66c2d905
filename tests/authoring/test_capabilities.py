"""A capability is complete at once, and its machines outlive it in the audit log."""

import pytest
from django.core.exceptions import ValidationError

from capabilities.authoring import capabilities, definitions, machine_templates
from capabilities.authoring.plans import Plan
from capabilities.machines.machine import Machine, Transition, bind
from capabilities.machines.notation import render
from capabilities.models import AuditEntry, Binding, Capability, Definition, Note, Override, Stage

from ..factories import (
    QA,
    SIMPLE,
    definition,
    editor_author,
    effective,
    head,
    last_entries,
    line,
    seen,
    state,
    template,
    template_machine,
)


def test_a_new_capability_has_the_machine_of_its_template_with_its_own_name(seed: Plan) -> None:
    before = head()
    added = capabilities.add(name="vlass", machine_template=template(QA), by=editor_author())
    machine = bind(template_machine(QA), {"workflow_name": "vlass"})
    assert Capability.objects.get(name="vlass") == added
    assert effective("vlass") == machine
    assert effective("vlass", "ideal") == machine
    assert list(added.definitions.values_list("kind", "version")) == [("current", 1)]
    (entry,) = last_entries(since=before)
    assert (entry.action, entry.name, entry.kind) == ("capability added", "vlass", "current")
    assert entry.summary == (
        "Added vlass with the machine template “Run-workflow with single-stage QA”"
    )
    assert (entry.before, entry.after) == ("", render(machine))


def test_a_new_capability_may_begin_without_a_machine_template(seed: Plan) -> None:
    capabilities.add(name="by_hand", machine_template=None, by=editor_author())
    assert effective("by_hand") == Machine()
    assert definition("by_hand").machine_template is None
    assert last_entries()[-1].summary == "Added by_hand"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("null", "Capability with this Name already exists."),
        ("", "This field cannot be blank."),
        (
            "a b",
            "This may have only letters, digits, “_”, “-” and “.”, "
            "and begins with a letter or digit.",
        ),
        ("a\x00b", "This has the unusable character U+0000."),
        ("a\ud800", "This has the unusable character U+D800."),
        ("Ideal", "This is a word with a meaning of its own on the page."),
    ],
)
def test_a_name_that_cannot_be_is_refused(seed: Plan, name: str, told: str) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        capabilities.add(name=name, machine_template=template(SIMPLE), by=editor_author())
    assert refused.value.message_dict == {"name": [told]}
    assert state() == before


def test_names_that_differ_in_case_are_two_capabilities(seed: Plan) -> None:
    capabilities.add(name="NULL", machine_template=None, by=editor_author())
    assert effective("NULL") != effective("null")


def test_a_template_that_was_removed_meanwhile_is_refused(seed: Plan) -> None:
    chosen = machine_templates.add(title="Short", by=editor_author())
    machine_templates.remove(
        machine_template=template("short"), version=chosen.version, by=editor_author()
    )
    before = state()
    with pytest.raises(ValidationError) as refused:
        capabilities.add(name="vlass", machine_template=chosen, by=editor_author())
    assert refused.value.messages == ["The machine template “Short” was removed in the meantime."]
    assert state() == before


def test_a_name_that_makes_an_argument_too_long_is_refused(seed: Plan) -> None:
    long = "x" * 200
    capabilities.add(name=long, machine_template=template(SIMPLE), by=editor_author())
    machine_templates.put(
        machine_template=template(SIMPLE),
        key=None,
        transition=_argument("(workflow_name)"),
        version=1,
        by=editor_author(),
    )
    before = state()
    with pytest.raises(ValidationError) as refused:
        machine_templates.put(
            machine_template=template(SIMPLE),
            key=None,
            transition=_argument("of (workflow_name)"),
            version=2,
            by=editor_author(),
        )
    assert refused.value.messages == [
        f"{long} current cannot be: the action's argument is longer than 200 characters."
    ]
    assert state() == before


def _argument(argument: str) -> Transition:
    return line(f"[Start] - <{argument}> {{SendMessage {argument}}} -> [Failed]")


def test_removing_a_capability_removes_all_of_it_and_keeps_its_machines_in_the_log(
    seed: Plan,
) -> None:
    definitions.attach_stage(
        definition=seen("std_calibration"), machine_template=template(QA), by=editor_author()
    )
    definitions.bind_parameters(
        definition=seen("std_calibration"),
        values={"workflow_name": "null"},
        by=editor_author(),
    )
    current, ideal = effective("std_calibration"), effective("std_calibration", "ideal")
    before = head()
    removed = Capability.objects.get(name="std_calibration")
    capabilities.remove(capability=removed, message="WS-900", by=editor_author())
    assert not Capability.objects.filter(name="std_calibration").exists()
    assert not Definition.objects.filter(capability__name="std_calibration").exists()
    assert not Override.objects.exists()
    assert not Stage.objects.exists()
    assert not Binding.objects.exists()
    assert not Note.objects.filter(kind="ideal", capability__name="std_calibration").exists()
    assert [
        (e.name, e.kind, e.before, e.after, e.summary, e.message)
        for e in last_entries(since=before)
    ] == [
        (
            "std_calibration",
            kind,
            render(machine),
            "",
            "Removed std_calibration",
            "WS-900",
        )
        for kind, machine in (("current", current), ("ideal", ideal))
    ]


def test_removing_one_capability_touches_no_other(seed: Plan) -> None:
    before = {name: rows for name, rows in state().items() if name != "Capability"}
    capabilities.remove(capability=Capability.objects.get(name="null"), by=editor_author())
    after = state()
    assert [row["name"] for row in after["Capability"]] == [
        "null_dag",
        "test_download",
        "std_calibration",
        "std_cms_imaging",
        "std_restore_imaging",
        "restore_cms",
    ]
    for model in ("MachineTemplate", "TemplateRow", "Override", "Note", "Term"):
        assert after[model] == before[model]
    assert AuditEntry.objects.filter(name="null").count() == 2
