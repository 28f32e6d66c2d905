"""Many definitions at once: all of them are written, or none is."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from capabilities.authoring import capabilities, definitions, machine_templates, many, overrides
from capabilities.authoring.conflicts import ConflictError
from capabilities.authoring.definitions import Seen
from capabilities.authoring.plans import Plan
from capabilities.machines.machine import bind
from capabilities.machines.notation import render
from capabilities.models import Capability, Definition, Kind

from ..factories import (
    FAIL,
    LIKE_SIMPLE,
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
    template_machine,
)

Verb = Callable[..., list[Definition]]
CHOOSE, ATTACH, REMOVE = many.choose_machine_template, many.attach_stage, many.remove_stage


def chosen(names: Sequence[str], kind: str = Kind.CURRENT) -> list[Seen]:
    return [seen(name, kind) for name in names]


def do(verb: Verb, definitions: Sequence[Seen], slug: str | None = QA) -> list[str]:
    machine_template = template(slug) if slug else None
    written = verb(definitions=definitions, machine_template=machine_template, by=editor_author())
    return [str(each) for each in written]


def stages(name: str, kind: str = Kind.CURRENT) -> list[tuple[str, int]]:
    found = definition(name, kind).stages.all()
    return [(each.machine_template.slug, each.position) for each in found]


def test_each_is_put_on_the_machine_template_with_an_entry_of_its_own(seed: Plan) -> None:
    before, since = {name: effective(name) for name in LIKE_SIMPLE}, head()
    written = do(CHOOSE, chosen(LIKE_SIMPLE))
    assert written == [f"{name} current" for name in LIKE_SIMPLE]
    entries = last_entries(since)
    assert [entry.name for entry in entries] == list(LIKE_SIMPLE)
    assert len({entry.request for entry in entries}) == 1
    for entry in entries:
        after = bind(template_machine(QA), {"workflow_name": entry.name})
        assert effective(entry.name) == after
        assert (entry.before, entry.after) == (render(before[entry.name]), render(after))
        assert entry.action == "machine template chosen"
        assert entry.summary == (
            "Chose the machine template “Run-workflow with single-stage QA” "
            "for 6 current machines at once"
        )


def test_none_can_be_chosen_and_the_overrides_stay(seed: Plan) -> None:
    own = definition("std_calibration").own_layer
    do(CHOOSE, chosen(["null", "std_calibration"]), None)
    assert len(effective("null")) == 0
    assert definition("std_calibration").own_layer == own
    assert last_entries()[-1].summary == "Chose none for 2 current machines at once"


def test_a_stage_is_attached_behind_those_that_each_has(seed: Plan) -> None:
    cancel = machine_templates.add(title="Cancellable", over=template(SIMPLE), by=editor_author())
    definitions.attach_stage(definition=seen("null"), machine_template=cancel, by=editor_author())
    do(ATTACH, chosen(["null", "null_dag"]))
    assert stages("null") == [("cancellable", 0), (QA, 1)]
    assert stages("null_dag") == [(QA, 0)]
    do(REMOVE, chosen(["null", "null_dag"]))
    assert stages("null") == [("cancellable", 0)]
    assert stages("null_dag") == []


def test_choosing_takes_the_stages_away_whose_layers_it_has(seed: Plan) -> None:
    do(ATTACH, chosen(["null", "null_dag"]))
    do(CHOOSE, chosen(["null", "null_dag"]))
    assert (stages("null"), stages("null_dag")) == ([], [])
    assert len(effective("null")) == 8


def test_what_has_it_already_stays_and_is_not_written(seed: Plan) -> None:
    do(CHOOSE, chosen(["null"]))
    do(ATTACH, chosen(["null_dag"]))
    versions = [definition(name).version for name in ("null", "null_dag")]
    since = head()
    assert do(ATTACH, chosen(["null", "null_dag", "restore_cms"])) == ["restore_cms current"]
    assert do(REMOVE, chosen(["null", "restore_cms"])) == ["restore_cms current"]
    assert do(CHOOSE, chosen(["null", "restore_cms"])) == ["restore_cms current"]
    assert [definition(name).version for name in ("null", "null_dag")] == versions
    assert {entry.name for entry in last_entries(since)} == {"restore_cms"}


def test_a_stage_that_the_machine_template_has_too_is_reason_enough_to_choose_it(
    seed: Plan,
) -> None:
    do(ATTACH, chosen(["null"]), QA)
    Definition.objects.filter(capability__name="null").update(machine_template=template(QA))
    assert do(CHOOSE, chosen(["null"])) == ["null current"]
    assert stages("null") == []


@pytest.mark.parametrize(
    ("verb", "slug"), [(CHOOSE, SIMPLE), (ATTACH, SIMPLE), (REMOVE, QA), (REMOVE, SIMPLE)]
)
def test_when_all_have_it_already_there_is_nothing_to_do(seed: Plan, verb: Verb, slug: str) -> None:
    before = state()
    with pytest.raises(ValidationError) as refused:
        do(verb, chosen(["null", "null_dag"]), slug)
    assert refused.value.messages == ["There is nothing to do: each of them is so already."]
    assert state() == before


# -- ideals that are the same as current


def test_an_ideal_begins_as_a_copy_of_its_own_current_definition(seed: Plan) -> None:
    overrides.drop(
        definition=seen("null"), key=RESUME, reason="a test", ticket="WS-1", by=editor_author()
    )
    definitions.bind_parameters(
        definition=seen("null_dag"), values={"workflow_name": "null"}, by=editor_author()
    )
    rows, current = state(), effective("null_dag")
    written = do(ATTACH, chosen(["null", "null_dag", "std_calibration"], Kind.IDEAL))
    assert written == ["null ideal", "null_dag ideal"]  # the third one has that layer
    assert definition("null", Kind.IDEAL).version == 1
    (own,) = definition("null", Kind.IDEAL).overrides.all()
    assert (own.key, own.reason, own.ticket) == (RESUME, "a test", "WS-1")
    assert definition("null_dag", Kind.IDEAL).values == {"workflow_name": "null"}
    assert effective("null_dag", Kind.IDEAL) == bind(
        template_machine(QA), {"workflow_name": "null"}
    )
    assert effective("null_dag") == current
    assert stages("null", Kind.IDEAL) == [(QA, 0)]
    assert state()["Override"][: len(rows["Override"])] == rows["Override"]


def test_an_ideal_that_stays_begins_no_copy(seed: Plan) -> None:
    do(CHOOSE, chosen(["null"]))
    assert do(CHOOSE, chosen(["null", "null_dag"], Kind.IDEAL)) == ["null_dag ideal"]
    assert not Definition.objects.filter(capability__name="null", kind=Kind.IDEAL).exists()


# -- all or nothing


@pytest.mark.parametrize("verb", [CHOOSE, ATTACH])
@pytest.mark.parametrize("kind", Kind.values)
def test_when_one_was_changed_meanwhile_none_is_written(seed: Plan, verb: Verb, kind: str) -> None:
    theirs = chosen(["null", "null_dag", "restore_cms"], kind)
    overrides.drop(definition=seen("null_dag", kind), key=RESUME, by=editor_author("bea"))
    before = state()
    told = rf"^null_dag {kind} was changed by somebody else in the meantime\.$"
    with pytest.raises(ConflictError, match=told):
        do(verb, theirs)
    assert state() == before


def test_one_that_would_have_stayed_counts_as_well(seed: Plan) -> None:
    do(CHOOSE, chosen(["null_dag"]))
    theirs = chosen(["null", "null_dag"])
    overrides.drop(definition=seen("null_dag"), key=FAIL, by=editor_author("bea"))
    with pytest.raises(ConflictError, match="null_dag current"):
        do(CHOOSE, theirs)


@pytest.mark.parametrize("kind", Kind.values)
def test_when_one_was_removed_meanwhile_none_is_written(seed: Plan, kind: str) -> None:
    kept, removed = chosen(["null", "null_dag"], kind)
    theirs = [kept, replace(removed, capability=Capability(pk=removed.capability.pk, name="x"))]
    capabilities.remove(capability=removed.capability, by=editor_author("bea"))
    before = state()
    with pytest.raises(ConflictError):
        do(CHOOSE, theirs)
    assert state() == before


def test_when_one_cannot_be_none_is_written(seed: Plan) -> None:
    """In the machine of the second one a parameter would make of an action what none can be."""
    odd = machine_templates.add(title="Odd", over=template(SIMPLE), by=editor_author())
    machine_templates.put(
        machine_template=odd,
        key=None,
        transition=line("[Queued] - <x> {no (workflow_name)} -> [Failed]"),
        version=1,
        by=editor_author(),
    )
    definitions.bind_parameters(
        definition=seen("null_dag"), values={"workflow_name": "action"}, by=editor_author()
    )
    before = state()
    with pytest.raises(ValidationError, match="null_dag current cannot be"):
        do(ATTACH, chosen(["null", "null_dag"]), "odd")
    assert state() == before


@pytest.mark.parametrize("verb", [CHOOSE, ATTACH])
def test_a_machine_template_that_was_removed_meanwhile_is_refused(seed: Plan, verb: Verb) -> None:
    gone: Any = machine_templates.add(title="Gone", over=template(SIMPLE), by=editor_author())
    machine_templates.remove(machine_template=template("gone"), version=1, by=editor_author())
    before = state()
    with pytest.raises(ValidationError, match="was removed in the meantime"):
        verb(definitions=chosen(["null"]), machine_template=gone, by=editor_author())
    assert state() == before


def test_a_machine_template_that_was_edited_after_the_plan_outdates_it(seed: Plan) -> None:
    theirs, since = chosen(["null", "null_dag"]), head()
    machine_templates.put(
        machine_template=template(QA),
        key=FAIL,
        transition=line("[Awaiting QA] - <qa-fail> {no action} -> [Failed]"),
        version=1,
        by=editor_author("bea"),
    )
    before = state()
    with pytest.raises(ConflictError, match=rf"^{QA} was changed by somebody else"):
        many.attach_stage(
            definitions=theirs, machine_template=template(QA), since=since, by=editor_author()
        )
    assert state() == before
    many.attach_stage(
        definitions=theirs, machine_template=template(QA), since=head(), by=editor_author()
    )


def test_so_does_one_beneath_a_chosen_definition(seed: Plan) -> None:
    do(CHOOSE, chosen(["null"]))
    theirs, since = chosen(["null"]), head()
    machine_templates.drop(
        machine_template=template(SIMPLE), key=RESUME, version=1, by=editor_author("bea")
    )
    with pytest.raises(ConflictError):
        many.choose_machine_template(
            definitions=theirs, machine_template=None, since=since, by=editor_author()
        )


def test_an_ideal_that_is_the_same_moves_with_current(seed: Plan) -> None:
    theirs, since = chosen(["null", "null_dag"], Kind.IDEAL), head()
    overrides.drop(definition=seen("null_dag"), key=RESUME, by=editor_author("bea"))
    with pytest.raises(ConflictError, match=r"^null_dag current was changed"):
        many.attach_stage(
            definitions=theirs, machine_template=template(QA), since=since, by=editor_author()
        )


def test_what_was_written_to_other_machines_outdates_no_plan(seed: Plan) -> None:
    theirs, since = chosen(["null"], Kind.IDEAL), head()
    overrides.drop(definition=seen("null_dag"), key=RESUME, by=editor_author("bea"))
    overrides.drop(
        definition=seen("std_calibration", Kind.IDEAL), key=RESUME, by=editor_author("bea")
    )
    assert many.attach_stage(
        definitions=theirs, machine_template=template(QA), since=since, by=editor_author()
    )


# -- queries


@pytest.mark.parametrize("kind", Kind.values)
def test_many_make_hardly_more_queries_than_few(seed: Plan, kind: str) -> None:
    for number in range(70):
        capabilities.add(
            name=f"more_{number}", machine_template=template(SIMPLE), by=editor_author()
        )

    def made(verb: Verb, names: list[str]) -> int:
        theirs = chosen(names, kind)
        with CaptureQueriesContext(connection) as queries:
            verb(definitions=theirs, machine_template=template(QA), by=editor_author())
        return len(queries)

    names = [f"more_{number}" for number in range(70)]
    for verb in (ATTACH, REMOVE, CHOOSE):
        few = made(verb, names[:7])
        # SQLite takes so many rows in one query and no more: the log needs a second one.
        assert made(verb, names[7:]) <= few + 1
