from typing import Any

from django.core.management.base import CommandParser

from ...authoring.imports import read_page
from ...deployment.pages import page_of
from ...deployment.selection import Selection
from ...machines.checks import Severity
from ...machines.page import Page
from ...machines.plain import PageFinding, findings_of, page_as_plain
from ...machines.sentences import count
from ...machines.vocabulary import PUBLISHED
from ...models import Fleet, vocabulary
from ..base import MachineCommand, read_file


class Command(MachineCommand):
    help = (
        "Parse and check the machines of a file, without touching the database; without a file, "
        "check what is stored. Exits with 1 for an error or a warning, with 2 for a file that "
        "cannot be read."
    )
    example = "  manage.py check_machines page.txt --json"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", help="a page in the notation; - is standard input")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["file"]:
            page = read_page(read_file(options["file"]))
            known = PUBLISHED.with_workflows({item.capability for item in page.machines})
            findings = [] if page.mistakes else findings_of(page, known)
        else:
            page = page_of(Selection())
            findings = _findings_of_stored(page)
        if options["json"]:
            self.say_json(page_as_plain(page, findings))
        else:
            self._tell(page, findings)
        if page.mistakes:
            self.impossible()
        if any(finding.severity != Severity.INFO for _, finding in findings):
            self.found_something()

    def _tell(self, page: Page, findings: list[PageFinding]) -> None:
        for mistake in page.mistakes:
            self.say(str(mistake))
        for item, finding in findings:
            where = f" line {item.lines[finding.key]}" if finding.key in item.lines else ""
            self.say(
                f"{item.capability} {item.kind}{where}: "
                f"{finding.severity} {finding.code}: {finding.message}"
            )
        capabilities = len({item.capability for item in page.machines})
        noun = "capability" if capabilities == 1 else "capabilities"
        self.say(
            f"{capabilities} {noun}, {count(len(page.templates), 'machine template')}, "
            f"{count(len(page.mistakes), 'error')}, {count(len(findings), 'finding')}, "
            f"{count(len(page.ignored), 'line')} ignored."
        )


def _findings_of_stored(page: Page) -> list[PageFinding]:
    """Those of checks that are switched off for a machine are none."""
    fleet, known = Fleet(), vocabulary()
    return [
        (item, finding)
        for item in page.machines
        if item.machine is not None
        for finding in fleet.checked(item.capability, item.kind, known).findings
    ]
