"""Checks that are switched off for one machine."""

from django.db import models
from django.utils import timezone

from ..fields import validate_check_code
from .definitions import Capability, Kind


class SwitchedOffCheckManager(models.Manager["SwitchedOffCheck"]):
    def get_by_natural_key(self, capability: str, kind: str, code: str) -> "SwitchedOffCheck":
        return self.get(capability__name=capability, kind=kind, code=code)


class SwitchedOffCheck(models.Model):
    """A check whose findings are meant to be so on a capability's machine of one kind, and why.

    It belongs to the capability, not to the definition, as a note does.
    """

    capability = models.ForeignKey(
        Capability, on_delete=models.CASCADE, related_name="switched_off_checks"
    )
    kind = models.CharField(max_length=10, choices=Kind)
    code = models.CharField(max_length=50, validators=[validate_check_code])
    reason = models.CharField(max_length=500)
    by = models.CharField(max_length=150)
    at = models.DateTimeField(default=timezone.now)

    objects = SwitchedOffCheckManager()

    class Meta:
        ordering = ("capability__name", "kind", "code")
        constraints = (
            models.UniqueConstraint(
                fields=("capability", "kind", "code"), name="one_switched_off_check_a_code"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} on {self.capability} {self.kind}"

    def natural_key(self) -> tuple[str, str, str]:
        return self.capability.name, self.kind, self.code

    natural_key.dependencies = ["capabilities.capability"]  # type: ignore[attr-defined]
