"""Machine templates and the rows of their layers."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from ..fields import ActionsField, NameField, validate_name
from ..machines.layers import START, Change, Drop, Layer, Put, lay
from ..machines.machine import NAME_LENGTH, Key, Machine, Transition
from ..machines.matching import Candidate


class LayerRow(models.Model):
    """One put or drop of one key: the row of a machine template or the override of a definition.

    `beneath` is the line that it covered when it was written, in the notation, "" for none: when
    that line is another one today, the machine template changed under it.
    """

    class Place(models.TextChoices):
        NATURAL = "natural", "where it is, or at the end"
        FIRST = "first", "before all others"
        AFTER = "after", "after another one"

    position = models.PositiveIntegerField(default=0)
    drop = models.BooleanField(default=False)
    source = NameField()
    event = NameField()
    actions = ActionsField()
    target = models.CharField(max_length=NAME_LENGTH, blank=True)
    place = models.CharField(max_length=10, choices=Place, default=Place.NATURAL)
    after_source = models.CharField(max_length=NAME_LENGTH, blank=True)
    after_event = models.CharField(max_length=NAME_LENGTH, blank=True)
    beneath = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{'drop' if self.drop else 'put'} {self.key}"

    @property
    def key(self) -> Key:
        return Key(self.source, self.event)

    @property
    def change(self) -> Change:
        """The row as a value."""
        if self.drop:
            return Drop(self.key)
        after = {
            self.Place.NATURAL: None,
            self.Place.FIRST: START,
            self.Place.AFTER: Key(self.after_source, self.after_event),
        }[self.Place(self.place)]
        return Put(Transition(self.source, self.event, self.actions, self.target), after)

    @classmethod
    def columns(cls, change: Change) -> dict[str, Any]:
        """The values of the columns that say what `change` says."""
        put = None if isinstance(change, Drop) else change
        after = put.after if put else None
        place = cls.Place.NATURAL if after is None else cls.Place.AFTER
        if after == START:
            place = cls.Place.FIRST
        after_source, after_event = after or START
        return {
            "drop": put is None,
            "source": change.key.source,
            "event": change.key.event,
            "actions": put.transition.actions if put else (),
            "target": put.transition.target if put else "",
            "place": place,
            "after_source": after_source,
            "after_event": after_event,
        }


def layer_row_constraints(owner: str, name: str) -> tuple[models.BaseConstraint, ...]:
    """One row a key and owner, and a target for every put and for no drop."""
    return (
        models.UniqueConstraint(fields=(owner, "source", "event"), name=f"one_{name}_a_key"),
        models.CheckConstraint(
            condition=Q(drop=True, target="") | (Q(drop=False) & ~Q(target="")),
            name=f"{name}_puts_have_targets",
        ),
    )


class MachineTemplateManager(models.Manager["MachineTemplate"]):
    def get_by_natural_key(self, slug: str) -> "MachineTemplate":
        return self.get(slug=slug)


class MachineTemplate(models.Model):
    """A named, reusable layer; it may lie over another one, and its machine is then both."""

    title = models.CharField(max_length=NAME_LENGTH, unique=True, validators=[validate_name])
    slug = models.CharField(
        max_length=NAME_LENGTH,
        unique=True,
        validators=[RegexValidator(r"\A[a-z0-9][a-z0-9-]*\Z", "Lower-case letters, digits, “-”.")],
    )
    over = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="layers_above",
        help_text="The machine template that this one lies over.",
    )
    retired = models.BooleanField(
        default=False, help_text="Not to be chosen anew; those who use it keep it."
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = MachineTemplateManager()

    class Meta:
        ordering = ("title",)
        constraints = (
            models.CheckConstraint(condition=~Q(over=F("id")), name="no_template_over_itself"),
        )

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.slug,)


class TemplateRowManager(models.Manager["TemplateRow"]):
    def get_by_natural_key(self, slug: str, source: str, event: str) -> "TemplateRow":
        return self.get(machine_template__slug=slug, source=source, event=event)


class TemplateRow(LayerRow):
    """One put or drop of a machine template's own layer."""

    machine_template = models.ForeignKey(
        MachineTemplate, on_delete=models.CASCADE, related_name="rows"
    )

    objects = TemplateRowManager()

    class Meta:
        ordering = ("machine_template", "position", "id")
        constraints = layer_row_constraints("machine_template", "template_row")

    def natural_key(self) -> tuple[str, ...]:
        return (*self.machine_template.natural_key(), self.source, self.event)

    natural_key.dependencies = ["capabilities.machinetemplate"]  # type: ignore[attr-defined]


class Shelf:
    """Machine templates as values: those that are given, each with its rows in their order, or
    every one that is stored, read at once in two queries.
    """

    def __init__(
        self, given: Iterable[tuple[MachineTemplate, Iterable[LayerRow]]] | None = None
    ) -> None:
        found = _stored() if given is None else given
        self.templates: dict[int, MachineTemplate] = {}
        self._own: dict[int, Layer] = {}
        for template, rows in found:
            self.templates[template.pk] = template
            self._own[template.pk] = tuple(row.change for row in rows)
        self._machines: dict[int, Machine] = {}
        self._laid: dict[tuple[int | None, tuple[int, ...]], Machine] = {}

    def own(self, pk: int) -> Layer:
        """The machine template's own layer."""
        return self._own[pk]

    def chain(self, pk: int) -> list[MachineTemplate]:
        """The machine template and all that it lies over, the lowest first.

        `loaddata` can bring templates that lie over each other in a circle; each counts once.
        """
        chain: list[MachineTemplate] = []
        at: int | None = pk
        while at is not None and self.templates[at] not in chain:
            chain.insert(0, self.templates[at])
            at = self.templates[at].over_id
        return chain

    def machine(self, pk: int) -> Machine:
        """The machine that the template and all beneath it make, its parameters unbound."""
        if pk not in self._machines:
            self._machines[pk] = lay(self.beneath(pk), self._own[pk])
        return self._machines[pk]

    def laid(self, pk: int | None, stages: tuple[int, ...]) -> Machine:
        """The machine of a template with stages on top, which many definitions have in common."""
        if (pk, stages) not in self._laid:
            base = self.machine(pk) if pk else Machine()
            self._laid[pk, stages] = lay(base, *map(self.own, stages)) if stages else base
        return self._laid[pk, stages]

    def beneath(self, pk: int) -> Machine:
        """The machine that the template lies over; an empty one if over nothing."""
        return lay(Machine(), *(self._own[each.pk] for each in self.chain(pk)[:-1]))

    def above(self, pks: Iterable[int]) -> set[int]:
        """These machine templates and every one that lies over one of them."""
        wanted = set(pks)
        return {pk for pk in self.templates if any(each.pk in wanted for each in self.chain(pk))}

    def candidates(self) -> list[Candidate]:
        """What a machine can be matched with: every template, those of fewest layers first."""
        found = []
        for pk, template in self.templates.items():
            over = self.templates[template.over_id].slug if template.over_id else None
            found.append(Candidate(template.slug, self.own(pk), self.machine(pk), over))
        return found

    def by_slug(self) -> dict[str, MachineTemplate]:
        return {template.slug: template for template in self.templates.values()}


def _stored() -> Iterator[tuple[MachineTemplate, Iterable[LayerRow]]]:
    templates = MachineTemplate.objects.select_related("over").prefetch_related("rows")
    return ((each, each.rows.all()) for each in templates)
