"""Two people never overwrite each other silently."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db.models import F

from ..models import Definition, MachineTemplate


class ConflictError(Exception):
    """Somebody else saved the same object since the version that the person saw."""

    def __init__(self, written: object) -> None:
        super().__init__(f"{written} was changed by somebody else in the meantime.")


def claim(written: Definition | MachineTemplate, version: int) -> None:
    """Count the object's version up, if it still is `version`; must be the first write to it.

    Raises ConflictError otherwise. The database decides, so of two that come at once one wins.
    """
    rows = type(written)._default_manager.filter(pk=written.pk, version=version)
    if not rows.update(version=F("version") + 1):
        raise ConflictError(written)
    written.version = version + 1


def claim_each(versions: Mapping[Definition, int]) -> None:
    """`claim` for many definitions, in two queries."""
    stored = Definition.objects.filter(pk__in=[each.pk for each in versions]).order_by()
    stored.update(version=F("version") + 1)
    now = dict(stored.values_list("pk", "version"))
    for written, version in versions.items():
        if now.get(written.pk) != version + 1:
            raise ConflictError(written)
        written.version = version + 1


def require_stored(machine_template: MachineTemplate | None) -> None:
    """Raise ValidationError when a machine template that was chosen is not there any more."""
    if machine_template is None:
        return
    if not MachineTemplate.objects.filter(pk=machine_template.pk).exists():
        raise no_such_template(machine_template)


def require_offered(machine_template: MachineTemplate | None) -> None:
    """Raise ValidationError when a machine template cannot be chosen: it is gone, or retired."""
    require_stored(machine_template)
    if machine_template and MachineTemplate.objects.get(pk=machine_template.pk).retired:
        raise retired_template(machine_template)


def no_such_template(machine_template: MachineTemplate) -> ValidationError:
    return ValidationError(
        f"The machine template “{machine_template}” was removed in the meantime.",
        code="no-such-template",
    )


def retired_template(machine_template: MachineTemplate) -> ValidationError:
    return ValidationError(
        f"The machine template “{machine_template}” is retired; choose another one.",
        code="template-retired",
    )
