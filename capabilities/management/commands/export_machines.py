from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ...deployment.formats import FORMATS
from ...deployment.selection import Selection, UnknownCapabilityError
from ...models import Kind
from ..base import MachineCommand


class Command(MachineCommand):
    help = "Write all machines, or some, in one format; the same machines give the same bytes."
    example = (
        "  manage.py export_machines --format fixture -o machines.json\n"
        "  manage.py export_machines --format notation --kind ideal --capability std_calibration"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", required=True, choices=sorted(FORMATS))
        parser.add_argument("--kind", choices=Kind.values, help="only machines of this kind")
        parser.add_argument(
            "--capability", action="append", metavar="NAME", help="only this one; may be repeated"
        )
        parser.add_argument("-o", "--output", metavar="PATH", help="a file; else standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            selection = Selection.of(options["capability"], options["kind"])
        except UnknownCapabilityError as error:
            raise CommandError(str(error)) from error
        text = FORMATS[options["format"]].write(selection)
        if options["output"]:
            Path(options["output"]).write_bytes(text.encode())
        else:
            self.stdout.write(text, ending="")
