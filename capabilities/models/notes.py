"""Notes on machines."""

from django.db import models
from django.db.models import Q

from ..fields import validate_note
from ..machines.machine import NAME_LENGTH, Key
from ..machines.notation import Note as NoteValue
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
    """A remark on a capability's machine of one kind, or on a machine template.

    It stands at the transition `source` and `event`, or on the whole machine when those are empty.
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
    text = models.TextField(validators=[validate_note])

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

    @property
    def key(self) -> Key | None:
        return Key(self.source, self.event) if self.source else None

    @property
    def value(self) -> NoteValue:
        return NoteValue(self.text, self.key)
