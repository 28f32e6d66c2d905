from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from ...auditing import Author
from ...authoring import imports
from ...authoring.plans import Plan
from ...machines.plain import difference_as_plain
from ...machines.sentences import count, difference_sentences
from ..base import MachineCommand, read_file


class Command(MachineCommand):
    help = (
        "Import a page, one of our fixtures, or rows for Workspaces (workspaces-json), all of it "
        "or nothing. Rows hold what runs, so they become current machines; what is not in them "
        "stays: ideal machines, notes, the registry. Prints what it did, or with --dry-run what "
        "it would do. Exits with 2 for a file with errors."
    )
    example = "  manage.py import_machines page.txt --dry-run"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="a page, a fixture or rows; - is standard input")
        parser.add_argument("--dry-run", action="store_true", help="print the plan, do nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")
        parser.add_argument("--message", default="", help="why, for the audit log")

    def handle(self, *args: Any, **options: Any) -> None:
        text = read_file(options["file"])
        source = Path(options["file"]).name
        author = Author.of_command("import_machines")
        try:
            if options["dry_run"]:
                plan = imports.plan(text=text, source=source, by=author)
            else:
                plan = imports.run(text=text, source=source, message=options["message"], by=author)
        except imports.ImportRefusedError as refused:
            plan = refused.plan
        if options["json"]:
            self.say_json(_as_plain(plan))
        else:
            self._tell(plan, dry=options["dry_run"])
        if plan.mistakes:
            self.impossible()

    def _tell(self, plan: Plan, *, dry: bool) -> None:
        for mistake in plan.mistakes:
            self.say(str(mistake))
        if plan.mistakes:
            self.say(f"{count(len(plan.mistakes), 'error')}; nothing was imported.")
            return
        for each in plan.planned:
            self.say(f"{each.word:9} {each.title}" + (f": {each.made_of}" if each.made_of else ""))
            for difference in each.differences:
                for sentence in difference_sentences(difference):
                    self.say(f"            {difference.sign} {sentence}")
        for note in plan.notes:
            word = "question" if note.is_question else "note"
            told = f"new {word}" if note.new else "answer" if note.answers else word
            self.say(f"{told:9} {note.owner}: {note.text}")
        for warning in plan.warnings:
            self.say(f"warning   {warning}")
        for line in plan.ignored:
            self.say(f"ignored   line {line.line}: {line.text.strip()}")
        told = ", ".join(f"{number} {word}" for word, number in plan.counts.items())
        self.say(f"{'Would be imported' if dry else 'Imported'}: {told}.")


def _as_plain(plan: Plan) -> dict[str, Any]:
    return {
        "planned": [
            {
                "subject": each.subject,
                "name": each.name,
                "kind": each.kind,
                "word": each.word,
                "made_of": each.made_of,
                "differences": [difference_as_plain(one) for one in each.differences],
            }
            for each in plan.planned
        ],
        "notes": [
            {
                "owner": note.owner,
                "text": note.text,
                "line": note.line,
                "new": note.new,
                "question": note.is_question,
                "answers": note.answers,
            }
            for note in plan.notes
        ],
        "warnings": plan.warnings,
        "ignored": [{"line": each.line, "text": each.text} for each in plan.ignored],
        "errors": [
            {
                "line": mistake.line or None,
                "column": mistake.column or None,
                "code": mistake.code,
                "message": mistake.message,
            }
            for mistake in plan.mistakes
        ],
    }
