"""What staff decided about differences from current to ideal."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, Max, OuterRef, Q, TextField, Value
from django.db.models.functions import Concat, StrIndex
from django.utils import timezone

from ..fields import NameField, validate_line
from ..machines.deviations import HOLDS, About, Decision, Says, Standing, standings
from ..machines.diff import diff
from ..machines.machine import Key
from .audit import AuditEntry
from .definitions import Capability, Kind
from .fleet import Fleet
from .notes import Note


class Deviation(models.Model):
    """One decision about the difference at `source` and `event`; the newest one there counts.

    A decision is never changed, only followed by another one, and goes only with its capability.
    When a name is renamed everywhere, it is renamed here too. `old_line`, `new_line` and `moved`
    are the difference that it was about, `sequence` the last audit entry before it: by the entries
    that follow, a difference that went and came back is known. The question's text is kept, for
    the note may be removed.
    """

    class State(models.TextChoices):
        PLANNED = Says.PLANNED.value
        ACCEPTED = Says.ACCEPTED.value
        BLOCKED = Says.BLOCKED.value
        WITHDRAWN = Says.WITHDRAWN.value

    capability = models.ForeignKey(Capability, on_delete=models.CASCADE, related_name="deviations")
    source = NameField()
    event = NameField()
    state = models.CharField(max_length=10, choices=State)
    owner = models.CharField(max_length=150, blank=True, validators=[validate_line])
    ticket = models.CharField(max_length=50, blank=True, validators=[validate_line])
    reason = models.CharField(max_length=500, blank=True, validators=[validate_line])
    until = models.DateField(null=True, blank=True)
    question = models.ForeignKey(
        Note, null=True, blank=True, on_delete=models.SET_NULL, related_name="blocks"
    )
    question_text = models.TextField(blank=True)
    old_line = models.TextField(blank=True)
    new_line = models.TextField(blank=True)
    moved = models.BooleanField(default=False)
    sequence = models.PositiveBigIntegerField(default=0)
    decided_at = models.DateTimeField(default=timezone.now)
    decided_by = models.CharField(max_length=200)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("capability", "source", "event", "-id"), name="newest_decision"),
        )

    def __str__(self) -> str:
        return f"{self.capability} {self.key}: {self.state}"

    @property
    def key(self) -> Key:
        return Key(self.source, self.event)

    @property
    def about(self) -> About:
        return About(self.old_line, self.new_line, self.moved)

    @property
    def value(self) -> Decision:
        """The decision as a value; `came_back` is true only for rows of `newest_decisions`."""
        return Decision(
            key=self.key,
            says=Says(self.state),
            about=self.about,
            number=self.pk,
            owner=self.owner,
            ticket=self.ticket,
            reason=self.reason,
            until=self.until.isoformat() if self.until else "",
            question=self.question_text,
            at=self.decided_at.isoformat(),
            by=self.decided_by,
            came_back=getattr(self, "came_back", False),
            answer=self.question.answer if self.question else "",
        )


def newest(model: type[models.Model]) -> models.QuerySet[Any]:
    """Of decisions on transitions of capabilities, the newest one at each, which counts."""
    rows = model._default_manager
    ids = rows.order_by().values("capability", "source", "event").annotate(newest=Max("id"))
    return rows.filter(pk__in=ids.values("newest"))


def newest_decisions(capabilities: Iterable[Capability]) -> dict[str, list[Decision]]:
    """The decision that counts at each key, by the capability's name, in one query."""
    rows = (
        newest(Deviation)
        .filter(capability__in=list(capabilities))
        .select_related("capability", "question")
        .annotate(came_back=Exists(_when_it_was_gone()))
        .order_by("id")
    )
    found: dict[str, list[Decision]] = {}
    for row in rows:
        found.setdefault(row.capability.name, []).append(row.value)
    return found


def _when_it_was_gone() -> models.QuerySet[AuditEntry]:
    """The audit entries since a decision after which its difference was not there.

    That is when a side had lost its line, or a side without one had gained the other's. An order
    cannot be seen so: whether a transition that moved was at its old place meanwhile is not known.
    """
    after: Any = Concat(Value("\n"), F("after"))

    def place(line: str) -> StrIndex:
        whole: Any = Concat(Value("\n"), OuterRef(line), Value("\n"), output_field=TextField())
        return StrIndex(after, whole)

    def line(name: str) -> Any:
        return ExpressionWrapper(OuterRef(name), output_field=TextField())

    return (
        AuditEntry.objects.order_by()
        .filter(
            subject=AuditEntry.Subject.DEFINITION,
            name=OuterRef("capability__name"),
            sequence__gt=OuterRef("sequence"),
        )
        .annotate(
            old=line("old_line"),
            new=line("new_line"),
            old_at=place("old_line"),
            new_at=place("new_line"),
        )
        .filter(
            (Q(kind=Kind.CURRENT) & (~Q(old="") & Q(old_at=0) | Q(old="", new_at__gt=0)))
            | (Q(kind=Kind.IDEAL) & (~Q(new="") & Q(new_at=0) | Q(new="", old_at__gt=0)))
        )
    )


def deviations_of(fleet: Fleet, today: date) -> dict[str, list[Standing]]:
    """How every difference of every capability stands, by the capability's name, in one query.

    The decisions that closed by themselves come last.
    """
    decisions = newest_decisions(fleet.capabilities)
    return {
        name: list(
            standings(
                diff(*(fleet.machine(name, kind) for kind in Kind.values)),
                decisions.get(name, ()),
                today.isoformat(),
            )
        )
        for name in (each.name for each in fleet.capabilities)
    }


def holding(fleet: Fleet) -> set[int]:
    """The ids of the decisions that are about a difference which there is, as it is."""
    return {
        each.decision.number
        for found in deviations_of(fleet, date.min).values()
        for each in found
        if each.decision and each.state in HOLDS
    }
