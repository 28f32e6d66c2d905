import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from ... import sending
from ...auditing import Author
from ...authoring import webhooks
from ...deployment.against import CURRENT, UnknownAgainstError, of_release, read_against
from ...deployment.databases import read_database
from ...deployment.drift_reports import Report, report_as_plain, report_of
from ...deployment.dumps import DumpError, Part, read_dump
from ...deployment.mapping import configured
from ...machines.known_drift import State
from ...models import Environment
from ..base import MachineCommand


class Command(MachineCommand):
    help = (
        "Compare a dump of the deployed rows with the current machines, with a release, or with "
        "the release that was deployed last in an environment. A dump is one JSON file, the three "
        "tables as CSV, or a zip of them; or the database itself, which is only read. Machines "
        "that the release does not have are not compared. Exits with 1 for a broken row, and for "
        "drift that is unexplained, another one than was decided on, or overdue; with 2 when it "
        "could not look."
    )
    example = (
        "  manage.py check_deployed dump.json\n"
        "  manage.py check_deployed machines.csv transitions.csv actions.csv --json\n"
        "  manage.py check_deployed dump.json --release 3\n"
        "  manage.py check_deployed --database postgresql://reader@host/workspaces "
        "--environment production"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", help="a dump; - is standard input")
        parser.add_argument("--database", metavar="URL", help="postgresql://… or sqlite:///…")
        against = parser.add_mutually_exclusive_group()
        against.add_argument("--release", type=int, metavar="N", help="compare with this release")
        against.add_argument(
            "--environment",
            choices=Environment.values,
            help="compare with the release that was deployed there last",
        )
        parser.add_argument(
            "--announce", action="store_true", help="tell webhooks when it exits with 1"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        files, url = options["files"], options["database"]
        if bool(files) == bool(url):
            raise CommandError("Name the files of a dump, or a database by --database.")
        name = options["environment"] or CURRENT
        if options["release"] is not None:
            name = of_release(options["release"])
        try:
            mapping = configured()
            against = read_against(name, mapping)
            if url:
                dump = read_database(url, mapping)
            else:
                dump = read_dump([Part(name, _content(name)) for name in files], mapping)
        except (DumpError, UnknownAgainstError) as error:
            raise CommandError(f"It could not be looked at: {error}") from error
        report = report_of(dump, against, mapping, timezone.now().date())
        plain = report_as_plain(report)
        if options["announce"] and not report.is_in_step:
            webhooks.announce_drift(report=plain, by=Author.of_command("check_deployed"))
            sending.send_now()
        if options["json"]:
            self.say_json(plain)
        else:
            self._tell(report)
        if not report.is_in_step:
            self.found_something()

    def _tell(self, report: Report) -> None:
        for each in report.not_compared:
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
        self.say(f"{report.verdict} {report.scope}")


def _content(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name} cannot be read: {error.strerror}.") from error
