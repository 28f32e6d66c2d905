"""What a page says, written into the database as layers.

Structure is recognised, not copied: what a machine has in common with the machine templates is not
stored again. What the page does not mention stays.
"""

from collections import defaultdict
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db.models import F

from ..auditing import Record
from ..machines.checks import near_capabilities
from ..machines.layers import Standing, changes_between, standing
from ..machines.machine import Machine, bind
from ..machines.matching import Match, match, nest
from ..machines.page import Page, PageMachine, PageTemplate
from ..machines.sentences import count
from ..models import (
    AuditEntry,
    Capability,
    Definition,
    Fleet,
    Kind,
    MachineTemplate,
    Note,
    Shelf,
    Stage,
)
from ..models.definitions import OWN_PARAMETER
from ..models.notes import ANSWER, answer_of, columns_of
from . import machine_templates, rows
from .plans import MACHINES, Layers, Plan, Planned, PlannedNote, Watch

Owner = tuple[int | None, str, int | None]
"""Whose a note is: a capability's and kind's, or a machine template's."""

TEMPLATE = AuditEntry.Subject.MACHINE_TEMPLATE.value
DEFINITION = AuditEntry.Subject.DEFINITION.value
SAME_AS_CURRENT = "the same as current"


class PageImport:
    """One page's way into the database; `write` is called once, inside a recorded write."""

    def __init__(self, page: Page, watch: Watch) -> None:
        self.page = page
        self.watch = watch
        self.layers: Layers = {}
        self.answered: list[Note] = []

    def write(self, record: Record, plan: Plan) -> Layers:
        """Write all of it; name in `record` what was written, in `plan` what was not.

        Returns which layers each machine has that was written.
        """
        self.record, self.plan = record, plan
        self._templates()
        self._machines()
        self._notes()
        return self.layers

    # -- machine templates

    def _templates(self) -> None:
        self.templates = present = {each.title: each for each in MachineTemplate.objects.all()}
        chains = Shelf()
        known = [each for each in self.page.templates if each.title in present]
        for item in sorted(known, key=lambda each: len(chains.chain(present[each.title].pk))):
            self._present_template(present[item.title], item.machine)
        # Behind a space, a title is no present machine template's name in an address.
        new = {f" {each.title}": each.machine for each in self.page.templates if each not in known}
        by_name = Shelf().by_slug()
        for candidate in nest(new, Shelf().candidates()):
            over = by_name[candidate.beneath] if candidate.beneath else None
            title = candidate.name.removeprefix(" ")
            created = machine_templates.create(title=title, over=over, layer=candidate.own)
            by_name[candidate.name] = self.templates[title] = created
            self._wrote_template(created, over)

    def _present_template(self, template: MachineTemplate, machine: Machine) -> None:
        shelf = Shelf()
        if shelf.machine(template.pk) == machine:
            self.plan.planned.append(Planned(TEMPLATE, template.slug, "", "unchanged"))
            return
        beneath = shelf.beneath(template.pk)
        rows.replace(template.rows, changes_between(beneath, machine), beneath=beneath)
        MachineTemplate.objects.filter(pk=template.pk).update(version=F("version") + 1)
        self._wrote_template(template, template.over)

    def _wrote_template(self, template: MachineTemplate, over: MachineTemplate | None) -> None:
        self.record.templates.add(template.pk)
        lines = template.rows.count()
        beneath = f" over “{over}”" if over else ""
        self.layers[TEMPLATE, template.slug, ""] = f"{count(lines, 'line')}{beneath}"

    # -- definitions

    def _machines(self) -> None:
        self.fleet = Fleet()
        self.shelf = self.fleet.shelf
        self.candidates = self.shelf.candidates()
        self.by_slug = self.shelf.by_slug()
        self.capabilities = self._all_capabilities()
        machines = sorted(self.page.machines, key=lambda each: each.kind != Kind.CURRENT)
        for done, item in enumerate(machines):
            self.watch(MACHINES, done, len(machines))
            self._machine(item, self.fleet.definition(item.capability, item.kind))

    def _all_capabilities(self) -> dict[str, Capability]:
        """Every capability by name; new ones have a current machine, if only an empty one."""
        present = {each.name: each for each in self.fleet.capabilities}
        kinds: dict[str, set[str]] = {}
        for item in self.page.machines:
            kinds.setdefault(item.capability, set()).add(item.kind)
        self._warn(list(present), [name for name in kinds if name not in present])
        created = Capability.objects.bulk_create(
            Capability(name=name) for name in kinds if name not in present
        )
        for capability in created:
            if Kind.CURRENT not in kinds[capability.name]:
                self._create(capability, Kind.CURRENT, Machine())
        return {**present, **{each.name: each for each in created}}

    def _warn(self, known: list[str], new: list[str]) -> None:
        """Say of each new capability that its name is nearly a known one's, or nearly one above."""
        try:
            for name, meant in near_capabilities(new, known):
                told = f"“{name}” would be a new capability; did you mean “{meant}”?"
                self.plan.warnings.append(told)
        except ValueError:
            told = "These are too many names to look for misspelt ones among the new capabilities."
            self.plan.warnings.append(told)

    def _machine(self, item: PageMachine, definition: Definition | None) -> None:
        capability = self.capabilities[item.capability]
        if item.machine is None and definition is None:
            self._unchanged(item, SAME_AS_CURRENT)
        elif item.machine is None and definition is not None:
            definition.delete()
            self._wrote(capability, item.kind, SAME_AS_CURRENT)
        elif item.machine is not None and definition is None:
            self._create(capability, item.kind, item.machine)
        elif item.machine is not None and definition is not None:
            self._rebase(definition, item)

    def _unchanged(self, item: PageMachine, made_of: str = "") -> None:
        planned = Planned(DEFINITION, item.capability, item.kind, "unchanged", made_of)
        self.plan.planned.append(planned)

    def _create(self, capability: Capability, kind: str, machine: Machine) -> None:
        definition = Definition(capability=capability, kind=kind)
        values = {OWN_PARAMETER: capability.name}
        machine = _bound(definition, machine, values)
        self._save(definition, match(machine, self.candidates, values=values))

    def _rebase(self, definition: Definition, item: PageMachine) -> None:
        """Lay a present definition anew, on another base only where that needs fewer overrides."""
        machine = _bound(definition, item.machine or Machine(), definition.values)
        if definition.machine(self.shelf) == machine:
            self._unchanged(item)
            return
        present = definition.matched(self.shelf, machine)
        self._save(
            definition,
            match(machine, self.candidates, values=definition.values, present=present),
        )

    def _save(self, definition: Definition, found: Match) -> None:
        if definition.pk:
            definition.version += 1
            definition.stages.all().delete()
        definition.machine_template = self.by_slug[found.template] if found.template else None
        definition.save()
        Stage.objects.bulk_create(
            Stage(definition=definition, machine_template=self.by_slug[slug], position=position)
            for position, slug in enumerate(found.stages)
        )
        rows.replace(definition.overrides, found.changes, beneath=found.base)
        self._wrote(definition.capability, definition.kind, self._described(found))

    def _wrote(self, capability: Capability, kind: str, made_of: str) -> None:
        self.record.definitions.add((capability.pk, kind))
        self.layers[DEFINITION, capability.name, kind] = made_of

    def _described(self, found: Match) -> str:
        parts = [self.by_slug[slug].title for slug in (found.template, *found.stages) if slug]
        standings = [standing(change, found.base) for change in found.changes]
        told = [f"{word} {standings.count(word)}" for word in Standing if word in standings]
        if told:
            parts.append(f"{count(len(standings), 'override')} ({', '.join(told)})")
        return " + ".join(parts) or "no transitions"

    # -- notes

    def _notes(self) -> None:
        """Add the notes that are new; a note that staff moved to another place is there already.

        An open question that is there, and is answered on the page, gets its answer.
        """
        present: dict[Owner, list[Note]] = defaultdict(list)
        for note in Note.objects.all():
            present[note.capability_id, note.kind, note.machine_template_id].append(note)
        fresh: list[Note] = []
        for item in self.page.machines:
            owner: Owner = (self.capabilities[item.capability].pk, item.kind, None)
            added = self._new_notes(f"{item.capability} {item.kind}", item, owner, present[owner])
            if added or self._answered(present[owner]):
                # An ideal that is the same as current has its notes, but no definition to name.
                kind = item.kind if self._has_definition(item) else Kind.CURRENT.value
                self.record.definitions.add((self.capabilities[item.capability].pk, kind))
            fresh += added
        for template in self.page.templates:
            pk = self.templates[template.title].pk
            added = self._new_notes(template.title, template, (None, "", pk), present[None, "", pk])
            if added or self._answered(present[None, "", pk]):
                self.record.templates.add(pk)
            fresh += added
        Note.objects.bulk_create(fresh)
        Note.objects.bulk_update(self.answered, ANSWER, batch_size=100)

    def _answered(self, present: list[Note]) -> bool:
        return any(note in self.answered for note in present)

    def _has_definition(self, item: PageMachine) -> bool:
        return item.machine is not None or item.kind == Kind.CURRENT

    def _new_notes(
        self, title: str, item: PageMachine | PageTemplate, owner: Owner, present: list[Note]
    ) -> list[Note]:
        known: dict[str, list[Note]] = defaultdict(list)
        for each in present:
            known[each.text].append(each)
        position = max((note.position for note in present), default=-1)
        fresh = []
        for note in item.notes:
            found = known[note.text].pop(0) if known[note.text] else None
            answers = bool(found and found.is_open and note.answer)
            self.plan.notes.append(
                PlannedNote(title, note.text, note.line, found is None, note.is_question, answers)
            )
            if found and answers:
                vars(found).update(answer_of(note))
                self.answered.append(found)
            if found is None:
                position += 1
                fresh.append(
                    Note(
                        capability_id=owner[0],
                        kind=owner[1],
                        machine_template_id=owner[2],
                        position=position,
                        **columns_of(note),
                    )
                )
        return fresh


def _bound(definition: Definition, machine: Machine, values: Mapping[str, str]) -> Machine:
    """The machine that a page means: a parameter in it stands for its value, as in a template."""
    try:
        return bind(machine, values)
    except ValueError as error:
        raise ValidationError(f"{definition} cannot be: {error}.") from error
