"""Capabilities, and the definitions of their machines: template, stages, overrides, bindings."""

from django.db import models

from ..fields import NameField, validate_capability_name
from ..machines.layers import Layer, changes_between, lay
from ..machines.machine import NAME_LENGTH, Machine, bind, parameters
from ..machines.matching import Match
from ..machines.page import CURRENT, IDEAL
from .templates import LayerRow, MachineTemplate, Shelf, layer_row_constraints

OWN_PARAMETER = "workflow_name"
"""The parameter that needs no binding: in the seed it is always the capability's own name."""


class Kind(models.TextChoices):
    """What the system runs, and what it should run."""

    CURRENT = CURRENT
    IDEAL = IDEAL


class CapabilityManager(models.Manager["Capability"]):
    def get_by_natural_key(self, name: str) -> "Capability":
        return self.get(name=name)


class Capability(models.Model):
    """Something that a user of the archive may request; a state machine drives it."""

    name = models.CharField(
        max_length=NAME_LENGTH, unique=True, validators=[validate_capability_name]
    )

    requires_qa = models.BooleanField(
        "requires QA",
        default=False,
        help_text="No product of it may be given out that was not passed in QA.",
    )

    objects = CapabilityManager()

    class Meta:
        ordering = ("name",)
        verbose_name_plural = "capabilities"

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.name,)


class DefinitionManager(models.Manager["Definition"]):
    def get_by_natural_key(self, name: str, kind: str) -> "Definition":
        return self.get(capability__name=name, kind=kind)

    def whole(self) -> models.QuerySet["Definition"]:
        """Definitions with all that their effective machines are made of, save the templates.

        Each one's parts come in their order; ordered by definition as well, PostgreSQL would join
        three tables for nothing.
        """
        return self.select_related("capability").prefetch_related(
            models.Prefetch("stages", Stage.objects.order_by("position", "id")),
            models.Prefetch("overrides", Override.objects.order_by("position", "id")),
            models.Prefetch("bindings", Binding.objects.order_by("parameter")),
        )


class Definition(models.Model):
    """One capability's machine of one kind: machine template, stages, then its own overrides.

    A capability without an ideal definition has an ideal that is the same as its current machine.
    """

    capability = models.ForeignKey(Capability, on_delete=models.CASCADE, related_name="definitions")
    kind = models.CharField(max_length=10, choices=Kind)
    machine_template = models.ForeignKey(
        MachineTemplate,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="definitions",
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = DefinitionManager()

    class Meta:
        ordering = ("capability__name", "kind")
        constraints = (
            models.UniqueConstraint(
                fields=("capability", "kind"), name="one_definition_a_capability_and_kind"
            ),
        )

    def __str__(self) -> str:
        return f"{self.capability.name} {self.kind}"

    def natural_key(self) -> tuple[str, str]:
        return self.capability.name, self.kind

    natural_key.dependencies = ["capabilities.capability"]  # type: ignore[attr-defined]

    @property
    def target(self) -> tuple[int, str]:
        """The capability's id and the kind, by which a write names it."""
        return self.capability_id, str(self.kind)

    @property
    def values(self) -> dict[str, str]:
        """What the parameters are bound to."""
        bound = {binding.parameter: binding.value for binding in self.bindings.all()}
        return {OWN_PARAMETER: self.capability.name, **bound}

    def layers(self, shelf: Shelf) -> list[tuple[str, Layer]]:
        """Every layer with its origin's title, the lowest first; the last one is its own, ""."""
        parts = shelf.chain(self.machine_template_id) if self.machine_template_id else []
        parts += [shelf.templates[stage.machine_template_id] for stage in self.stages.all()]
        layers = [(part.title, shelf.own(part.pk)) for part in parts]
        return [*layers, ("", self.own_layer)]

    @property
    def own_layer(self) -> Layer:
        return tuple(override.change for override in self.overrides.all())

    def base(self, shelf: Shelf) -> Machine:
        """The bound machine beneath the overrides: machine template and stages."""
        return bind(self._laid(shelf), self.values)

    def unbound(self, shelf: Shelf) -> Machine:
        """The machine that all layers make, its parameters as they are written."""
        laid = self._laid(shelf)
        return lay(laid, own) if (own := self.own_layer) else laid

    def _laid(self, shelf: Shelf) -> Machine:
        stages = tuple(stage.machine_template_id for stage in self.stages.all())
        return shelf.laid(self.machine_template_id, stages)

    def unused(self, shelf: Shelf) -> frozenset[str]:
        """The parameters that it gives a value and that no transition takes."""
        given = {binding.parameter for binding in self.bindings.all()}
        return frozenset(given - set(parameters(self.unbound(shelf)))) if given else frozenset()

    def machine(self, shelf: Shelf) -> Machine:
        """The effective machine."""
        return bind(self.unbound(shelf), self.values)

    def matched(self, shelf: Shelf, machine: Machine) -> Match:
        """Its machine template and stages, by slug, and the fewest changes that give `machine`."""
        slugs = {pk: each.slug for pk, each in shelf.templates.items()}
        stages = tuple(slugs[stage.machine_template_id] for stage in self.stages.all())
        template = slugs[self.machine_template_id] if self.machine_template_id else None
        base = self.base(shelf)
        return Match(template, stages, base, changes_between(base, machine))


class StageManager(models.Manager["Stage"]):
    def get_by_natural_key(self, name: str, kind: str, slug: str) -> "Stage":
        return self.get(
            definition__capability__name=name, definition__kind=kind, machine_template__slug=slug
        )


class Stage(models.Model):
    """A machine template's own layer, attached on top of the one that a definition picked."""

    definition = models.ForeignKey(Definition, on_delete=models.CASCADE, related_name="stages")
    machine_template = models.ForeignKey(
        MachineTemplate, on_delete=models.PROTECT, related_name="stages"
    )
    position = models.PositiveIntegerField(default=0)

    objects = StageManager()

    class Meta:
        ordering = ("definition", "position", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("definition", "machine_template"), name="one_stage_a_template"
            ),
        )

    def __str__(self) -> str:
        return f"{self.machine_template.title} on {self.definition}"

    def natural_key(self) -> tuple[str, ...]:
        return (*self.definition.natural_key(), *self.machine_template.natural_key())

    natural_key.dependencies = [  # type: ignore[attr-defined]
        "capabilities.definition",
        "capabilities.machinetemplate",
    ]


class OverrideManager(models.Manager["Override"]):
    def get_by_natural_key(self, name: str, kind: str, source: str, event: str) -> "Override":
        return self.get(
            definition__capability__name=name, definition__kind=kind, source=source, event=event
        )


class Override(LayerRow):
    """A definition's own put or drop of one key, with its reason."""

    definition = models.ForeignKey(Definition, on_delete=models.CASCADE, related_name="overrides")
    reason = models.CharField(max_length=500, blank=True)
    ticket = models.CharField(max_length=50, blank=True)

    objects = OverrideManager()

    class Meta:
        ordering = ("definition", "position", "id")
        constraints = layer_row_constraints("definition", "override")

    def natural_key(self) -> tuple[str, ...]:
        return (*self.definition.natural_key(), self.source, self.event)

    natural_key.dependencies = ["capabilities.definition"]  # type: ignore[attr-defined]


class BindingManager(models.Manager["Binding"]):
    def get_by_natural_key(self, name: str, kind: str, parameter: str) -> "Binding":
        return self.get(
            definition__capability__name=name, definition__kind=kind, parameter=parameter
        )


class Binding(models.Model):
    """The value of one parameter in one definition."""

    definition = models.ForeignKey(Definition, on_delete=models.CASCADE, related_name="bindings")
    parameter = models.CharField(max_length=NAME_LENGTH)
    value = NameField()

    objects = BindingManager()

    class Meta:
        ordering = ("definition", "parameter")
        constraints = (
            models.UniqueConstraint(
                fields=("definition", "parameter"), name="one_binding_a_parameter"
            ),
        )

    def __str__(self) -> str:
        return f"({self.parameter}) = {self.value}"

    def natural_key(self) -> tuple[str, ...]:
        return (*self.definition.natural_key(), self.parameter)

    natural_key.dependencies = ["capabilities.definition"]  # type: ignore[attr-defined]
