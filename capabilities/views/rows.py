"""The rows that an editor shows: each transition, where it comes from, what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from ..machines.layers import Layer, Row, Standing, lay, standing, trace
from ..machines.machine import Key, Machine, Transition, bind, bind_transition
from ..machines.notation import render_transition
from ..models import Definition, LayerRow, Note, Shelf

STANDINGS = {
    Standing.ADDS: "added here",
    Standing.OVERRIDES: "overridden here",
    Standing.REMOVES: "dropped here",
    Standing.REDUNDANT: "redundant here",
    Standing.STALE: "drops nothing",
}


@dataclass(frozen=True)
class ShownRow:
    """One row of the table; `transition` is None for a ghost, `own` the row that staff wrote.

    `number` counts the transitions from 1, as the diagram does; a ghost has the number that its
    transition would have. `moved` is the line that an own row covered when it was written, if
    another one lies there today.
    """

    number: int
    key: Key
    transition: Transition | None
    covered: Transition | None
    origin: str
    standing: Standing | None
    own: LayerRow | None
    moved: str
    notes: Sequence[Note]
    is_last: bool

    @property
    def chip(self) -> str:
        """Where the row comes from, in words."""
        if self.standing:
            return STANDINGS[self.standing]
        return self.origin if self.transition else f"dropped by {self.origin}"

    @property
    def word(self) -> str:
        """The same as a word for the style sheet."""
        if self.standing:
            return str(self.standing)
        return "inherited" if self.transition else "removes"

    @property
    def questions(self) -> list[Note]:
        """Those of its notes that are open questions."""
        return [note for note in self.notes if note.is_open]

    @property
    def other_notes(self) -> list[Note]:
        return [note for note in self.notes if not note.is_open]

    @property
    def can_restore(self) -> bool:
        """Whether taking the own row away brings something else back."""
        return self.standing is not None and self.standing != Standing.ADDS

    @property
    def drop_label(self) -> str:
        return "Remove" if self.standing == Standing.ADDS else "Drop"

    @property
    def in_url(self) -> str:
        """The key as a query, to open the row by."""
        return urlencode({"source": self.key.source, "event": self.key.event})

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @property
    def is_ghost(self) -> bool:
        return self.transition is None

    @property
    def shown(self) -> Transition | None:
        """What the row shows: the transition, or for a ghost the one that it was."""
        return self.transition or self.covered


def rows_of_definition(
    definition: Definition, shelf: Shelf, notes: Iterable[Note]
) -> list[ShownRow]:
    """The rows of a definition's effective machine, its parameters bound."""
    own = {override.key: override for override in definition.overrides.all()}
    return _rows(definition.layers(shelf), own, definition.values, notes)


def rows_of_template(pk: int, shelf: Shelf, notes: Iterable[Note]) -> list[ShownRow]:
    """The rows of a machine template's machine, its parameters as they are written."""
    template = shelf.templates[pk]
    layers = [(each.title, shelf.own(each.pk)) for each in shelf.chain(pk)[:-1]]
    own: dict[Key, LayerRow] = {row.key: row for row in template.rows.all()}
    return _rows([*layers, ("", shelf.own(pk))], own, {}, notes)


def _rows(
    layers: Sequence[tuple[str, Layer]],
    own: Mapping[Key, LayerRow],
    values: Mapping[str, str],
    notes: Iterable[Note],
) -> list[ShownRow]:
    """The last layer is the one whose rows, `own`, are written in this editor."""
    beneath = lay(Machine(), *(layer for _, layer in layers[:-1]))
    beneath = bind(beneath, values)
    at: dict[Key | None, list[Note]] = {}
    for note in notes:
        at.setdefault(note.key, []).append(note)
    number = 1
    shown = []
    traced = trace(*(layer for _, layer in layers))
    last = sum(row.transition is not None for row in traced)
    for row in traced:
        mine = own.get(row.key) if row.layer == len(layers) - 1 else None
        shown.append(
            ShownRow(
                number=number,
                key=row.key,
                transition=_bound(row.transition, values),
                covered=_bound(row.covered, values),
                origin=layers[row.layer][0],
                standing=standing(row.change, beneath) if mine else None,
                own=mine,
                moved=_moved(mine, row, values),
                notes=at.get(row.key, []),
                is_last=number == last,
            )
        )
        number += row.transition is not None
    return shown


def _bound(transition: Transition | None, values: Mapping[str, str]) -> Transition | None:
    return transition and bind_transition(transition, values)


def _moved(mine: LayerRow | None, row: Row, values: Mapping[str, str]) -> str:
    if mine is None:
        return ""
    covered = _bound(row.covered, values)
    today = render_transition(covered) if covered else ""
    if mine.beneath == today:
        return ""
    return mine.beneath or "nothing"
