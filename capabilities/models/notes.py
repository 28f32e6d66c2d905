"""Notes on machines: remarks and questions."""

from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from ..fields import validate_line, validate_name, validate_note
from ..machines.machine import NAME_LENGTH, Key, Machine
from ..machines.notation import Note as NoteValue
from ..machines.questions import PERSON_LENGTH, TICKET_LENGTH, when
from .definitions import Capability, Kind
from .templates import MachineTemplate


class NoteManager(models.Manager["Note"]):
    def get_by_natural_key(self, capability: str, kind: str, slug: str, position: int) -> "Note":
        owner = (
            {"machine_template__slug": slug}
            if slug
            else {"capability__name": capability, "kind": kind}
        )
        return self.get(**owner, position=position)


class Note(models.Model):
    """A remark or a question on a capability's machine of one kind, or on a machine template.

    It stands at the transition `source` and `event`, at a `state`, or on the whole machine when
    those are empty. Only a question has a ticket, an owner and an answer; without one it is open.
    It belongs to the capability, not to the definition: an ideal that is the same as current has
    notes too (in the seed, `std_cms_imaging`).
    """

    capability = models.ForeignKey(
        Capability, null=True, blank=True, on_delete=models.CASCADE, related_name="notes"
    )
    kind = models.CharField(max_length=10, choices=Kind, blank=True)
    machine_template = models.ForeignKey(
        MachineTemplate, null=True, blank=True, on_delete=models.CASCADE, related_name="notes"
    )
    position = models.PositiveIntegerField(default=0)
    source = models.CharField(max_length=NAME_LENGTH, blank=True)
    event = models.CharField(max_length=NAME_LENGTH, blank=True)
    state = models.CharField(max_length=NAME_LENGTH, blank=True, validators=[validate_name])
    text = models.TextField(validators=[validate_note])
    is_question = models.BooleanField(default=False)
    ticket = models.CharField(max_length=TICKET_LENGTH, blank=True, validators=[validate_line])
    owner = models.CharField(max_length=PERSON_LENGTH, blank=True, validators=[validate_line])
    answer = models.TextField(blank=True, validators=[validate_line])
    answered_by = models.CharField(max_length=PERSON_LENGTH, blank=True, validators=[validate_line])
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = NoteManager()

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(capability=None, kind="", machine_template__isnull=False)
                | (Q(capability__isnull=False, machine_template=None) & ~Q(kind="")),
                name="a_note_has_one_owner",
            ),
            models.UniqueConstraint(
                fields=("capability", "kind", "position"), name="one_note_a_definition_place"
            ),
            models.UniqueConstraint(
                fields=("machine_template", "position"), name="one_note_a_template_place"
            ),
            models.CheckConstraint(
                condition=Q(state="") | Q(source="", event=""),
                name="a_note_is_at_a_state_or_a_transition",
            ),
            models.CheckConstraint(
                condition=Q(is_question=True) | Q(ticket="", owner="", answer=""),
                name="only_a_question_has_an_owner_and_an_answer",
            ),
            models.CheckConstraint(
                condition=~Q(answer="") | Q(answered_by="", answered_at=None),
                name="only_an_answer_has_somebody_who_gave_it",
            ),
        )

    def __str__(self) -> str:
        return self.text

    def natural_key(self) -> tuple[str, str, str, int]:
        return (
            self.capability.name if self.capability else "",
            self.kind,
            self.machine_template.slug if self.machine_template else "",
            self.position,
        )

    natural_key.dependencies = [  # type: ignore[attr-defined]
        "capabilities.capability",
        "capabilities.machinetemplate",
    ]

    def clean(self) -> None:
        if not self.is_question:
            for name in ("ticket", "owner", "answer"):
                if getattr(self, name):
                    told = f"Only a question has {'a' if name == 'ticket' else 'an'} {name}."
                    raise ValidationError({name: told}, code="no-question")

    @property
    def is_open(self) -> bool:
        """Whether it is a question without an answer."""
        return self.is_question and not self.answer

    @property
    def key(self) -> Key | None:
        return Key(self.source, self.event) if self.source else None

    @property
    def value(self) -> NoteValue:
        return NoteValue(
            self.text,
            self.key,
            state=self.state,
            is_question=self.is_question,
            ticket=self.ticket,
            owner=self.owner,
            answer=self.answer,
            answered_by=self.answered_by,
            answered_at=_written(self.answered_at) if self.answered_at else "",
        )

    def row_in(self, machine: Machine) -> int | None:
        """The row of its transition, or the first one of its state, from 1; None for no row."""
        for number, transition in enumerate(machine, start=1):
            states = (transition.source, transition.target)
            if transition.key == self.key or (self.state and self.state in states):
                return number
        return None

    @property
    def place(self) -> str:
        """Where it stands in the machine, as a person says it."""
        return str(self.key) if self.key else f"state [{self.state}]" if self.state else ""


ANSWER = ("answer", "answered_by", "answered_at")
"""The columns that are a question's answer."""


def columns_of(value: NoteValue) -> dict[str, Any]:
    """The columns of a note that has this value."""
    source, event = value.key or ("", "")
    return {
        "text": value.text,
        "source": source,
        "event": event,
        "state": value.state,
        "is_question": value.is_question,
        "ticket": value.ticket,
        "owner": value.owner,
        **answer_of(value),
    }


def answer_of(value: NoteValue) -> dict[str, Any]:
    """Those of its columns that are the answer."""
    at = _time(value.answered_at) if value.answered_at else None
    return {"answer": value.answer, "answered_by": value.answered_by, "answered_at": at}


def _written(at: datetime) -> str:
    text = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return when(text.rjust(len("2026-11-24 14:08:31 UTC"), "0")) or text


def _time(text: str) -> datetime:
    date, _, time = text.removesuffix(" UTC").partition(" ")
    return datetime.fromisoformat(f"{date}T{time or '00:00'}+00:00")
