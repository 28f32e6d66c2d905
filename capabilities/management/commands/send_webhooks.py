from typing import Any

from django.core.management.base import CommandParser

from ... import sending
from ...machines.sentences import count
from ...models import Delivery, DeliveryAttempt
from ..base import MachineCommand


class Command(MachineCommand):
    help = (
        "Send what waits for webhooks and is due, each message once; what fails is tried again "
        "later. The server does that too; this is for what waits when none runs, so let it run "
        "every few minutes. Exits with 1 when a message did not arrive."
    )
    example = "  manage.py send_webhooks --json"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        attempts = []
        for attempt in sending.send_due():
            attempts.append(attempt)
            if not options["json"]:
                self.say(_told(attempt))
        if options["json"]:
            self.say_json({"attempts": [_as_plain(each) for each in attempts]})
        elif not attempts:
            self.say("Nothing is due.")
        if any(each.delivery.state != Delivery.State.DELIVERED for each in attempts):
            self.found_something()


def _told(attempt: DeliveryAttempt) -> str:
    delivery = attempt.delivery
    came = f"{attempt.status or 'no answer'} {attempt.problem}".strip()
    tried = count(delivery.attempts.count(), "attempt")
    return f"{delivery.state}: {delivery.event} to {delivery.title}: {came} ({tried})"


def _as_plain(attempt: DeliveryAttempt) -> dict[str, object]:
    delivery = attempt.delivery
    return {
        "id": delivery.message_id,
        "event": delivery.event,
        "webhook": delivery.title,
        "state": delivery.state,
        "status": attempt.status,
        "problem": attempt.problem,
        "milliseconds": attempt.milliseconds,
        "next": delivery.due_at.isoformat() if delivery.due_at else None,
    }
