from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from ... import checkpoints
from ...auditing import Author
from ...machines.sentences import count
from ...models import AuditEntry
from ...verifying import Walk, faults
from ..base import MachineCommand

NONE_KEPT = "No checkpoint is kept: AUDIT_CHECKPOINT is empty."


class Command(MachineCommand):
    help = (
        "Walk the audit log from its first entry to its head, and name whatever is not as it was "
        "written. Every digest is computed anew; the log has to contain the entry that the "
        "checkpoint names, a file outside of the database (AUDIT_CHECKPOINT); every machine that "
        "there is has to be the one that its last entry ended with, and the triggers that keep the "
        "log have to be there. Exits with 1 when there is a fault."
    )
    example = (
        "  manage.py verify_audit --json\n\n"
        "restoring a backup: it is older than the checkpoint, so this command says that entries\n"
        "are missing, and the checkpoint stays where it is. That was meant? Then begin it anew at\n"
        "the end of the restored log, once; from then on this command tells that it was done:\n"
        "  manage.py verify_audit --accept"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument(
            "--accept",
            action="store_true",
            help="begin the checkpoint anew at the end of this log, after a backup was restored",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["accept"]:
            _begin_anew()
        walk = Walk()
        found = []
        for each in faults(walk):
            found.append(each)
            if not options["json"]:
                self.say(str(each))
        if options["json"]:
            self.say_json(
                {
                    "entries": walk.entries,
                    "faults": [asdict(each) for each in found],
                    "checkpoint": _checkpoint_parts(),
                }
            )
        else:
            noun = "entry" if walk.entries == 1 else "entries"
            self.say(f"{walk.entries} {noun}, {count(len(found), 'fault')}.")
            for line in _checkpoint_lines():
                self.say(line)
        if found:
            self.found_something()


def _begin_anew() -> None:
    last = AuditEntry.objects.order_by("-sequence").values_list("sequence", "digest").first()
    at = datetime.now(UTC).isoformat(timespec="seconds")
    by = Author.of_command("verify_audit").name
    if checkpoints.begin_anew(last or (0, ""), at=at, by=by) is None:
        raise CommandError(NONE_KEPT)


def _checkpoint() -> checkpoints.Checkpoint | None:
    try:
        return checkpoints.read()
    except checkpoints.CheckpointError:  # a fault, and told as one
        return None


def _checkpoint_parts() -> dict[str, Any] | None:
    checkpoint = _checkpoint()
    return asdict(checkpoint) if checkpoint else None


def _checkpoint_lines() -> Iterator[str]:
    checkpoint = _checkpoint()
    if not settings.AUDIT_CHECKPOINT:
        yield NONE_KEPT
    elif checkpoint:
        yield f"The checkpoint names entry {checkpoint.sequence}."
        for each in checkpoint.anew:
            yield (
                f"It was begun anew on {each.at} by {each.by}: "
                f"it named entry {each.was}, and then entry {each.became}."
            )
