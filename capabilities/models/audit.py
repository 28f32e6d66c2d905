"""The audit: entries chained by their digests, and the head of the chain."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import ClassVar

from django.db import models
from django.urls import reverse

from .change_kinds import ChangeKind

_encoded = json.JSONEncoder(separators=(",", ":")).encode


class AuditHead(models.Model):
    """Where the chain ends. The one row is locked by every write, so that the chain cannot fork."""

    sequence = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return f"entry {self.sequence}"


class AuditEntry(models.Model):
    """Who did what, to which machine: its effective machine before and after, as text.

    No foreign keys: an entry outlives whatever it tells of. Every column is hashed exactly as it
    is stored, the time as text therefore: UTC, to the microsecond.
    """

    class Subject(models.TextChoices):
        DEFINITION = "definition"
        MACHINE_TEMPLATE = "machine template"

    sequence = models.PositiveBigIntegerField(primary_key=True)
    at = models.CharField("time (UTC)", max_length=32)
    request = models.CharField(max_length=32, help_text="One id for all that one request did.")
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=200)
    way = models.CharField(max_length=50)
    action = models.CharField(max_length=50)
    subject = models.CharField(max_length=20, choices=Subject)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, blank=True)
    summary = models.TextField()
    message = models.TextField(blank=True)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    made_of = models.TextField(
        blank=True,
        help_text="What it was made of before, where that was changed; see `made_of`.",
    )
    previous = models.CharField(max_length=64, unique=True)
    digest = models.CharField(max_length=64, unique=True)

    HASHED: ClassVar = (
        "sequence",
        "at",
        "request",
        "actor_id",
        "actor",
        "way",
        "action",
        "subject",
        "name",
        "kind",
        "summary",
        "message",
        "before",
        "after",
        "previous",
    )

    class Meta:
        ordering = ("-sequence",)
        verbose_name_plural = "audit entries"
        indexes = (
            models.Index(fields=("name", "-sequence"), name="audit_by_name"),
            models.Index(fields=("actor", "-sequence"), name="audit_by_actor"),
            models.Index(fields=("request", "-sequence"), name="audit_by_request"),
        )

    def __str__(self) -> str:
        return f"{self.sequence}: {self.summary}"

    def get_absolute_url(self) -> str:
        return reverse("capabilities:log-entry", args=[self.sequence])

    @property
    def change(self) -> ChangeKind:
        """What the write did, in one word."""
        return ChangeKind.of(self.action)

    def computed_digest(self, key: str) -> str:
        """The HMAC-SHA-256, in hexadecimal, of every other column as it is stored.

        `made_of` counts where it is not empty: entries from before there was such a column stay
        what they are.
        """
        values = [getattr(self, name) for name in self.HASHED]
        return self.digest_of(values, self.made_of, key.encode())

    @staticmethod
    def digest_of(values: Sequence[object], made_of: str, key: bytes) -> str:
        """The digest of these values of the columns HASHED, and of `made_of`."""
        text = _encoded([*values, made_of] if made_of else list(values))
        return hmac.digest(key, text.encode(), hashlib.sha256).hex()
