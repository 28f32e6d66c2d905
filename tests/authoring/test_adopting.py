"""Adopting nearer layers: what a machine is made of changes, and the machine never does."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from capabilities.authoring import (
    adopting,
    definitions,
    machine_templates,
    overrides,
    shipped,
    texts,
    undoing,
)
from capabilities.authoring.adopting import Adoption
from capabilities.authoring.conflicts import ConflictError
from capabilities.authoring.plans import Plan
from capabilities.machines.layers import Layer, as_layer
from capabilities.machines.machine import Machine, bind
from capabilities.machines.notation import render
from capabilities.models import Capability, Definition, Fleet, Kind, Matched, Matching, Override
from tests.factories import (
    COMPLETE,
    FAIL,
    LIKE_SIMPLE,
    NAMES,
    PASS,
    QA,
    RESUME,
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
    undone,
)
from tests.strategies import close_machines, layers

BY = editor_author()
CANCEL = line("[Queued] - <capability-cancelled> {SendMessage execution_failed} -> [Failed]")


def matched(name: str, kind: str = Kind.CURRENT) -> Matched:
    return Matching(Fleet([name])).of(name, kind)


def on_its_own(name: str, machine: Machine | None = None) -> None:
    """Put a machine on no machine template: every line is its own."""
    machine = effective(name) if machine is None else machine
    definitions.choose_machine_template(definition=seen(name), machine_template=None, by=BY)
    texts.save(definition=seen(name), text=render(machine), by=BY)


def adopt(*names: str, slug: str | None = SIMPLE, stages: tuple[str, ...] = (), **more: Any) -> Any:
    chosen = [
        Adoption(seen(name), template(slug) if slug else None, tuple(map(template, stages)))
        for name in names
    ]
    return adopting.adopt(adoptions=chosen, **{"by": editor_author(), **more})


def own(name: str) -> list[Override]:
    return list(definition(name).overrides.all())


# -- the seed


def test_on_the_page_as_imported_nothing_is_nearer(seed: Plan) -> None:
    found = Matching(Fleet()).all()
    assert len(found) == 8
    assert [each.nearer for each in found] == [None] * 8
    calibration = matched("std_calibration")
    assert (calibration.present.template, calibration.overrides) == (SIMPLE, 3)
    assert len(calibration.present.changes) == 3
    assert [(each.base.template, each.changes) for each in calibration.distances] == [
        (SIMPLE, 3),
        (QA, 5),
    ]
    ideal = matched("std_calibration", Kind.IDEAL)
    assert (ideal.present.template, ideal.overrides) == (QA, 0)


def test_six_current_machines_are_equal_up_to_their_name(seed: Plan) -> None:
    (found,) = Matching(Fleet()).alike()
    assert (found.kind, found.group.names, found.apart) == (Kind.CURRENT, LIKE_SIMPLE, False)
    assert bind(found.group.form, {"workflow_name": "null"}) == effective("null")


def test_with_two_stage_qa_there_is_still_nothing_nearer(seed: Plan) -> None:
    added = shipped.add_two_stage_qa(by=BY)
    found = Matching(Fleet())
    assert [each.nearer for each in found.all()] == [None] * 8
    assert [(each.base.template, each.changes) for each in matched("null").distances] == [
        (SIMPLE, 0),
        (QA, 5),
        (added.slug, 7),
    ]
    assert len(found.alike()) == 1


# -- adopting


def test_a_machine_of_its_own_lines_adopts_the_machine_template_that_it_equals(seed: Plan) -> None:
    before = effective("null")
    on_its_own("null")
    assert matched("null").fewer == 4
    since = head()
    (written,) = adopt("null", message="WS-807")
    assert written == definition("null")
    assert (written.machine_template, own("null")) == (template(SIMPLE), [])
    assert effective("null") == before
    (entry,) = last_entries(since)
    assert (entry.action, entry.summary) == (
        "layers adopted",
        "null current adopted Simple run-workflow; the effective machine is the same",
    )
    assert (entry.before, entry.message) == (entry.after, "WS-807")
    assert entry.made_of
    assert matched("null").nearer is None


def test_what_is_left_is_written_as_the_fewest_overrides(seed: Plan) -> None:
    overrides.put(definition=seen("null"), key=None, transition=CANCEL, by=BY)
    on_its_own("null")
    since = head()
    adopt("null")
    assert [(each.key, each.drop) for each in own("null")] == [(CANCEL.key, False)]
    assert last_entries(since)[0].summary == (
        "null current adopted Simple run-workflow with 1 override; "
        "the effective machine is the same"
    )


def test_an_override_that_stays_keeps_its_reason_and_ticket(seed: Plan) -> None:
    overrides.put(
        definition=seen("null"),
        key=None,
        transition=CANCEL,
        reason="They can be cancelled.",
        ticket="WS-900",
        by=BY,
    )
    overrides.drop(definition=seen("null"), key=RESUME, reason="It never waits.", by=BY)
    definitions.choose_machine_template(
        definition=seen("null"), machine_template=template(QA), by=BY
    )
    machine = effective("null")
    adopt("null")
    assert effective("null") == machine
    kept = {each.key: (each.reason, each.ticket) for each in own("null")}
    assert kept[CANCEL.key] == ("They can be cancelled.", "WS-900")
    assert kept[RESUME] == ("It never waits.", "")
    assert {PASS, FAIL} < set(kept)


def test_a_stage_can_be_part_of_what_is_adopted(seed: Plan) -> None:
    definitions.attach_stage(definition=seen("null"), machine_template=template(QA), by=BY)
    machine = effective("null")
    on_its_own("null", machine)
    adopt("null", stages=(QA,))
    assert effective("null") == machine
    assert [each.machine_template.slug for each in definition("null").stages.all()] == [QA]
    assert own("null") == []


def test_bindings_stay_and_a_parameter_stays_one_where_a_line_is_overridden_now(
    seed: Plan,
) -> None:
    definitions.bind_parameters(
        definition=seen("null"), values={"workflow_name": "null_dag"}, by=BY
    )
    machine = effective("null")
    adopt("null", slug=None)
    assert effective("null") == machine
    assert definition("null").values == {"workflow_name": "null_dag"}
    assert own("null")[0].actions[0].argument == "(workflow_name)"
    adopt("null")
    assert (own("null"), effective("null")) == ([], machine)


def test_an_override_that_does_nothing_goes(seed: Plan) -> None:
    overrides.drop(definition=seen("null"), key=COMPLETE, by=BY)
    machine_templates.drop(machine_template=template(SIMPLE), key=COMPLETE, version=1, by=BY)
    assert (matched("null").overrides, matched("null").present.changes) == (1, ())
    machine = effective("null")
    adopt("null")
    assert (own("null"), effective("null")) == ([], machine)


def test_many_are_adopted_at_once_each_with_its_own_entry(seed: Plan) -> None:
    for name in ("null", "null_dag"):
        on_its_own(name)
    since = head()
    written = adopt("null", "null_dag")
    assert [str(each) for each in written] == ["null current", "null_dag current"]
    entries = last_entries(since)
    assert [(entry.name, entry.summary) for entry in entries] == [
        (
            name,
            f"{name} current adopted Simple run-workflow, one of 2 machines at once; "
            "the effective machine is the same",
        )
        for name in ("null", "null_dag")
    ]
    assert len({entry.request for entry in entries}) == 1


def test_an_ideal_that_is_the_same_as_current_begins_its_own(seed: Plan) -> None:
    on_its_own("null")
    adopting.adopt(
        adoptions=[Adoption(seen("null", Kind.IDEAL), template(SIMPLE))], by=editor_author()
    )
    assert definition("null", Kind.IDEAL).machine_template == template(SIMPLE)
    assert effective("null", Kind.IDEAL) == effective("null")
    assert definition("null").machine_template is None


def test_adopting_can_be_undone_and_each_machine_s_entry_says_so(seed: Plan) -> None:
    overrides.put(
        definition=seen("null"), key=None, transition=CANCEL, reason="They can be.", by=BY
    )
    for name in ("null", "null_dag"):
        on_its_own(name)
    before = {name: [each.change for each in own(name)] for name in ("null", "null_dag")}
    author = editor_author()
    adopt("null", "null_dag", by=author)
    since = head()
    undoing.undo(request=author.request, by=editor_author())
    assert {name: [each.change for each in own(name)] for name in before} == before
    assert definition("null").machine_template is None
    assert [entry.summary.split(",")[0] for entry in last_entries(since)] == [
        "Undid: null current adopted Simple run-workflow with 1 override",
        "Undid: null_dag current adopted Simple run-workflow",
    ]


# -- refused


def refused(code: str, **said: Any) -> None:
    before = state()
    with pytest.raises(ValidationError) as error:
        adopting.adopt(**{"by": editor_author(), **said})
    assert error.value.code == code
    assert state() == before


def test_nothing_is_refused(seed: Plan) -> None:
    refused("nothing-to-do", adoptions=[])


def test_what_is_retired_or_gone_cannot_be_adopted_but_kept(seed: Plan) -> None:
    machine_templates.retire(machine_template=template(QA), version=1, by=BY)
    qa = template(QA)
    refused("template-retired", adoptions=[Adoption(seen("null"), qa)])
    refused("template-retired", adoptions=[Adoption(seen("null"), template(SIMPLE), (qa,))])
    ideal = Adoption(seen("std_calibration", Kind.IDEAL), qa)
    assert adopting.adopt(adoptions=[ideal], by=editor_author())
    gone = machine_templates.add(title="Gone", by=BY)
    machine_templates.remove(machine_template=gone, version=1, by=BY)
    gone.pk = 4711
    refused("no-such-template", adoptions=[Adoption(seen("null"), gone)])


def test_a_stage_that_is_there_already_cannot_be_adopted(seed: Plan) -> None:
    simple, qa = template(SIMPLE), template(QA)
    refused("stage-is-template", adoptions=[Adoption(seen("null"), qa, (simple,))])
    refused("stage-is-template", adoptions=[Adoption(seen("null"), simple, (qa, qa))])


def test_one_of_many_that_cannot_be_stops_all(seed: Plan) -> None:
    on_its_own("null")
    stale = seen("null_dag")
    overrides.drop(definition=stale, key=RESUME, by=BY)
    before = state()
    with pytest.raises(ConflictError):
        adopting.adopt(
            adoptions=[
                Adoption(seen("null"), template(SIMPLE)),
                Adoption(stale, template(SIMPLE)),
            ],
            by=editor_author(),
        )
    assert state() == before


def test_a_machine_that_would_be_another_one_is_refused(
    seed: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgotten(old: Machine, new: Machine) -> Layer:
        return ()

    monkeypatch.setattr("capabilities.authoring.adopting.changes_between", forgotten)
    refused("another-machine", adoptions=[Adoption(seen("null"), template(QA))])


def test_a_value_that_a_machine_template_cannot_have_is_refused(seed: Plan) -> None:
    odd = machine_templates.add(title="Odd", by=BY)
    machine_templates.put(
        machine_template=odd,
        key=None,
        transition=line("[Start] - <go> {no (workflow_name)} -> [End]"),
        version=1,
        by=BY,
    )
    definitions.bind_parameters(definition=seen("null"), values={"workflow_name": "action"}, by=BY)
    refused("impossible-machine", adoptions=[Adoption(seen("null"), odd)])
    assert not [each for each in matched("null").distances if each.base.template == odd.slug]


@pytest.mark.parametrize("edited", ["definition", "template"])
def test_with_the_moment_of_the_plan_nothing_that_it_is_made_of_may_have_changed(
    seed: Plan, edited: str
) -> None:
    on_its_own("null")
    since = head()
    chosen = [Adoption(seen("null"), template(SIMPLE))]
    if edited == "definition":
        overrides.drop(definition=seen("null"), key=RESUME, by=BY)
    else:
        machine_templates.add(title="Another", by=BY)
    before = state()
    with pytest.raises(ConflictError):
        adopting.adopt(adoptions=chosen, since=since, by=editor_author())
    assert state() == before


def test_what_was_written_elsewhere_does_not_matter(seed: Plan) -> None:
    on_its_own("null")
    since = head()
    overrides.drop(definition=seen("null_dag"), key=RESUME, by=BY)
    assert adopt("null", since=since)


# -- the law


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(close_machines, min_size=1, max_size=3),
    st.lists(st.booleans(), min_size=3, max_size=3),
    close_machines,
    layers,
    st.sampled_from([None, 0, 1]),
)
def test_adopting_the_nearest_keeps_the_machine_and_then_nothing_is_nearer(
    db: None,
    machines: list[Machine],
    over: list[bool],
    machine: Machine,
    layer: Layer,
    chosen: int | None,
) -> None:
    with undone():
        made: list[Any] = []
        for number, (each, lies_over) in enumerate(zip(machines, over, strict=False)):
            beneath = made[-1] if made and lies_over else None
            own_layer = layer if beneath else as_layer(each)
            made.append(
                machine_templates.add(title=f"T{number}", over=beneath, layer=own_layer, by=BY)
            )
        capability = Capability.objects.create(name="x")
        first = made[chosen] if chosen is not None and chosen < len(made) else None
        Definition.objects.create(capability=capability, kind="current", machine_template=first)
        texts.save(definition=seen("x"), text=render(machine), by=BY)
        before = render(effective("x"))
        found = matched("x")
        if found.nearer is None:
            return
        adopt("x", slug=found.nearer.template, stages=found.nearer.stages)
        assert render(effective("x")) == before
        after = matched("x")
        assert after.nearer is None
        assert after.overrides == len(found.nearer.changes) < len(found.present.changes)


def test_of_the_seed_s_machines_each_can_be_put_on_each_machine_template(seed: Plan) -> None:
    for slug in (SIMPLE, QA, None):
        before = {name: render(effective(name)) for name in NAMES}
        adopt(*NAMES, slug=slug)
        assert {name: render(effective(name)) for name in NAMES} == before
