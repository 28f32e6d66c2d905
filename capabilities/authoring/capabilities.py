"""Capabilities: adding one, removing one, saying whether it requires QA."""

from django.core.exceptions import ValidationError

from ..auditing import Author, recorded
from ..machines.checks import near_capability
from ..models import Capability, Definition, Kind, MachineTemplate
from .conflicts import require_offered


def add(
    *, name: str, machine_template: MachineTemplate | None, message: str = "", by: Author
) -> Capability:
    """Add a capability whose current machine is its machine template's; complete at once.

    Raises ValidationError when the name is taken or cannot be one, or the template is gone
    or retired.
    """
    capability = Capability(name=name)
    with recorded("capability added", message=message, by=by) as record:
        require_offered(machine_template)
        capability.full_clean()
        capability.save()
        Definition.objects.create(
            capability=capability, kind=Kind.CURRENT, machine_template=machine_template
        )
        record.definitions.add((capability.pk, Kind.CURRENT))
        based = f" with the machine template “{machine_template}”" if machine_template else ""
        record.summary = f"Added {name}{based}"
    return capability


def require_qa(
    *, capability: Capability, requires_qa: bool, message: str = "", by: Author
) -> Capability:
    """Say whether a capability requires QA; nothing is written when it is said already.

    No machine changes by it, only what the checks say of its machines.
    """
    stored = Capability.objects.filter(pk=capability.pk)
    if stored.filter(requires_qa=requires_qa).exists():
        return capability
    kinds = [(capability, kind) for kind in Kind.values]
    with recorded("QA requirement changed", definitions=kinds, message=message, by=by) as record:
        if not stored.update(requires_qa=requires_qa):
            raise ValidationError("This capability was removed in the meantime.", code="removed")
        capability.requires_qa = requires_qa
        record.summary = f"{capability} requires {'QA' if requires_qa else 'no QA'}"
    return capability


def near_miss(name: str) -> str:
    """The capability that a new one's name is probably a slip of, or ""."""
    return near_capability(name, Capability.objects.values_list("name", flat=True))


def remove(*, capability: Capability, message: str = "", by: Author) -> Capability:
    """Remove a capability with its definitions and notes; the audit keeps their machines."""
    # An ideal that is the same as current may have notes, and they go too.
    parts = (capability.definitions, capability.notes)
    kinds = {kind for part in parts for kind in part.values_list("kind", flat=True)}
    targets = [(capability, kind) for kind in kinds]
    with recorded("capability removed", definitions=targets, message=message, by=by) as record:
        record.summary = f"Removed {capability}"
        capability.delete()
    return capability
