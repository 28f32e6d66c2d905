from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from ... import sending
from ...auditing import Author
from ...authoring import releases, second_person
from ...authoring.releases import Found, Proposal
from ...deployment.selection import Selection, UnknownCapabilityError
from ...machines.sentences import count
from ...models import Kind, Release
from ..base import MachineCommand


class Command(MachineCommand):
    help = (
        "Release machines under the next number, or with --dry-run tell what that would change. "
        "Exits with 1, and releases nothing, for an error, for a warning that is not acknowledged, "
        "and where a release needs another person than who wrote what is new."
    )
    example = '  manage.py release_machines --title "QA before completion" --dry-run'

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--title", required=True, help="what the release is for, in one line")
        parser.add_argument("--notes", default="", help="for whoever deploys it")
        parser.add_argument("--kind", choices=Kind.values, default=Kind.CURRENT.value)
        parser.add_argument(
            "--capability", action="append", metavar="NAME", help="only this one; may be repeated"
        )
        parser.add_argument(
            "--acknowledge",
            action="append",
            default=[],
            metavar="CODE:MACHINE",
            help="a warning that may be released; may be repeated",
        )
        parser.add_argument("--dry-run", action="store_true", help="print the plan, do nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            selection = Selection.of(options["capability"])
        except UnknownCapabilityError as error:
            raise CommandError(str(error)) from error
        acknowledged = [_read(each) for each in options["acknowledge"]]
        by = Author.of_command("release_machines")
        proposed = releases.propose(selection.names, options["kind"], by)
        open_ones = [
            *proposed.errors,
            *(each for each in proposed.warnings if each.who not in acknowledged),
        ]
        stopped = bool(open_ones or proposed.written)
        made = None
        if not (stopped or options["dry_run"]):
            try:
                made = releases.release(
                    capabilities=list(selection.capabilities()),
                    kind=options["kind"],
                    title=options["title"],
                    notes=options["notes"],
                    acknowledged=acknowledged,
                    head=proposed.head,
                    by=by,
                )
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error
            except releases.ReleaseOutdatedError as error:
                raise CommandError(f"{error} Run it again.") from error
        if made:
            sending.send_now()
        if options["json"]:
            self.say_json(_as_plain(proposed, open_ones, made))
        else:
            self._tell(proposed, open_ones, made)
        if stopped:
            self.found_something()

    def _tell(self, proposed: Proposal, open_ones: list[Found], made: Release | None) -> None:
        self.say(proposed.plan.verdict)
        for change in proposed.plan.changed:
            self.say(f"For {change.title}:")
            for sentence in (*change.for_users, *change.sentences):
                self.say(f"  {sentence}")
        for sign, names in (("+", proposed.plan.added), ("−", proposed.plan.removed)):
            for name in names:
                self.say(f"{sign} {name}")
        for each in open_ones:
            word = str(each.finding.severity)
            self.say(f"{word:8} {each.finding.code}:{each.name} {each.finding.message}")
        if proposed.written:
            self.say(second_person.refusal(proposed.written))
        if made:
            self.say(f"Released: release {made.number}, SHA-256 {made.digest}.")
        elif proposed.written:
            self.say("Nothing is released by you.")
        elif open_ones:
            self.say(f"Nothing is released with {count(len(open_ones), 'open finding')}.")
        else:
            self.say(f"Would be released: release {proposed.number}.")


def _read(acknowledged: str) -> tuple[str, str]:
    code, colon, name = acknowledged.partition(":")
    if not (code and colon and name):
        raise CommandError(f"“{acknowledged}” names no warning; expected CODE:MACHINE.")
    return code, name


def _as_plain(
    proposed: Proposal, open_ones: list[Found], made: Release | None
) -> dict[str, object]:
    return {
        "number": proposed.number,
        "released": made is not None,
        "digest": made.digest if made else "",
        "plan": proposed.plan.plain,
        "written_by_you": [
            {"machine": each.name, "entry": each.sequence} for each in proposed.written
        ],
        "findings": [
            {
                "code": each.finding.code,
                "severity": str(each.finding.severity),
                "machine": each.name,
                "message": each.finding.message,
                "open": each in open_ones,
            }
            for each in proposed.findings
        ],
    }
