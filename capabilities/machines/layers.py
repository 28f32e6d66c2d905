"""Layers: puts and drops, each for one key, laid over whatever is beneath.

A machine template is a layer (perhaps over another one), a stage is one, and so are the overrides
of a definition. Only decisions are written down; what they come to is computed here, each time:

| standing    | a put                                       | a drop                   |
|-------------|---------------------------------------------|--------------------------|
| *adds*      | of a key that nothing beneath has           |                          |
| *overrides* | of a key that is there, with something else |                          |
| *removes*   |                                             | of a key that is there   |
| *redundant* | of exactly what is there, where it is       |                          |
| *stale*     |                                             | of a key that is not     |
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from .machine import Key, Machine, Transition

START = Key("", "")
"""As `Put.after`: before every other transition. No transition has this key, names being non-empty.
"""


@dataclass(frozen=True, slots=True)
class Put:
    """Have this transition at its key.

    Where nothing beneath has the key it goes to the end; else it takes the place of what is there.
    `after` says otherwise: behind the transition with that key, or first (START). When there is no
    such transition (any more), it is as if `after` were not given.
    """

    transition: Transition
    after: Key | None = None

    @property
    def key(self) -> Key:
        return self.transition.key


@dataclass(frozen=True, slots=True)
class Drop:
    """Have no transition at this key."""

    key: Key


Change = Put | Drop
Layer = tuple[Change, ...]
"""Changes in their order, at most one a key. Drops come to pass before puts."""


class Standing(StrEnum):
    """What a put or drop does to what lies beneath; see the table above."""

    ADDS = "adds"
    OVERRIDES = "overrides"
    REMOVES = "removes"
    REDUNDANT = "redundant"
    STALE = "stale"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of layers laid over each other, and where it comes from.

    `transition` is None for a ghost: a key that the layer dropped. `layer` is the index of the last
    layer that changed this key, `change` what it said, `covered` what lay beneath it there.
    """

    key: Key
    transition: Transition | None
    layer: int
    change: Change
    covered: Transition | None


def lay(beneath: Machine, *layers: Layer) -> Machine:
    """Lay each layer over what is beneath it, in order, and return the machine that it makes."""
    rows = trace(as_layer(beneath), *layers)
    return Machine(tuple(row.transition for row in rows if row.transition is not None))


def as_layer(machine: Machine) -> Layer:
    """The layer that makes `machine` out of nothing."""
    return tuple(Put(transition) for transition in machine)


def trace(*layers: Layer) -> tuple[Row, ...]:
    """Lay the layers over nothing, in order, keeping of each line where it comes from.

    Ghosts stay where the transition was; a drop of a key that was never there comes last.
    """
    chain = _Chain()
    for index, layer in enumerate(layers):
        for change in layer:
            if isinstance(change, Drop):
                covered = chain.transition(change.key)
                chain.put(Row(change.key, None, index, change, covered), after=None)
        for change in layer:
            if isinstance(change, Put):
                covered = chain.transition(change.key)
                row = Row(change.key, change.transition, index, change, covered)
                chain.put(row, after=change.after)
    return tuple(chain)


def standing(change: Change, beneath: Machine) -> Standing:
    """What `change` does to `beneath`, the machine that all layers under it make."""
    covered = beneath.by_key.get(change.key)
    if isinstance(change, Drop):
        return Standing.REMOVES if covered else Standing.STALE
    if covered is None:
        return Standing.ADDS
    if lay(beneath, (change,)) == beneath:
        return Standing.REDUNDANT
    return Standing.OVERRIDES


def with_put(machine: Machine, key: Key | None, transition: Transition) -> Machine:
    """The machine with `transition` in the place of the one at `key` or at its own key, or last.

    Another transition with its key goes.
    """
    place = key if key in machine.by_key else transition.key
    kept = []
    for each in machine:
        if each.key == place:
            kept.append(transition)
        elif each.key not in (key, transition.key):
            kept.append(each)
    return Machine((*kept, *(() if place in machine.by_key else (transition,))))


def changes_between(old: Machine, new: Machine) -> Layer:
    """The fewest changes that, laid over `old`, give `new`, its order included.

    A drop for each key that went; a put for each that came or is another transition now; and a put
    for each of the fewest transitions that have to move for the rest to keep their order.
    """
    drops = [Drop(key) for key in old.by_key if key not in new.by_key]
    staying = keys_in_place(old, new)
    last_in_place = next((t.key for t in reversed(new.transitions) if t.key in staying), None)
    puts: list[Put] = []
    before = START
    at_the_end = last_in_place is None
    for transition in new:
        key = transition.key
        if key in staying:
            if transition != old.by_key[key]:
                puts.append(Put(transition))
        elif at_the_end and key not in old.by_key:
            puts.append(Put(transition))
        else:
            puts.append(Put(transition, after=before))
        at_the_end = at_the_end or key == last_in_place
        before = key
    return (*drops, *puts)


def keys_in_place(old: Machine, new: Machine) -> frozenset[Key]:
    """Keys that stand in the same order in both, so that the fewest changes give the rest.

    As many as can be of those with the same transition in both, each of which would need a change
    only to move; then as many as can be of the others, which need one anyway.
    """
    positions = {key: position for position, key in enumerate(old.by_key, start=1)}
    common = [key for key in new.by_key if key in positions]
    # The heaviest increasing run of positions. A run is its weight and the index in `common` of
    # its last key; `heaviest` is a Fenwick tree of the heaviest run up to each position.
    heaviest = [(0, -1)] * (len(positions) + 1)

    def heaviest_up_to(position: int) -> tuple[int, int]:
        found = heaviest[0]
        while position:
            found = max(found, heaviest[position])
            position &= position - 1
        return found

    before: list[int] = []
    for index, key in enumerate(common):
        position = positions[key]
        weight, last = heaviest_up_to(position - 1)
        before.append(last)
        weight += len(common) + 1 if old.by_key[key] == new.by_key[key] else 1
        while position < len(heaviest):
            heaviest[position] = max(heaviest[position], (weight, index))
            position += position & -position
    run: list[Key] = []
    _, at = heaviest_up_to(len(positions))
    while at >= 0:
        run.append(common[at])
        at = before[at]
    return frozenset(run)


class _Chain:
    """Rows in an order that can be changed anywhere in constant time: a linked list by key."""

    def __init__(self) -> None:
        self._rows: dict[Key, Row] = {}
        self._next: dict[Key, Key] = {START: START}
        self._previous: dict[Key, Key] = {START: START}

    def __iter__(self) -> Iterator[Row]:
        at = self._next[START]
        while at != START:
            yield self._rows[at]
            at = self._next[at]

    def transition(self, key: Key) -> Transition | None:
        row = self._rows.get(key)
        return row.transition if row else None

    def put(self, row: Row, after: Key | None) -> None:
        """Set the row of a key: in the place that it has, at the end, or after another one."""
        key = row.key
        if row.transition is not None and key in self._rows:
            moves = self._is_live(after) and after != key
            if moves or self._rows[key].transition is None:
                self._unlink(key)
        if key not in self._rows:
            self._link(key, after if after is not None and self._is_live(after) else None)
        self._rows[key] = row

    def _is_live(self, key: Key | None) -> bool:
        return key == START or (key in self._rows and self._rows[key].transition is not None)

    def _link(self, key: Key, after: Key | None) -> None:
        previous = self._previous[START] if after is None else after
        following = self._next[previous]
        self._next[previous] = self._previous[following] = key
        self._next[key], self._previous[key] = following, previous

    def _unlink(self, key: Key) -> None:
        previous, following = self._previous.pop(key), self._next.pop(key)
        self._next[previous], self._previous[following] = following, previous
        del self._rows[key]
