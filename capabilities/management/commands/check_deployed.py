import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from ...deployment.databases import read_database
from ...deployment.drift_reports import Report, report_as_plain, report_of
from ...deployment.dumps import DumpError, Part, read_dump
from ...deployment.mapping import configured
from ...deployment.workspaces import machines_of
from ...machines.known_drift import State
from ..base import MachineCommand


class Command(MachineCommand):
    help = (
        "Compare a dump of the deployed rows with the current machines: one JSON file, the three "
        "tables as CSV, or a zip of them; or the database itself, which is only read. Exits with 1 "
        "for a broken row, and for drift that is unexplained, another one than was decided on, or "
        "overdue; with 2 when it could not look."
    )
    example = (
        "  manage.py check_deployed dump.json\n"
        "  manage.py check_deployed machines.csv transitions.csv actions.csv --json\n"
        "  manage.py check_deployed --database postgresql://reader@host/workspaces"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", help="a dump; - is standard input")
        parser.add_argument("--database", metavar="URL", help="postgresql://… or sqlite:///…")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        files, url = options["files"], options["database"]
        if bool(files) == bool(url):
            raise CommandError("Name the files of a dump, or a database by --database.")
        try:
            mapping = configured()
            if url:
                dump = read_database(url, mapping)
            else:
                dump = read_dump([Part(name, _content(name)) for name in files], mapping)
        except DumpError as error:
            raise CommandError(f"It could not be looked at: {error}") from error
        today = timezone.now().date()
        report = report_of(dump, machines_of(mapping=mapping), mapping, today)
        if options["json"]:
            self.say_json(report_as_plain(report))
        else:
            self._tell(report)
        if not report.is_in_step:
            self.found_something()

    def _tell(self, report: Report) -> None:
        for each in report.ignored:
            self.say(f"Not compared: {each}")
        for broken in report.broken:
            self.say(f"broken: {broken}")
        for standing in report.standings:
            if standing.drift and standing.state is not State.CLOSED:
                known = standing.known
                why = f" (until {known.until}, {known.owner}: {known.reason})" if known else ""
                name = standing.subject[0]
                for sentence in standing.drift.sentences:
                    line = f"{standing.state}: {name}: {standing.drift.sign} {sentence}"
                    self.say(line + (why if known and known.holds else ""))
        self.say(f"{report.verdict} Compared: {report.compared}.")


def _content(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error
