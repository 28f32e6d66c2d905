"""Sending what waits for webhooks: by a thread of the process that announced it, or a command.

A page wakes the thread, which ends when nothing waits any more. What it did not send before its
process ended is sent by the next process that wakes one, or by `send_webhooks`. A message may
arrive twice, when a process dies between sending it and writing that down; its id tells.
"""

import logging
import threading
from collections.abc import Iterator

from django.db import Error, connection
from django.utils import timezone

from ..authoring import webhooks
from ..models import DeliveryAttempt
from ..models.webhooks import due_deliveries
from .posting import headers_of, post

logger = logging.getLogger(__name__)

LONGEST = 60.0  # seconds that the thread sleeps, whatever waits


def send_due() -> Iterator[DeliveryAttempt]:
    """Try each delivery that is due now once, one after the other; give what came of each."""
    started = timezone.now()
    while claimed := webhooks.claim(due=started):
        (delivery, webhook), at = claimed, timezone.now()
        headers = headers_of(delivery.message_id, delivery.body, webhook.secret, at)
        answer = post(webhook.url, delivery.body, headers)
        attempt = webhooks.record_attempt(
            delivery=delivery,
            at=at,
            status=answer.status,
            problem=answer.problem,
            milliseconds=answer.milliseconds,
        )
        told = f"{attempt.status or ''} {attempt.problem}".strip()
        logger.info("The message %s (%s): %s", delivery.message_id, delivery.event, told)
        yield attempt


def send_now() -> bool:
    """Send what is due, and keep from the caller what came of it; whether that could be done."""
    try:
        for _ in send_due():
            pass
    except Exception:
        logger.exception("What waits for webhooks could not be sent")
        return False
    return True


class Sender:
    """The thread of this process that sends, when there is one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.woken = threading.Event()
        self.is_awake = False

    def wake(self) -> None:
        with self.lock:
            self.woken.set()
            if not self.is_awake:
                self.is_awake = True
                threading.Thread(target=self.run, name="webhooks", daemon=True).start()

    def run(self) -> None:
        while (seconds := self.round()) is not None:
            connection.close()  # nobody needs it while this sleeps
            self.woken.wait(seconds)
        connection.close()

    def round(self) -> float | None:
        """Send what is due; the seconds until there may be more, None when this is the end."""
        self.woken.clear()
        try:
            if not send_now():
                return LONGEST
            waits = due_deliveries().values_list("due_at", flat=True).first()
        except Error:
            return LONGEST
        if waits is not None:
            left = (waits - timezone.now()).total_seconds()
            return min(max(left, 0.1), LONGEST)
        with self.lock:
            self.is_awake = self.woken.is_set()  # something came meanwhile
            return 0.0 if self.is_awake else None


_sender = Sender()


def wake() -> None:
    """Have what waits for webhooks sent, by a thread that ends when nothing does."""
    _sender.wake()
