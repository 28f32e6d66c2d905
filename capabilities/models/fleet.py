"""Many machines at once."""

from collections.abc import Iterable
from functools import cached_property

from ..machines.machine import Machine
from .definitions import Capability, Definition, Kind
from .notes import Note
from .templates import Shelf


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
