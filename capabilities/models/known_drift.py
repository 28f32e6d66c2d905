"""What staff decided about drift of what is deployed."""

from django.db import models
from django.utils import timezone

from ..fields import validate_line
from ..machines.known_drift import Known
from ..machines.machine import NAME_LENGTH, Key
from .deviations import newest


class KnownDrift(models.Model):
    """One decision about the drift of one transition, or of a whole machine; the newest counts.

    A decision is never changed, only followed by another one. The capability is a name and no
    foreign key: a machine that is deployed and that nobody here knows is drift, too. No rename
    reaches `source` and `event`: they are what is deployed. `about` is the drift's text; when the
    drift has another one, it is to be decided anew. Both keys are "" for a whole machine.
    """

    class State(models.TextChoices):
        KNOWN = "known"
        WITHDRAWN = "withdrawn"

    capability = models.CharField(max_length=NAME_LENGTH)
    source = models.CharField(max_length=NAME_LENGTH, blank=True)
    event = models.CharField(max_length=NAME_LENGTH, blank=True)
    state = models.CharField(max_length=10, choices=State)
    owner = models.CharField(max_length=150, blank=True, validators=[validate_line])
    reason = models.CharField(max_length=500, blank=True, validators=[validate_line])
    until = models.DateField(null=True, blank=True)
    about = models.TextField()
    decided_at = models.DateTimeField(default=timezone.now)
    decided_by = models.CharField(max_length=200)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "known drift"
        indexes = (
            models.Index(fields=("capability", "source", "event", "-id"), name="newest_known"),
        )

    def __str__(self) -> str:
        return f"{self.capability} {self.key if self.source else 'as a whole'}: {self.state}"

    @property
    def key(self) -> Key:
        return Key(self.source, self.event)

    @property
    def value(self) -> Known:
        """The decision as a value."""
        return Known(
            capability=self.capability,
            key=self.key,
            about=self.about,
            holds=self.state == self.State.KNOWN,
            number=self.pk,
            owner=self.owner,
            reason=self.reason,
            until=self.until.isoformat() if self.until else "",
            at=self.decided_at.isoformat(),
            by=self.decided_by,
        )


def newest_known() -> list[Known]:
    """The decision that counts on each drift, the oldest first, in one query."""
    return [each.value for each in newest(KnownDrift).order_by("id")]
