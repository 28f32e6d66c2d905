"""Webhooks: who is told of releases, deployments and drift, what waits to be told, and what was.

Their form on the wire is that of Standard Webhooks (https://www.standardwebhooks.com).
"""

import base64
import secrets
from typing import Any
from urllib.parse import urlsplit

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from ..fields import validate_line

TITLE_LENGTH = 200
URL_LENGTH = 500


class EventType(models.TextChoices):
    """What a webhook is told of, as its messages say it."""

    RELEASE = "release.created", "a release"
    DEPLOYMENT = "deployment.recorded", "a deployment"
    DRIFT = "drift.found", "drift that nobody explained"


TEST = "webhook.tested"
"""The type of a message that says nothing but that it arrives."""


class Webhook(models.Model):
    """An address that is told of events. Its secret is computed, of the salt and SECRET_KEY."""

    title = models.CharField(max_length=TITLE_LENGTH, unique=True, validators=[validate_line])
    url = models.CharField("address", max_length=URL_LENGTH)
    events = models.JSONField(default=list)
    is_active = models.BooleanField("switched on", default=True)
    salt = models.CharField(max_length=32, editable=False)
    by = models.CharField(max_length=200)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("title",)

    def __str__(self) -> str:
        return f"webhook “{self.title}”"

    def get_absolute_url(self) -> str:
        return reverse("capabilities:webhook", args=[self.pk])

    @property
    def host(self) -> str:
        """All of the address that everybody may see: what follows it may be a password."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}/"

    @property
    def secret(self) -> str:
        """What its messages are signed with, as libraries for Standard Webhooks take it."""
        made = salted_hmac("capabilities.Webhook", f"{self.pk}:{self.salt}", algorithm="sha256")
        return f"whsec_{base64.b64encode(made.digest()).decode()}"

    @property
    def event_words(self) -> list[str]:
        return [label for value, label in EventType.choices if value in self.events]

    def renew_salt(self) -> None:
        """Have another secret from now on."""
        self.salt = secrets.token_hex(16)


class Delivery(models.Model):
    """A message to a webhook: what it says, and whether it arrived.

    It is written in the transaction of what it tells, so that both happen or neither. `due_at` is
    when it is tried next, None when it is not tried again.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        GIVEN_UP = "given up"

    webhook = models.ForeignKey(
        Webhook, on_delete=models.SET_NULL, null=True, related_name="deliveries"
    )
    title = models.CharField("the webhook's title", max_length=TITLE_LENGTH)
    message_id = models.CharField(max_length=40, unique=True)
    event = models.CharField(max_length=40)
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(null=True, default=timezone.now)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "deliveries"
        indexes = (models.Index(fields=("due_at",), name="due_deliveries"),)

    def __str__(self) -> str:
        return f"{self.event} to {self.title}"

    @property
    def is_under_way(self) -> bool:
        """Whether it is about to be tried, or being tried, for the first time."""
        return self.state == self.State.WAITING and not self.attempts.all()


class DeliveryAttempt(models.Model):
    """One attempt at a delivery: the status of the answer, or why there was none."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField(default=timezone.now)
    status = models.PositiveSmallIntegerField(null=True)
    problem = models.CharField(max_length=200, blank=True)
    milliseconds = models.PositiveIntegerField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.status or ''} {self.problem}".strip()


def due_deliveries(**more: Any) -> models.QuerySet[Delivery]:
    """What waits for a webhook that is switched on, the one that is due first coming first."""
    waiting = Delivery.objects.filter(due_at__isnull=False, webhook__is_active=True, **more)
    return waiting.select_related("webhook").order_by("due_at", "id")
