from typing import Any

from django.core.management.base import CommandParser

from ...machines.layer_sentences import alike_sentence, nearer_verdict
from ...machines.matching import Match
from ...machines.sentences import override_sentences
from ...models import Alike, Fleet, Matched, Matching
from ..base import MachineCommand


class Command(MachineCommand):
    help = (
        "Say which machines are equal up to their name, and how far each is from every machine "
        "template. Exits with 1 when other layers would need fewer overrides for one of them."
    )
    example = "  manage.py match_machines --json"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        matching = Matching(Fleet())
        found, groups = matching.all(), matching.alike()
        near = [each for each in found if each.nearer]
        if options["json"]:
            self.say_json(
                {
                    "alike": [_group_as_plain(each) for each in groups],
                    "machines": [_as_plain(each) for each in found],
                }
            )
        else:
            for each in groups:
                self.say(alike_sentence(each.kind, each.group.names))
            for machine in found:
                self.say(matching.told(machine))
            self.say(nearer_verdict(len(near), len(found)))
        if near:
            self.found_something()


def _group_as_plain(each: Alike) -> dict[str, Any]:
    return {"kind": each.kind, "capabilities": list(each.group.names), "apart": each.apart}


def _as_plain(each: Matched) -> dict[str, Any]:
    present = _match_as_plain(each.present)
    return {
        "capability": each.definition.capability.name,
        "kind": each.definition.kind,
        "made_of": {**present, "overrides": each.overrides},
        "nearer": (
            {
                **_match_as_plain(each.nearer),
                "changes": override_sentences(each.nearer.changes, each.nearer.base),
            }
            if each.nearer
            else None
        ),
        "distances": [
            {
                "machine_template": distance.base.template,
                "stages": list(distance.base.stages),
                "overrides": distance.changes,
            }
            for distance in each.distances
        ],
    }


def _match_as_plain(match: Match) -> dict[str, Any]:
    return {
        "machine_template": match.template,
        "stages": list(match.stages),
        "overrides": len(match.changes),
    }
