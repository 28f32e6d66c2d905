"""What is shipped beside the team's own page: the machine template with two-stage QA.

Upstream wishes for it: "make `null` have QA or make `std_calibration` have two-stage QA".
"""

from pathlib import Path

from django.core.exceptions import ValidationError

from ..auditing import Author, recorded
from ..machines.layers import Layer, Put
from ..machines.machine import Machine
from ..machines.notation import parse
from ..machines.vocabulary import STATE
from ..models import MachineTemplate, Shelf, Term
from . import machine_templates, terms

TWO_STAGE_QA = "Run-workflow with two-stage QA"
SINGLE_STAGE_QA = "run-workflow-with-single-stage-qa"
"""The slug of the machine template that it lies over, as the team's page has it."""

_FILE = Path(__file__).parents[1] / "fixtures" / "two-stage-qa.txt"


def two_stage_qa_is_offered() -> bool:
    """Whether it can be added: it is not there, and what it lies over is."""
    templates = MachineTemplate.objects.all()
    return (
        templates.filter(slug=SINGLE_STAGE_QA).exists()
        and not templates.filter(title=TWO_STAGE_QA).exists()
    )


def add_two_stage_qa(*, message: str = "", by: Author) -> MachineTemplate:
    """Add the machine template, and register the state that is new with it.

    Raises ValidationError when it is there already, or what it lies over is not.
    """
    with recorded("machine template added", message=message, by=by) as record:
        over = MachineTemplate.objects.filter(slug=SINGLE_STAGE_QA).first()
        if over is None:
            raise ValidationError(
                f"“{TWO_STAGE_QA}” lies over “{SINGLE_STAGE_QA}”, which is not here.",
                code="no-such-template",
            )
        second = parse(_FILE.read_text(encoding="utf-8"))
        added = machine_templates.create(
            title=TWO_STAGE_QA, over=over, layer=_layer(second, Shelf().machine(over.pk))
        )
        _register_states(second, by)
        record.templates.add(added.pk)
        record.summary = f"Added the machine template “{added}”"
    return added


def _layer(second: Machine, beneath: Machine) -> Layer:
    """The transitions as puts; new ones stand behind all that leave the first one's state."""
    first, *others = second
    after = [key for key in beneath.by_key if key.source == first.source]
    puts = [Put(first)]
    for transition in others:
        puts.append(Put(transition, after[-1] if after else None))
        after.append(transition.key)
    return tuple(puts)


def _register_states(second: Machine, by: Author) -> None:
    terms.register_published(by=by)  # which fills only an empty registry
    known = set(Term.objects.filter(kind=STATE).values_list("name", flat=True))
    for state in second.states:
        if state not in known:
            terms.save(term=Term(kind=STATE, name=state), by=by)
