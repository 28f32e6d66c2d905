"""What a definition is made of: machine template, stages, parameters, and an ideal or none."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError

from capabilities.auditing import Author
from capabilities.authoring import capabilities, definitions, machine_templates, overrides
from capabilities.authoring.conflicts import ConflictError
from capabilities.authoring.definitions import Seen
from capabilities.authoring.plans import Plan
from capabilities.machines.layers import Put
from capabilities.machines.machine import Action, bind
from capabilities.machines.notation import render
from capabilities.models import Capability, Definition, Kind, MachineTemplate

from ..factories import (
    COMPLETE,
    FAIL,
    QA,
    RESUME,
    SIMPLE,
    definition,
    editor_author,
    effective,
    head,
    last_entries,
    line,
    machine_of,
    seen,
    state,
    template,
    template_machine,
)

CANCEL = "[Queued] - <capability-cancelled> {SendMessage execution_failed} -> [Failed]"


def cancellable() -> MachineTemplate:
    """A machine template that lies over the simple one, so that it can be a stage."""
    return machine_templates.add(
        title="Cancellable", over=template(SIMPLE), layer=(Put(line(CANCEL)),), by=editor_author()
    )


def choose(seen_definition: Seen, slug: str | None, by: Author | None = None) -> Definition:
    return definitions.choose_machine_template(
        definition=seen_definition,
        machine_template=template(slug) if slug else None,
        by=by or editor_author(),
    )


# -- the machine template


def test_choosing_a_machine_template_changes_the_machine_to_it(seed: Plan) -> None:
    before, old, count = effective("null"), seen("null"), head()
    written = choose(old, QA)
    assert (written.version, definition("null").version) == (old.version + 1, old.version + 1)
    assert effective("null") == bind(template_machine(QA), {"workflow_name": "null"})
    (entry,) = last_entries(since=count)
    assert (entry.action, entry.name, entry.kind, entry.subject) == (
        "machine template chosen",
        "null",
        "current",
        "definition",
    )
    assert entry.summary == (
        "Chose the machine template “Run-workflow with single-stage QA” for null current"
    )
    assert (entry.before, entry.after) == (render(before), render(effective("null")))


def test_choosing_a_machine_template_leaves_every_override_as_it_is(seed: Plan) -> None:
    before = state()["Override"]
    choose(seen("std_calibration"), QA)
    assert state()["Override"] == before
    assert definition("std_calibration").own_layer[0] == Put(
        line(
            "[Executing] - <workflow-complete> {SendMessage execution_complete} "
            "{SendNotification workflow-complete} -> [Awaiting QA]"
        )
    )
    assert effective("std_calibration").by_key[FAIL].actions == ()


def test_choosing_no_machine_template_leaves_only_the_overrides(seed: Plan) -> None:
    choose(seen("std_calibration"), None)
    assert list(effective("std_calibration").by_key) == [
        override.key for override in definition("std_calibration").overrides.all()
    ]
    assert last_entries()[-1].summary == "Chose none for std_calibration current"


def test_choosing_a_machine_template_takes_the_stages_away_whose_layers_it_has(seed: Plan) -> None:
    definitions.attach_stage(
        definition=seen("null"), machine_template=template(QA), by=editor_author()
    )
    definitions.attach_stage(
        definition=seen("null"), machine_template=cancellable(), by=editor_author()
    )
    written = choose(seen("null"), QA)
    assert [stage.machine_template.slug for stage in written.stages.all()] == ["cancellable"]
    assert effective("null") == bind(
        machine_of(render(template_machine(QA)), CANCEL), {"workflow_name": "null"}
    )


# -- stages


def test_a_stage_lays_its_own_layer_on_top(seed: Plan) -> None:
    before, count = effective("null"), head()
    written = definitions.attach_stage(
        definition=seen("null"), machine_template=template(QA), by=editor_author()
    )
    assert [(s.machine_template.slug, s.position) for s in written.stages.all()] == [(QA, 0)]
    assert written.machine_template == template(SIMPLE)
    assert effective("null") == bind(template_machine(QA), {"workflow_name": "null"})
    (entry,) = last_entries(since=count)
    assert entry.action == "stage attached"
    assert entry.summary == (
        "Attached the stage “Run-workflow with single-stage QA” to null current"
    )
    assert (entry.before, entry.after) == (render(before), render(effective("null")))


def test_stages_lie_in_the_order_in_which_they_were_attached(seed: Plan) -> None:
    first = cancellable()
    second = machine_templates.add(
        title="Cancelled quietly",
        over=template(SIMPLE),
        layer=(Put(line("[Queued] - <capability-cancelled> {no action} -> [Failed]")),),
        by=editor_author(),
    )
    for stage in (first, second):
        definitions.attach_stage(
            definition=seen("null"), machine_template=stage, by=editor_author()
        )
    assert [s.machine_template for s in definition("null").stages.all()] == [first, second]
    assert effective("null").transitions[-1].actions == ()
    definitions.remove_stage(definition=seen("null"), machine_template=first, by=editor_author())
    definitions.attach_stage(definition=seen("null"), machine_template=first, by=editor_author())
    assert [(s.machine_template, s.position) for s in definition("null").stages.all()] == [
        (second, 1),
        (first, 2),
    ]
    assert effective("null").transitions[-1] == line(CANCEL)


@pytest.mark.parametrize(
    ("slug", "told"),
    [
        (QA, "The stage “Run-workflow with single-stage QA” is attached already."),
        (SIMPLE, "“Simple run-workflow” is in the machine template of this definition already."),
    ],
)
def test_a_layer_that_is_there_already_is_refused_as_a_stage(
    seed: Plan, slug: str, told: str
) -> None:
    definitions.attach_stage(
        definition=seen("null"), machine_template=template(QA), by=editor_author()
    )
    before = state()
    with pytest.raises(ValidationError) as refused:
        definitions.attach_stage(
            definition=seen("null"), machine_template=template(slug), by=editor_author()
        )
    assert refused.value.messages == [told]
    assert state() == before


def test_what_the_machine_template_lies_over_is_refused_as_a_stage(seed: Plan) -> None:
    with pytest.raises(ValidationError) as refused:
        definitions.attach_stage(
            definition=seen("std_calibration", Kind.IDEAL),
            machine_template=template(SIMPLE),
            by=editor_author(),
        )
    assert refused.value.messages == [
        "“Simple run-workflow” is in the machine template of this definition already."
    ]


def test_removing_a_stage_gives_back_what_was_before_and_keeps_the_overrides(seed: Plan) -> None:
    overrides.put(definition=seen("null"), key=None, transition=line(CANCEL), by=editor_author())
    before = effective("null")
    definitions.attach_stage(
        definition=seen("null"), machine_template=template(QA), by=editor_author()
    )
    staged, count = effective("null"), head()
    definitions.remove_stage(
        definition=seen("null"), machine_template=template(QA), by=editor_author()
    )
    assert effective("null") == before
    (entry,) = last_entries(since=count)
    assert entry.action == "stage removed"
    assert entry.summary == (
        "Removed the stage “Run-workflow with single-stage QA” from null current"
    )
    assert (entry.before, entry.after) == (render(staged), render(before))


def test_removing_a_stage_that_is_not_attached_is_refused(seed: Plan) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        definitions.remove_stage(
            definition=seen("null"), machine_template=template(QA), by=editor_author()
        )
    assert refused.value.messages == [
        "The stage “Run-workflow with single-stage QA” is not attached."
    ]
    assert state() == before


@pytest.mark.parametrize("verb", [definitions.choose_machine_template, definitions.attach_stage])
def test_a_machine_template_that_was_removed_meanwhile_is_refused(
    seed: Plan, verb: Callable[..., object]
) -> None:
    chosen = cancellable()
    machine_templates.remove(
        machine_template=template("cancellable"), version=1, by=editor_author()
    )
    before = state()
    with pytest.raises(ValidationError) as refused:
        verb(definition=seen("null"), machine_template=chosen, by=editor_author())
    assert refused.value.messages == [
        "The machine template “Cancellable” was removed in the meantime."
    ]
    assert state() == before


def three_stages() -> list[MachineTemplate]:
    """QA and two more, attached to `null` in this order."""
    last = machine_templates.add(title="Last", over=template(SIMPLE), by=editor_author())
    stages = [template(QA), cancellable(), last]
    for stage in stages:
        definitions.attach_stage(
            definition=seen("null"), machine_template=stage, by=editor_author()
        )
    return stages


def move(stage: MachineTemplate, *, earlier: bool) -> Definition:
    return definitions.move_stage(
        definition=seen("null"), machine_template=stage, earlier=earlier, by=editor_author()
    )


def in_order() -> list[MachineTemplate]:
    return [stage.machine_template for stage in definition("null").stages.all()]


def test_a_stage_changes_places_with_its_neighbour(seed: Plan) -> None:
    qa, cancel, last = three_stages()
    before, since = effective("null"), head()
    assert move(cancel, earlier=True).version == seen("null").version
    assert in_order() == [cancel, qa, last]
    assert [t.event for t in effective("null")][4] == "capability-cancelled"
    (entry,) = last_entries(since)
    assert (entry.action, entry.summary) == (
        "stage moved",
        "Moved the stage “Cancellable” earlier in null current",
    )
    assert (entry.before, entry.after) == (render(before), render(effective("null")))
    move(cancel, earlier=False)
    assert in_order() == [qa, cancel, last]
    assert effective("null") == before
    move(cancel, earlier=False)
    assert in_order() == [qa, last, cancel]
    assert last_entries()[-1].summary == "Moved the stage “Cancellable” later in null current"


def test_stages_at_the_same_position_can_be_moved(seed: Plan) -> None:
    qa, cancel, last = three_stages()
    definition("null").stages.update(position=0)
    move(last, earlier=True)
    assert in_order() == [qa, last, cancel]


def test_a_stage_is_not_moved_beyond_the_others(seed: Plan) -> None:
    qa, _, last = three_stages()
    before = state()
    for stage, earlier, place in ((qa, True, "first"), (last, False, "last")):
        with pytest.raises(ValidationError) as refused:
            move(stage, earlier=earlier)
        assert refused.value.messages == [f"The stage “{stage}” is the {place} one already."]
    assert state() == before


def test_a_stage_that_is_not_attached_is_not_moved(seed: Plan) -> None:
    before = state()
    with pytest.raises(ValidationError, match="is not attached"):
        move(template(QA), earlier=True)
    assert state() == before


# -- parameters


def test_a_parameter_is_bound_in_one_definition_alone(seed: Plan) -> None:
    before, count = effective("null"), head()
    definitions.bind_parameters(
        definition=seen("null"), values={"workflow_name": "null_dag"}, by=editor_author()
    )
    assert effective("null") == effective("null_dag")
    assert effective("test_download").transitions[0].actions == (
        Action("QueueWorkflow", "test_download"),
    )
    (entry,) = last_entries(since=count)
    assert entry.action == "parameters bound"
    assert entry.summary == "Bound (workflow_name) = null_dag in null current"
    assert (entry.before, entry.after) == (render(before), render(effective("null")))


def test_an_empty_value_takes_the_binding_away(seed: Plan) -> None:
    before = effective("null")
    for value in ("null_dag", "restore_cms", ""):
        definitions.bind_parameters(
            definition=seen("null"), values={"workflow_name": value}, by=editor_author()
        )
    assert effective("null") == before
    assert not definition("null").bindings.exists()
    assert last_entries()[-1].summary == "Bound (workflow_name) = nothing in null current"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"workflow": "null"}, "This machine has no parameter (workflow)."),
        ({"workflow_name": " null"}, "This begins or ends with white space."),
        ({"workflow_name": "a\nb"}, "This has the unusable character U+000A."),
        ({"workflow_name": "x" * 201}, "This is longer than 200 characters."),
    ],
)
def test_a_binding_that_cannot_be_is_refused(seed: Plan, values: dict[str, str], told: str) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        definitions.bind_parameters(definition=seen("null"), values=values, by=editor_author())
    assert refused.value.messages == [told]
    assert state() == before


def test_a_value_that_makes_of_an_action_what_none_can_be_is_refused(seed: Plan) -> None:
    overrides.put(
        definition=seen("null"),
        key=None,
        transition=line("[Queued] - <x> {no (workflow_name)} -> [Failed]"),
        by=editor_author(),
    )
    before = state()
    with pytest.raises(ValidationError) as refused:
        definitions.bind_parameters(
            definition=seen("null"), values={"workflow_name": "action"}, by=editor_author()
        )
    assert refused.value.messages == [
        "null current cannot be: {no action} is the absence of actions, not an action."
    ]
    assert state() == before


# -- the ideal


def test_an_ideal_begins_as_a_copy_of_the_current_definition(seed: Plan) -> None:
    definitions.attach_stage(
        definition=seen("null"), machine_template=template(QA), by=editor_author()
    )
    definitions.bind_parameters(
        definition=seen("null"), values={"workflow_name": "null_dag"}, by=editor_author()
    )
    overrides.drop(
        definition=seen("null"),
        key=FAIL,
        reason="it is a test",
        ticket="WS-1",
        by=editor_author(),
    )
    current, rows, count = effective("null"), state(), head()
    assert seen("null", Kind.IDEAL).version == 0
    written = overrides.drop(definition=seen("null", Kind.IDEAL), key=RESUME, by=editor_author())
    assert (written.kind, written.version) == ("ideal", 1)
    assert effective("null") == current
    assert list(effective("null", "ideal")) == [t for t in current if t.key != RESUME]
    assert [s.machine_template.slug for s in written.stages.all()] == [QA]
    assert [(b.parameter, b.value) for b in written.bindings.all()] == [
        ("workflow_name", "null_dag")
    ]
    assert [(o.key, o.reason, o.ticket) for o in written.overrides.all()] == [
        (FAIL, "it is a test", "WS-1"),
        (RESUME, "", ""),
    ]
    assert state()["Override"][: len(rows["Override"])] == rows["Override"]
    (entry,) = last_entries(since=count)
    assert (entry.name, entry.kind) == ("null", "ideal")
    assert (entry.before, entry.after) == (render(current), render(effective("null", "ideal")))


def test_of_two_people_who_begin_an_ideal_the_second_is_told(seed: Plan) -> None:
    theirs = seen("null", Kind.IDEAL)
    overrides.drop(definition=seen("null", Kind.IDEAL), key=RESUME, by=editor_author())
    before = state()
    with pytest.raises(
        ConflictError, match=r"^null ideal was changed by somebody else in the meantime\.$"
    ):
        overrides.drop(definition=theirs, key=COMPLETE, by=editor_author())
    assert state() == before


def test_a_current_machine_is_never_begun_at_version_nought(seed: Plan) -> None:
    capability = Capability.objects.get(name="null")
    with pytest.raises(ConflictError):
        overrides.drop(definition=Seen(capability, Kind.CURRENT, 0), key=RESUME, by=editor_author())


def test_an_ideal_of_a_capability_that_was_removed_meanwhile_is_refused(seed: Plan) -> None:
    theirs = seen("null", Kind.IDEAL)
    capabilities.remove(capability=Capability.objects.get(name="null"), by=editor_author())
    before = state()
    with pytest.raises(ConflictError):
        overrides.drop(definition=theirs, key=COMPLETE, by=editor_author())
    assert state() == before


def test_an_ideal_becomes_the_same_as_current_again_and_keeps_its_notes(seed: Plan) -> None:
    ideal, count = effective("std_calibration", "ideal"), head()
    notes_before = state()["Note"]
    definitions.make_same_as_current(
        definition=seen("std_calibration", Kind.IDEAL), by=editor_author()
    )
    assert effective("std_calibration", "ideal") == effective("std_calibration")
    assert not Definition.objects.filter(kind="ideal").exists()
    assert state()["Note"] == notes_before
    (entry,) = last_entries(since=count)
    assert entry.action == "ideal made the same as current"
    assert entry.summary == ("Made the ideal of std_calibration the same as its current machine")
    assert (entry.before, entry.after) == (render(ideal), render(effective("std_calibration")))


def test_only_an_ideal_can_be_made_the_same_as_current(seed: Plan) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        definitions.make_same_as_current(definition=seen("null"), by=editor_author())
    assert refused.value.messages == ["Only an ideal can be the same as current."]
    assert state() == before
