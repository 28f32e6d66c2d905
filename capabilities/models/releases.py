"""Releases: numbered, frozen exports of machines, and where each was deployed.

Nothing here changes once it is written: `triggers` has the database refuse it. So a release
points at nothing that can change; what it holds is text.
"""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils import timezone

from ..fields import validate_line
from ..machines.machine import NAME_LENGTH, Machine
from ..machines.notation import parse
from ..machines.release_plan import Released
from .definitions import Kind

TITLE_LENGTH = 200
REMARK_LENGTH = 500


class Environment(models.TextChoices):
    """Where the system runs."""

    LOCAL = "local"
    DEV = "dev"
    TEST = "test"
    PRODUCTION = "production"


class Release(models.Model):
    """What was released: machines as text, and the whole export of them.

    `sequence` and `head_digest` are the last audit entry before it: what the log says up to there
    is how its machines came to be. `warnings` are those that were acknowledged, each with its code,
    machine, message, and the words that were said about it.
    """

    number = models.PositiveIntegerField(primary_key=True)
    title = models.CharField(max_length=TITLE_LENGTH, validators=[validate_line])
    notes = models.TextField(blank=True)
    export = models.TextField()
    digest = models.CharField("SHA-256 of the export", max_length=64)
    sequence = models.PositiveBigIntegerField()
    head_digest = models.CharField(max_length=64, blank=True)
    warnings = models.JSONField(default=list)
    by_id = models.BigIntegerField(null=True, blank=True)
    by = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"release {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("capabilities:release", args=[self.number])

    @property
    def previous(self) -> "Release | None":
        return Release.objects.filter(number=self.number - 1).first()

    def machines_as_released(self) -> dict[str, Released]:
        """Every machine of it, by the capability's name."""
        return {each.name: each.value for each in self.machines.all()}


class ReleaseMachine(models.Model):
    """One machine of a release, as it was. It is written before its release, and never after it."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="machines")
    name = models.CharField(max_length=NAME_LENGTH)
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.TextField(blank=True, help_text="What it was made of, in words.")
    text = models.TextField("machine in the notation", blank=True)
    requires_qa = models.BooleanField("requires QA", default=False)

    class Meta:
        ordering = ("release", "name")
        constraints = (
            models.UniqueConstraint(fields=("release", "name"), name="one_machine_a_release"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.kind} in release {self.release_id}"

    @property
    def machine(self) -> Machine:
        return parse(self.text)

    @property
    def value(self) -> Released:
        return Released(self.machine, self.kind, self.requires_qa)


class Deployment(models.Model):
    """That a release came into an environment; the newest one there is what is there now."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="deployments")
    environment = models.CharField(max_length=10, choices=Environment)
    remark = models.CharField(max_length=REMARK_LENGTH, blank=True, validators=[validate_line])
    by_id = models.BigIntegerField(null=True, blank=True)
    by = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("environment", "-id"), name="newest_deployment"),)

    def __str__(self) -> str:
        return f"release {self.release_id} in {self.environment}"


def present_deployments() -> list[Deployment]:
    """The newest deployment of each environment that has one, in the environments' order."""
    newest = (
        Deployment.objects.order_by()
        .values("environment")
        .annotate(newest=models.Max("id"))
        .values("newest")
    )
    found = {each.environment: each for each in Deployment.objects.filter(pk__in=newest)}
    return [found[each] for each in Environment.values if each in found]


def released_texts(numbers: Iterable[int]) -> dict[int, dict[str, tuple[str, str]]]:
    """The kind and the text of every machine of these releases, in one query."""
    found: dict[int, dict[str, tuple[str, str]]] = {}
    rows: Any = ReleaseMachine.objects.filter(release__in=set(numbers))
    for number, name, kind, text in rows.values_list("release_id", "name", "kind", "text"):
        found.setdefault(number, {})[name] = kind, text
    return found
