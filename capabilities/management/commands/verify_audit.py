from typing import Any

from django.core.management.base import CommandParser

from ...auditing import faults
from ...machines.sentences import count
from ...models import AuditEntry
from ..base import MachineCommand


class Command(MachineCommand):
    help = (
        "Walk the audit log's chain from the first entry to the last, computing every digest anew. "
        "Exits with 1, naming each bad entry, when it is broken."
    )
    example = "  manage.py verify_audit --json"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(faults())
        entries = AuditEntry.objects.count()
        if options["json"]:
            told = [{"sequence": each.sequence, "problem": each.problem} for each in found]
            self.say_json({"entries": entries, "faults": told})
        else:
            for each in found:
                self.say(f"entry {each.sequence} {each.problem}")
            noun = "entry" if entries == 1 else "entries"
            self.say(f"{entries} {noun}, {count(len(found), 'fault')}.")
        if found:
            self.found_something()
