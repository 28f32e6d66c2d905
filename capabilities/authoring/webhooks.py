"""Webhooks: making them, announcing events to them, and keeping what became of each message.

An announcement is written in the transaction of what it tells; `sending` sends it afterwards.
Webhooks change no machine, so Django's own LogEntry records who changes them.
"""

import json
import uuid
from collections.abc import Collection, Iterable, Mapping
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from ..auditing import Author
from ..machines.release_plan import ReleasePlan
from ..models import Delivery, DeliveryAttempt, Deployment, EventType, Release, Webhook
from ..models.addresses import validate_url
from ..models.webhooks import TEST, due_deliveries

LEASE = timedelta(minutes=2)
"""How long one who tries a delivery has it alone; then whoever tried it has died."""

WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600)
)
"""How long after a failed attempt the next one is: eight attempts in about 31 hours."""

LISTED = 100
"""How much of a list a message holds."""

GONE = 410
"""The status by which a receiver says that it wants nothing more."""


# -- making them; all verbs about one raise Webhook.DoesNotExist when it was removed meanwhile


def add(*, title: str, url: str, events: Collection[str], by: Author) -> Webhook:
    """Add a webhook that is told of `events`. Raises ValidationError, by field."""
    webhook = Webhook(by=by.name, at=timezone.now())
    webhook.renew_salt()
    return _saved(webhook, title, url, events)


def change(
    *,
    webhook: Webhook,
    title: str,
    url: str,
    events: Collection[str],
    is_active: bool,
    by: Author,
) -> Webhook:
    """Change a webhook. What waits for it goes to its new address. Raises ValidationError."""
    with transaction.atomic():
        _require_present(webhook)
        webhook.is_active = is_active
        return _saved(webhook, title, url, events)


def renew_secret(*, webhook: Webhook, by: Author) -> Webhook:
    """Sign with another secret from now on, what is tried again included."""
    with transaction.atomic():
        _require_present(webhook)
        webhook.renew_salt()
        webhook.save(update_fields=["salt"])
    return webhook


def remove(*, webhook: Webhook, by: Author) -> Webhook:
    """Remove a webhook. What waits for it is given up; the record of its messages stays."""
    removed = copy(webhook)
    with transaction.atomic():
        _require_present(webhook)
        waiting = webhook.deliveries.filter(due_at__isnull=False)
        waiting.update(state=Delivery.State.GIVEN_UP, due_at=None)
        webhook.delete()
    return removed


def _require_present(webhook: Webhook) -> None:
    """Keep a webhook from being removed by somebody else while this transaction lasts.

    Raises Webhook.DoesNotExist when it was already.
    """
    Webhook.objects.select_for_update().get(pk=webhook.pk)


def _saved(webhook: Webhook, title: str, url: str, events: Collection[str]) -> Webhook:
    webhook.title, webhook.url = title.strip(), url.strip()
    webhook.events = [each for each in EventType.values if each in events]
    if not webhook.events or not set(events) <= set(EventType.values):
        raise ValidationError({"events": f"Choose of {', '.join(EventType.values)}."})
    try:
        validate_url(webhook.url)
    except ValidationError as error:
        raise ValidationError({"url": error.messages}) from error
    webhook.full_clean()
    webhook.save()
    return webhook


# -- announcing


def announce_release(*, release: Release, plan: ReleasePlan, by: Author) -> list[Delivery]:
    """Tell of a release: what it is, and in English what it changes for users."""
    data = {
        "number": release.number,
        "title": release.title,
        "notes": release.notes,
        "digest": release.digest,
        "by": release.by,
        "at": release.at.isoformat(),
        "path": release.get_absolute_url(),
        **plan.plain,
    }
    return _announce(EventType.RELEASE, data)


def announce_deployment(
    *, deployment: Deployment, before: int | None, by: Author
) -> list[Delivery]:
    """Tell that a release is in an environment now, and which one was there before."""
    release = deployment.release
    data = {
        "environment": deployment.environment,
        "release": release.number,
        "before": before,
        "title": release.title,
        "remark": deployment.remark,
        "by": deployment.by,
        "at": deployment.at.isoformat(),
        "path": release.get_absolute_url(),
    }
    return _announce(EventType.DEPLOYMENT, data)


def announce_drift(*, report: Mapping[str, Any], by: Author) -> list[Delivery]:
    """Tell of drift that counts: the report on it as plain values, no list of it too long.

    `left_out` says of how many each list was cut.
    """
    told = {
        name: value[:LISTED] if isinstance(value, list) else value for name, value in report.items()
    }
    left_out = {
        name: len(value) - LISTED
        for name, value in report.items()
        if isinstance(value, list) and len(value) > LISTED
    }
    found = {**told, "left_out": left_out, "by": by.name, "at": timezone.now().isoformat()}
    return _announce(EventType.DRIFT, found)


def send_test(*, webhook: Webhook, by: Author) -> Delivery:
    """Send a message that says nothing but that it arrives. Raises ValidationError."""
    with transaction.atomic():
        _require_active(webhook)
        return _announce_to([webhook], TEST, {"title": webhook.title, "by": by.name})[0]


def send_again(*, delivery: Delivery, by: Author) -> Delivery:
    """Try a message once more, at once, whatever became of it. Raises ValidationError."""
    with transaction.atomic():
        _require_active(delivery.webhook)
        delivery.state, delivery.due_at = Delivery.State.WAITING, timezone.now()
        delivery.save(update_fields=["state", "due_at"])
    return delivery


def _require_active(webhook: Webhook | None) -> None:
    if webhook:
        _require_present(webhook)
    if webhook is None or not webhook.is_active:
        raise ValidationError("It is switched off: nothing is sent to it.", code="switched-off")


def _announce(event: str, data: Mapping[str, object]) -> list[Delivery]:
    # Nobody removes one of them until the messages to it are there.
    active = Webhook.objects.select_for_update().filter(is_active=True)
    with transaction.atomic():
        return _announce_to([each for each in active if event in each.events], event, data)


def _announce_to(
    webhooks: Iterable[Webhook], event: str, data: Mapping[str, object]
) -> list[Delivery]:
    now = timezone.now()
    message = {"type": str(event), "timestamp": now.isoformat(), "data": data}
    body = json.dumps(message, ensure_ascii=False)
    return [
        Delivery.objects.create(
            webhook=each,
            title=each.title,
            message_id=f"msg_{uuid.uuid4().hex}",
            event=event,
            body=body,
            due_at=now,
            created_at=now,
        )
        for each in webhooks
    ]


# -- what became of it


def claim(*, due: datetime) -> tuple[Delivery, Webhook] | None:
    """A delivery that is `due` by then, and where it goes; or None.

    Nobody else gets it while the lease lasts.
    """
    while delivery := due_deliveries(due_at__lte=due).first():
        # Of several who see it, the one that moves it on has it.
        same = Delivery.objects.filter(pk=delivery.pk, due_at=delivery.due_at)
        if same.update(due_at=timezone.now() + LEASE) and delivery.webhook:
            return delivery, delivery.webhook
    return None


def record_attempt(
    *, delivery: Delivery, at: datetime, status: int | None, problem: str, milliseconds: int
) -> DeliveryAttempt:
    """Keep what came of an attempt at a delivery, and say when it is tried again, if it is."""
    arrived = status is not None and 200 <= status < 300
    with transaction.atomic():
        attempt = DeliveryAttempt.objects.create(
            delivery=delivery, at=at, status=status, problem=problem, milliseconds=milliseconds
        )
        tried = delivery.attempts.count()
        delivery.state, delivery.due_at = Delivery.State.DELIVERED, None
        if not arrived and (status == GONE or tried > len(WAITS)):
            delivery.state = Delivery.State.GIVEN_UP
        elif not arrived:
            delivery.state = Delivery.State.WAITING
            delivery.due_at = at + WAITS[tried - 1]
        # One that was removed meanwhile, or given up with its webhook, stays as it is.
        Delivery.objects.filter(pk=delivery.pk, webhook__isnull=False).update(
            state=delivery.state, due_at=delivery.due_at
        )
    return attempt
