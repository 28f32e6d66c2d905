"""Which machines an export holds."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from ..models import Capability, Definition, MachineTemplate, Note, SwitchedOffCheck


class UnknownCapabilityError(LookupError):
    """An export was asked for a capability that there is not."""


@dataclass(frozen=True)
class Selection:
    """Capabilities by name (None: all) and one kind of machine (None: both)."""

    names: tuple[str, ...] | None = None
    kind: str | None = None

    @classmethod
    def of(cls, names: Iterable[str] | None = None, kind: str | None = None) -> "Selection":
        """The selection; raises UnknownCapabilityError, naming every name that is unknown."""
        wanted = tuple(sorted(set(names))) if names else None
        if wanted:
            known = set(Capability.objects.filter(name__in=wanted).values_list("name", flat=True))
            if unknown := [name for name in wanted if name not in known]:
                raise UnknownCapabilityError(f"There is no capability {', '.join(unknown)}.")
        return cls(wanted, kind or None)

    @property
    def is_everything(self) -> bool:
        return self.names is None and self.kind is None

    def capabilities(self) -> QuerySet[Capability]:
        capabilities = Capability.objects.all()
        return capabilities if self.names is None else capabilities.filter(name__in=self.names)

    def definitions(self) -> QuerySet[Definition]:
        definitions = Definition.objects.all()
        if self.names is not None:
            definitions = definitions.filter(capability__in=self.capabilities())
        return definitions if self.kind is None else definitions.filter(kind=self.kind)

    def switched_off_checks(self) -> QuerySet[SwitchedOffCheck]:
        """The checks that are switched off for the selected machines."""
        found = SwitchedOffCheck.objects.filter(capability__in=self.capabilities())
        return found if self.kind is None else found.filter(kind=self.kind)

    def notes(self, templates: Iterable[MachineTemplate]) -> QuerySet[Note]:
        """The notes on the selected machines and on these machine templates."""
        mine = Q(capability__in=self.capabilities())
        if self.kind is not None:
            mine &= Q(kind=self.kind)
        return Note.objects.filter(mine | Q(machine_template__in=[each.pk for each in templates]))
