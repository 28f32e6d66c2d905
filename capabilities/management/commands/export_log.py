from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ...deployment.log_files import FORMATS
from ...forms import LogForm
from ..base import MachineCommand

FILTERS = {
    "name": "a capability or a machine template, or a part of its name",
    "kind": "current or ideal",
    "actor": "a person, or a part of the name",
    "change": "a kind of change, such as removed",
    "way": "page, admin or command",
    "since": "the first day (UTC), such as 2026-01-31",
    "until": "the last day (UTC)",
    "text": "a text in the summary or the message",
    "request": "the id of one request",
}


class Command(MachineCommand):
    help = (
        "Write the audit log, or what is asked for of it, the oldest entry first. The JSON has "
        "every stored column, so that the digests can be computed anew from it."
    )
    example = (
        "  manage.py export_log --format json -o log.json\n"
        "  manage.py export_log --format csv --name std_calibration --since 2026-01-31"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=sorted(FORMATS), default="json")
        for name, told in FILTERS.items():
            parser.add_argument(f"--{name}", metavar=name.upper(), help=f"only {told}")
        parser.add_argument("-o", "--output", metavar="PATH", help="a file; else standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        form = LogForm({name: options[name] or "" for name in FILTERS})
        if not form.is_valid():
            told = [
                f"--{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items()
            ]
            raise CommandError("\n".join(told))
        lines = FORMATS[options["format"]].write(form.entries())
        if options["output"]:
            with Path(options["output"]).open("w", encoding="utf-8", newline="") as file:
                file.writelines(lines)
        else:
            for line in lines:
                self.stdout.write(line, ending="")
