from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from ...deployment.audits import FORMATS, is_fine
from ...machines.narrowing import FILTERS, Narrowing
from ...models import survey
from ..base import MachineCommand


class Command(MachineCommand):
    help = (
        "Write the audit of all machines: current against ideal, and what the checks say. Exits "
        "with 1 when a machine differs from its ideal, or for an error."
    )
    example = (
        "  manage.py audit_machines --format markdown -o audit.md\n"
        "  manage.py audit_machines --format csv --only differs=yes"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        names = ", ".join(each.name for each in FILTERS)
        parser.add_argument("--format", default="markdown", choices=sorted(FORMATS))
        parser.add_argument(
            "--only",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help=f"as in the page's address; may be repeated: {names}, q",
        )
        parser.add_argument("-o", "--output", metavar="PATH", help="a file; else standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        asked = dict(_read(each) for each in options["only"])
        narrowing = Narrowing.of(asked)
        shown = narrowing.of_all(survey(timezone.now().date()))
        text = FORMATS[options["format"]].write(shown, narrowing)
        if options["output"]:
            Path(options["output"]).write_bytes(text.encode())
        else:
            self.stdout.write(text, ending="")
        if not is_fine(shown):
            self.found_something()


def _read(only: str) -> tuple[str, str]:
    name, _, value = only.partition("=")
    if name not in {"q", *(each.name for each in FILTERS)} or not value:
        raise CommandError(f"“{only}” is no filter; `--help` names them.")
    return name, value
