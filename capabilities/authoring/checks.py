"""Checks: switching one off for one machine, with the reason, and on again."""

from contextlib import AbstractContextManager

from django.core.exceptions import ValidationError
from django.utils import timezone

from ..auditing import Author, Record, recorded
from ..models import Capability, SwitchedOffCheck


def switch_off(
    *, capability: Capability, kind: str, code: str, reason: str, message: str = "", by: Author
) -> SwitchedOffCheck:
    """Have no finding of one check on a capability's machine of one kind, for a reason.

    Raises ValidationError without a reason, for a check that there is not, and for one that is
    switched off there already: nobody's reason is overwritten.
    """
    switched_off = SwitchedOffCheck(
        capability=capability,
        kind=kind,
        code=code,
        reason=reason.strip(),
        by=by.name,
        # Whole seconds: a fixture holds no smaller part of one.
        at=timezone.now().replace(microsecond=0),
    )
    with _recorded("check switched off", capability, kind, message, by) as record:
        if not Capability.objects.filter(pk=capability.pk).exists():
            raise ValidationError("This capability was removed in the meantime.", code="removed")
        if there := SwitchedOffCheck.objects.filter(
            capability=capability, kind=kind, code=code
        ).first():
            raise ValidationError(
                f"{there.by} switched this check off here already: {there.reason}",
                code="switched-off",
            )
        switched_off.full_clean()
        switched_off.save()
        record.summary = f"Switched off {switched_off}: {switched_off.reason}"
    return switched_off


def switch_on(
    *, capability: Capability, kind: str, code: str, message: str = "", by: Author
) -> SwitchedOffCheck:
    """Have a check again; the audit keeps the reason. Raises ValidationError when it is on."""
    with _recorded("check switched on", capability, kind, message, by) as record:
        there = SwitchedOffCheck.objects.filter(
            capability=capability.pk, kind=kind, code=code
        ).first()
        if there is None:
            raise ValidationError("This check was switched on in the meantime.", code="on")
        record.summary = f"Switched on {there}; it was off for: {there.reason}"
        there.delete()
    return there


def _recorded(
    action: str, capability: Capability, kind: str, message: str, by: Author
) -> AbstractContextManager[Record]:
    return recorded(action, definitions=[(capability, kind)], message=message, by=by)
