"""Capabilities: adding one, removing one."""

from ..auditing import Author, recorded
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
