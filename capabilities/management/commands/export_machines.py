from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ...deployment.formats import FORMATS, Format
from ...deployment.machine_files import UnwritableError
from ...deployment.selection import Selection, UnknownCapabilityError
from ...models import Kind, Release
from ..base import MachineCommand


class Command(MachineCommand):
    help = (
        "Write all machines, or some, in one format; the same machines give the same bytes. Where "
        "the format has a file for each machine, several are a zip, or files in a folder."
    )
    example = (
        "  manage.py export_machines --format fixture -o machines.json\n"
        "  manage.py export_machines --format notation --kind ideal --capability std_calibration\n"
        "  manage.py export_machines --format sphinx -o docs/capabilities/"
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
        parser.add_argument(
            "-o",
            "--output",
            metavar="PATH",
            help="a file, or a folder that is there; else standard output",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["release"] is not None:
            self._give(_frozen(options), options["output"])
            return
        chosen = FORMATS[options["format"]]
        try:
            selection = Selection.of(options["capability"], options["kind"])
            self._write(chosen, selection, options["output"])
        except (UnknownCapabilityError, UnwritableError) as error:
            raise CommandError(str(error)) from error

    def _write(self, chosen: Format, selection: Selection, output: str | None) -> None:
        if output and Path(output).is_dir():
            written = chosen.write(selection)
            files = {f"machines.{chosen.suffix}": written} if isinstance(written, str) else written
            for name, content in files.items():
                Path(output, name).write_bytes(_as_bytes(content))
            return
        self._give(chosen.export(selection).content, output)

    def _give(self, content: str | bytes, output: str | None) -> None:
        if output:
            Path(output).write_bytes(_as_bytes(content))
        elif isinstance(content, str):
            self.stdout.write(content, ending="")
        else:
            raise CommandError("This is no text; expected a file or a folder by --output.")


def _as_bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _frozen(options: dict[str, Any]) -> str:
    """The export of a release, byte for byte. Raises CommandError for what it cannot give."""
    if options["format"] != "fixture" or options["capability"] or options["kind"]:
        raise CommandError("A release is exported whole, as a fixture.")
    found = Release.objects.filter(number=options["release"]).first()
    if found is None:
        raise CommandError(f"There is no release {options['release']}.")
    return found.export
