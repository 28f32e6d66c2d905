from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from ...authoring.imports import read_page
from ...machines.deviations import Standing
from ...machines.diff import Difference, diff
from ...machines.effects import Effects, effects
from ...machines.machine import Key, Machine
from ...machines.notation import read
from ...machines.plain import difference_as_plain, effect_as_plain, standing_as_plain
from ...machines.sentences import CALLED, difference_sentences, effect_sentence, verdict
from ...models import Fleet, Kind, deviations_of
from ..base import MachineCommand, read_file


@dataclass(frozen=True)
class Comparison:
    """Two machines, what they are called, what is different, what it does, what is decided."""

    title: str
    old: str
    new: str
    differences: tuple[Difference, ...]
    effects: Effects
    standings: dict[Key, Standing] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        title: str,
        old: tuple[str, Machine],
        new: tuple[str, Machine],
        standings: Iterable[Standing] = (),
    ) -> "Comparison":
        """Two machines, each with what it is called, and how their differences stand."""
        machines = old[1], new[1]
        decided = {each.key: each for each in standings}
        return cls(title, old[0], new[0], diff(*machines), effects(*machines), decided)


class Command(MachineCommand):
    help = (
        "Compare every capability's current with its ideal machine, or the machines of two files: "
        "pages, or single machines in the notation. Exits with 1 when there are differences."
    )
    example = "  manage.py diff_machines before.txt after.txt --json"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", metavar="FILE", help="two files; - for stdin")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        files = options["files"]
        if len(files) not in (0, 2):
            raise CommandError("Name two files to compare, or none to compare current with ideal.")
        compared = list(_of_files(*files) if files else _of_fleet())
        different = [each for each in compared if each.differences]
        if options["json"]:
            self.say_json({"comparisons": [_as_plain(each) for each in compared]})
        else:
            for each in different:
                self._tell(each)
            self.say(f"{len(different)} of {len(compared)} machines differ.")
        if different:
            self.found_something()

    def _tell(self, compared: Comparison) -> None:
        told = verdict(compared.differences, old=compared.old, new=compared.new)
        self.say(f"{compared.title}: {told}" if compared.title else told)
        for difference in compared.differences:
            for sentence in difference_sentences(difference):
                self.say(f"  {difference.sign} {sentence}")
        if compared.effects:
            self.say("  What will be done differently:")
        for effect in compared.effects:
            self.say(f"  * {effect_sentence(effect, old=compared.old, new=compared.new)}")


def _of_fleet() -> Iterator[Comparison]:
    fleet = Fleet()
    for name, standings in deviations_of(fleet, timezone.now().date()).items():
        current, ideal = (fleet.machine(name, kind) for kind in Kind.values)
        yield Comparison.of(name, (CALLED["old"], current), (CALLED["new"], ideal), standings)


def _of_files(old: str, new: str) -> Iterator[Comparison]:
    before, after = _machines(old), _machines(new)
    for title in dict.fromkeys((*before, *after)):
        machines = before.get(title, Machine()), after.get(title, Machine())
        yield Comparison.of(title, (old, machines[0]), (new, machines[1]))


def _machines(file: str) -> dict[str, Machine]:
    """The machines of a file by what they are called; a single machine is called nothing."""
    text = read_file(file)
    alone = read(text)
    if alone.transitions and not alone.mistakes:
        return {"": Machine(alone.transitions)}
    page = read_page(text)
    if page.mistakes:
        told = "\n".join(str(mistake) for mistake in page.mistakes)
        raise CommandError(f"{file} cannot be read.\n{told}")
    current = {each.capability: each.machine for each in page.machines if each.kind == Kind.CURRENT}
    machines = {
        f"{each.capability} {each.kind}": (
            current.get(each.capability) if each.machine is None else each.machine
        )
        or Machine()
        for each in page.machines
    }
    templates = {f"machine template {each.title}": each.machine for each in page.templates}
    return {**machines, **templates}


def _as_plain(compared: Comparison) -> dict[str, Any]:
    return {
        "title": compared.title,
        "verdict": verdict(compared.differences, old=compared.old, new=compared.new),
        "differences": [
            {
                **difference_as_plain(each),
                "deviation": standing_as_plain(compared.standings.get(each.key)),
            }
            for each in compared.differences
        ],
        "effects": [
            effect_as_plain(each, old=compared.old, new=compared.new) for each in compared.effects
        ],
    }
