"""Two-stage QA, shipped as a machine template: what it makes, and when it is offered."""

import pytest
from django.core.exceptions import ValidationError

from capabilities.authoring import definitions, machine_templates, shipped, terms
from capabilities.authoring.plans import Plan
from capabilities.machines.checks import check
from capabilities.machines.layers import Standing, standing
from capabilities.machines.machine import Machine, bind
from capabilities.machines.notation import parse, render
from capabilities.models import MachineTemplate, Shelf, Term, vocabulary

from ..factories import (
    PASS,
    QA,
    SIMPLE,
    editor_author,
    effective,
    emptied,
    head,
    last_entries,
    line,
    seen,
    state,
    template,
    template_machine,
)

TWO = "run-workflow-with-two-stage-qa"

MACHINE = """\
[Start] - <capability-submitted> {QueueWorkflow (workflow_name)} -> [Queued]
[Queued] - <resume> {ExecuteWorkflow (workflow_name)} -> [Executing]
[Executing] - <workflow-complete> {AnnounceQa} -> [Awaiting QA]
[Executing] - <workflow-failed> {SendMessage execution_failed} {SendNotification workflow-failed} -> [Failed]
[Awaiting QA] - <qa-pass> {AnnounceQa} -> [Awaiting second QA]
[Awaiting QA] - <qa-fail> {QaFail} -> [Failed]
[Awaiting second QA] - <qa-pass> {QaPass} -> [Ingesting]
[Awaiting second QA] - <qa-fail> {QaFail} -> [Failed]
[Ingesting] - <workflow-complete> {SendMessage execution_complete} {SendNotification workflow-complete} -> [Complete]
[Ingesting] - <workflow-failed> {SendMessage execution_failed} {SendNotification ingest-failed} -> [Failed]
"""  # noqa: E501


def add() -> MachineTemplate:
    return shipped.add_two_stage_qa(by=editor_author())


def codes(machine: Machine) -> list[tuple[str, str]]:
    found = check(machine, capability="null", vocabulary=vocabulary())
    return sorted((finding.code, finding.severity) for finding in found)


def test_it_lies_over_single_stage_qa_and_has_a_second_stage(seed: Plan) -> None:
    since = head()
    added = add()
    assert (added.title, added.slug) == ("Run-workflow with two-stage QA", TWO)
    assert added.over == template(QA)
    assert template_machine(TWO) == parse(MACHINE)
    (entry,) = last_entries(since)
    assert entry.summary == "Added the machine template “Run-workflow with two-stage QA”"
    assert entry.after == MACHINE


def test_its_layer_says_only_what_is_different(seed: Plan) -> None:
    pk = add().pk
    shelf = Shelf()
    found = [standing(change, shelf.beneath(pk)) for change in shelf.own(pk)]
    assert found == [Standing.OVERRIDES, Standing.ADDS, Standing.ADDS]


def test_passing_the_second_stage_does_what_passing_the_only_one_did(seed: Plan) -> None:
    single = template_machine(QA).by_key[PASS]
    add()
    second = next(
        each
        for each in template_machine(TWO)
        if (each.source, each.event) == ("Awaiting second QA", "qa-pass")
    )
    assert (second.actions, second.target) == (single.actions, single.target)


def test_both_stages_attached_to_a_simple_machine_make_the_same_machine(seed: Plan) -> None:
    add()
    for slug in (QA, TWO):
        definitions.attach_stage(
            definition=seen("null"), machine_template=template(slug), by=editor_author()
        )
    assert effective("null") == bind(parse(MACHINE), {"workflow_name": "null"})


def test_it_has_no_finding_that_single_stage_qa_has_not(seed: Plan) -> None:
    add()
    values = {"workflow_name": "null"}
    assert codes(bind(template_machine(TWO), values)) == codes(bind(template_machine(QA), values))


def test_its_state_is_registered_once_and_nothing_else(seed: Plan) -> None:
    before = set(Term.objects.values_list("kind", "name"))
    add()
    assert set(Term.objects.values_list("kind", "name")) - before == {
        ("state", "Awaiting second QA")
    }
    assert not Term.objects.get(name="Awaiting second QA").final


def test_a_state_that_is_registered_already_stays_as_it_is(seed: Plan) -> None:
    term = Term(kind="state", name="Awaiting second QA", description="ours")
    terms.save(term=term, by=editor_author())
    add()
    assert Term.objects.get(name="Awaiting second QA").description == "ours"


def test_an_empty_registry_is_filled_too(seed: Plan) -> None:
    Term.objects.all().delete()
    add()
    assert Term.objects.filter(name="QaPass").exists()


def test_what_a_changed_template_beneath_has_more_stays(seed: Plan) -> None:
    machine_templates.put(
        machine_template=template(QA),
        key=None,
        transition=line("[Awaiting QA] - <capability-cancelled> {no action} -> [Failed]"),
        version=1,
        by=editor_author(),
    )
    add()
    states = [each.source for each in template_machine(TWO)]
    assert states[4:] == [
        *["Awaiting QA"] * 2,
        *["Ingesting"] * 2,
        "Awaiting QA",
        *["Awaiting second QA"] * 2,
    ]


def test_it_is_offered_until_it_is_there(seed: Plan) -> None:
    assert shipped.two_stage_qa_is_offered()
    add()
    assert not shipped.two_stage_qa_is_offered()
    before = state()
    with pytest.raises(ValidationError) as refused:
        add()
    assert refused.value.message_dict == {
        "title": ["Machine template with this Title already exists."]
    }
    assert state() == before


def test_it_is_not_offered_without_what_it_lies_over(seed: Plan) -> None:
    emptied()
    machine_templates.add(title="Simple run-workflow", by=editor_author())
    assert not shipped.two_stage_qa_is_offered()
    before = state()
    with pytest.raises(ValidationError) as refused:
        add()
    assert refused.value.messages == [
        "“Run-workflow with two-stage QA” lies over “run-workflow-with-single-stage-qa”, "
        "which is not here."
    ]
    assert state() == before


def test_the_layer_is_written_in_the_notation_as_it_is_rendered(seed: Plan) -> None:
    add()
    assert render(template_machine(TWO)) == MACHINE
    assert SIMPLE in {each.slug for each in Shelf().chain(template(TWO).pk)}
