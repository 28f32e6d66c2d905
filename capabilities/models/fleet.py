"""Many machines at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ..machines.checks import Finding, check
from ..machines.machine import Machine
from ..machines.vocabulary import Vocabulary
from .checks import SwitchedOffCheck
from .definitions import Capability, Definition, Kind
from .notes import Note
from .templates import Shelf


@dataclass(frozen=True)
class Checked:
    """What the checks say about one machine: findings, and those of checks that are off for it."""

    findings: tuple[Finding, ...]
    switched_off: tuple[tuple[SwitchedOffCheck, tuple[Finding, ...]], ...]


class Fleet:
    """Capabilities with their effective machines, in a number of queries that never grows."""

    def __init__(self, names: Iterable[str] | None = None, *, shelf: Shelf | None = None) -> None:
        capabilities = Capability.objects.all()
        if names is not None:
            capabilities = capabilities.filter(name__in=list(names))
        self.capabilities: list[Capability] = list(capabilities)
        self.shelf = shelf or Shelf()
        definitions = Definition.objects.whole()
        if names is not None:
            definitions = definitions.filter(capability__in=self.capabilities)
        self.definitions = {(each.capability.name, each.kind): each for each in definitions}
        self._machines: dict[tuple[str, str], Machine] = {}

    def definition(self, name: str, kind: str) -> Definition | None:
        """The capability's own definition of that kind."""
        return self.definitions.get((name, kind))

    def machine(self, name: str, kind: str) -> Machine:
        """The effective machine; an ideal without a definition is the same as current."""
        definition = self.definition(name, kind)
        if definition is None:
            return self.machine(name, Kind.CURRENT) if kind != Kind.CURRENT else Machine()
        if (name, kind) not in self._machines:
            self._machines[name, kind] = definition.machine(self.shelf)
        return self._machines[name, kind]

    def checked(
        self, name: str, kind: str, vocabulary: Vocabulary, *, typed: Machine | None = None
    ) -> Checked:
        """What the checks say about a machine, or about what is `typed` to be it."""
        definition = self.definition(name, kind) or self.definition(name, Kind.CURRENT)
        capability = self._by_name.get(name)
        found = check(
            self.machine(name, kind) if typed is None else typed,
            capability=name,
            vocabulary=vocabulary,
            unused=definition.unused(self.shelf) if definition and typed is None else (),
            requires_qa=capability is not None and capability.requires_qa,
        )
        off = self.switched_off.get((name, kind), [])
        codes = {each.code for each in off}
        return Checked(
            findings=tuple(each for each in found if each.code not in codes),
            switched_off=tuple(
                (each, tuple(finding for finding in found if finding.code == each.code))
                for each in off
            ),
        )

    @cached_property
    def _by_name(self) -> dict[str, Capability]:
        return {each.name: each for each in self.capabilities}

    @cached_property
    def switched_off(self) -> dict[tuple[str, str], list[SwitchedOffCheck]]:
        """The checks that are switched off, of every capability and kind."""
        found: dict[tuple[str, str], list[SwitchedOffCheck]] = {}
        for each in SwitchedOffCheck.objects.filter(
            capability__in=self.capabilities
        ).select_related("capability"):
            found.setdefault((each.capability.name, each.kind), []).append(each)
        return found

    @cached_property
    def notes(self) -> dict[tuple[str, str], list[Note]]:
        """The notes of every capability and kind."""
        notes: dict[tuple[str, str], list[Note]] = {}
        for note in Note.objects.filter(capability__in=self.capabilities).select_related(
            "capability"
        ):
            if note.capability:
                notes.setdefault((note.capability.name, note.kind), []).append(note)
        return notes

    @cached_property
    def questions(self) -> dict[tuple[str, str], list[Note]]:
        """The open questions of every capability and kind that has one."""
        asked = {
            whose: [note for note in notes if note.is_open] for whose, notes in self.notes.items()
        }
        return {whose: notes for whose, notes in asked.items() if notes}
