from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ...deployment.formats import FORMATS
from ...deployment.selection import Selection, UnknownCapabilityError
from ...models import Kind, Release
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
        parser.add_argument(
            "--release", type=int, metavar="N", help="as frozen in this release; a fixture only"
        )
        parser.add_argument("-o", "--output", metavar="PATH", help="a file; else standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["release"] is not None:
            self._write(_frozen(options), options["output"])
            return
        try:
            selection = Selection.of(options["capability"], options["kind"])
        except UnknownCapabilityError as error:
            raise CommandError(str(error)) from error
        self._write(FORMATS[options["format"]].write(selection), options["output"])

    def _write(self, text: str, output: str | None) -> None:
        if output:
            Path(output).write_bytes(text.encode())
        else:
            self.stdout.write(text, ending="")


def _frozen(options: dict[str, Any]) -> str:
    """The export of a release, byte for byte. Raises CommandError for what it cannot give."""
    if options["format"] != "fixture" or options["capability"] or options["kind"]:
        raise CommandError("A release is exported whole, as a fixture.")
    found = Release.objects.filter(number=options["release"]).first()
    if found is None:
        raise CommandError(f"There is no release {options['release']}.")
    return found.export
