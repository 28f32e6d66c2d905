"""Change requests, and all that happened to them."""

from collections.abc import Iterable
from functools import cached_property

from django.db import models
from django.urls import reverse
from django.utils import timezone

from ..fields import validate_line
from ..machines.machine import Machine
from ..machines.notation import read, render
from ..machines.review import SIGNS, UNDER_REVIEW, WRITES, Event, State, Verb, state_of, writers
from .audit import AuditEntry
from .definitions import Capability
from .fleet import Fleet
from .templates import MachineTemplate, Shelf

WORDS_LENGTH = 4000


class ChangeRequest(models.Model):
    """A machine that somebody wants changed. Only its author's words change: its events tell all
    the rest.

    What it is about is named as text, as in an audit entry, so that it outlives it.
    """

    subject = models.CharField(max_length=20, choices=AuditEntry.Subject)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, blank=True)
    title = models.CharField(max_length=200, validators=[validate_line])
    words = models.TextField(blank=True, max_length=WORDS_LENGTH)
    ticket = models.CharField(max_length=50, blank=True, validators=[validate_line])
    author_id = models.BigIntegerField(null=True)
    author = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("name", "-id"), name="requests_by_name"),)
        permissions = (("decide_changerequest", "Can decide change requests of others"),)

    def __str__(self) -> str:
        return f"change request {self.pk} “{self.title}”"

    def get_absolute_url(self) -> str:
        return reverse("capabilities:change-request", args=[self.pk])

    @property
    def target(self) -> str:
        """What it is about: "std_calibration current", "machine template simple-run-workflow"."""
        if self.subject == AuditEntry.Subject.MACHINE_TEMPLATE:
            return f"machine template {self.name}"
        return f"{self.name} {self.kind}"

    @property
    def wording(self) -> str:
        """What its author says of it, as one text: title, ticket and why."""
        said = (f"Title: {self.title}", self.ticket and f"Ticket: {self.ticket}", self.words)
        return "\n\n".join(each for each in said if each)

    @property
    def is_of_template(self) -> bool:
        return self.subject == AuditEntry.Subject.MACHINE_TEMPLATE


class ReviewEvent(models.Model):
    """One thing that happened to a change request; only ever added.

    A proposal, an edit and the application keep the texts: the machine as it is without the change,
    `base`, and with it, `proposed`. Where it was reworded, these are the wordings before and after.
    `sequence` is the audit entry that was written with it.
    """

    change_request = models.ForeignKey(
        ChangeRequest, on_delete=models.PROTECT, related_name="events"
    )
    verb = models.CharField(max_length=20, choices=[(each.value, each.value) for each in Verb])
    at = models.DateTimeField(default=timezone.now)
    by_id = models.BigIntegerField(null=True)
    by = models.CharField(max_length=200)
    words = models.TextField(blank=True, max_length=WORDS_LENGTH)
    digest = models.CharField(max_length=64)
    base = models.TextField(blank=True)
    proposed = models.TextField(blank=True)
    sequence = models.PositiveBigIntegerField(default=0, db_index=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.change_request_id}: {self.verb} by {self.by}"

    @property
    def value(self) -> Event:
        return Event(Verb(self.verb), self.digest, self.pk, self.by_id)


class Review:
    """One change request with its history, as it stands now."""

    def __init__(self, change_request: ChangeRequest) -> None:
        self.request = change_request
        self.events = list(change_request.events.all())

    @cached_property
    def values(self) -> list[Event]:
        return [each.value for each in self.events]

    @property
    def state(self) -> State:
        return state_of(self.values)

    @property
    def sign(self) -> str:
        return SIGNS[self.state]

    @property
    def is_under_review(self) -> bool:
        return self.state in UNDER_REVIEW

    @cached_property
    def written(self) -> ReviewEvent:
        """The event whose texts count: the application, or the last edit."""
        keeps = {*WRITES, Verb.APPLIED}
        return next(each for each in reversed(self.events) if each.verb in keeps)

    @property
    def digest(self) -> str:
        return self.written.digest

    @cached_property
    def base(self) -> Machine:
        return machine_of(self.written.base)

    @cached_property
    def proposed(self) -> Machine:
        return machine_of(self.written.proposed)

    @property
    def writers(self) -> frozenset[int | None]:
        return writers(self.values)

    @cached_property
    def now(self) -> Machine | None:
        """What it is about, as it is now; None when that was removed."""
        return machine_now(self.request)

    @property
    def has_moved(self) -> bool:
        """Whether the machine is another one than it was proposed for."""
        return self.now is None or render(self.now) != self.written.base


def machine_of(text: str) -> Machine:
    """The machine that a kept text tells of."""
    return Machine(read(text).transitions)


def machine_now(request: ChangeRequest) -> Machine | None:
    """The effective machine that a request is about, as it is stored; None when it was removed."""
    if request.is_of_template:
        template = MachineTemplate.objects.filter(slug=request.name).first()
        return Shelf().machine(template.pk) if template else None
    if not Capability.objects.filter(name=request.name).exists():
        return None
    return Fleet([request.name]).machine(request.name, request.kind)


def states_of(requests: Iterable[ChangeRequest]) -> dict[int, State]:
    """How each of the requests stands, by its number, in one query without their texts."""
    found: dict[int, list[Event]] = {each.pk: [] for each in requests}
    rows = ReviewEvent.objects.order_by("id").values_list("change_request", "verb", "digest")
    for number, verb, digest in rows:
        if number in found:
            found[number].append(Event(Verb(verb), digest))
    return {number: state_of(events) for number, events in found.items()}
