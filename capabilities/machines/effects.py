"""Effects: what a difference between two machines *does*, found by running both.

A run is one of either machine: every event of it fires there, and the other machine gets the same
events; a state that does not handle one stays, see `runs`. All runs count. They are not tried one
by one, of which there may be endlessly many, but by what can still become of them: where both
machines are, and how often each has done the action that is asked for. Of each effect the shortest
runs are kept that show it.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise, zip_longest
from typing import Generic, TypeVar

from .machine import Action, Machine, Transition
from .runs import Run, Step, run

BUDGET = 100_000
"""Steps that are tried at most for one comparison: less than a second's worth, and a hundred times
what two machines of 40 transitions that are like each other need."""


class EffectKind(StrEnum):
    """What becomes of an action: the old machine does it, the new one does not, and so on.

    TWICE stands for more than once.
    """

    LATER = "later"
    EARLIER = "earlier"
    NO_LONGER = "no longer"
    NEWLY = "newly"
    TWICE = "twice"
    ONCE = "only once"


@dataclass(frozen=True, slots=True)
class Way:
    """A run that shows an effect, the shortest that comes to it by its last event."""

    events: tuple[str, ...]
    old: Run
    new: Run

    @property
    def steps(self) -> tuple[tuple[str, Step | None, Step | None], ...]:
        """Each event, with what the old and the new machine do; None by one without states."""
        return tuple(zip_longest(self.events, self.old, self.new))


@dataclass(frozen=True, slots=True)
class ActionEffect:
    """Actions that one machine does and the other does not, or at another time, or more often.

    All of `actions` stand together in both machines, so they fare alike. `always` means that the
    machine that does not do them does not in any run.
    """

    kind: EffectKind
    actions: tuple[Action, ...]
    ways: tuple[Way, ...]
    always: bool = False


@dataclass(frozen=True, slots=True)
class OrderEffect:
    """Two actions of one step that the new machine does in this order, the old in the other one."""

    first: Action
    second: Action
    way: Way

    @property
    def ways(self) -> tuple[Way, ...]:
        return (self.way,)


@dataclass(frozen=True, slots=True)
class EndEffect:
    """Runs after which the machines are in different states, at least one of which is final."""

    old: str
    new: str
    old_is_final: bool
    new_is_final: bool
    ways: tuple[Way, ...]


Effect = ActionEffect | OrderEffect | EndEffect


@dataclass(frozen=True, slots=True)
class Effects:
    """All effects, those of one kind together; not `whole` when the search came to its bound."""

    found: tuple[Effect, ...] = ()
    whole: bool = True

    def __iter__(self) -> Iterator[Effect]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


def effects(old: Machine, new: Machine, *, budget: int = BUDGET) -> Effects:
    """What is done differently, in which run, and which runs end elsewhere.

    `budget` bounds the steps that are tried. Machines that only order their transitions differently
    have no effects.
    """
    if old.by_key == new.by_key and old.initial == new.initial:
        return Effects()
    search = _Search(old, new, budget)
    of_actions = [
        effect for actions in _alike((old, new)) for effect in _action_effects(search, actions)
    ]
    of_actions.sort(key=lambda effect: list(EffectKind).index(effect.kind))
    found: tuple[Effect, ...] = (*of_actions, *_order_effects(search), *_end_effects(search))
    return Effects(found, whole=search.budget > 0)


# -- The search

Memory = tuple[int, int]
"""How often the old and the new machine have done an action: 0, 1, or 2 for more."""

Side = int
OLD, NEW = 0, 1


@dataclass(frozen=True, slots=True)
class _Place:
    """Where both machines are (None: it has no states), and of which of them the run is one."""

    states: tuple[str | None, str | None]
    own: tuple[bool, bool] = (True, True)


@dataclass(frozen=True, slots=True)
class _Move:
    """One event, on both machines at once; a transition is None where the state ignores it."""

    event: str
    fired: tuple[Transition | None, Transition | None]
    to: _Place

    def times(self, action: Action) -> Memory:
        old, new = (each.actions.count(action) if each else 0 for each in self.fired)
        return old, new


@dataclass
class _Search:
    """Both machines under the same events."""

    old: Machine
    new: Machine
    budget: int

    @property
    def start(self) -> _Place:
        return _Place((self.old.initial, self.new.initial))

    @cached_property
    def moves(self) -> dict[_Place, list[_Move]]:
        """Every place that a run comes to, and every move from there."""
        found: dict[_Place, list[_Move]] = {}
        waiting = deque([self.start])
        while waiting:
            place = waiting.popleft()
            if place not in found and self.budget > 0:
                found[place] = self._moves(place)
                self.budget -= 1 + len(found[place])
                waiting.extend(move.to for move in found[place])
        return found

    def _moves(self, place: _Place) -> list[_Move]:
        old, new = (
            {transition.event: transition for transition in machine.by_source.get(state or "", ())}
            for machine, state in zip((self.old, self.new), place.states, strict=True)
        )
        moves = []
        for event in {**old, **new}:
            fired = old.get(event), new.get(event)
            own = place.own[OLD] and event in old, place.own[NEW] and event in new
            if any(own):
                states = tuple(
                    each.target if each else state
                    for each, state in zip(fired, place.states, strict=True)
                )
                moves.append(_Move(event, fired, _Place((states[OLD], states[NEW]), own)))
        return moves

    def able(self, side: Side, action: Action) -> set[_Place]:
        """The places from which some run goes on to where one machine does `action`."""
        able: set[_Place] = set()
        waiting: list[_Place] = []

        def add(place: _Place) -> None:
            if place not in able:
                able.add(place)
                waiting.append(place)

        for place, moves in self.moves.items():
            if any(move.times(action)[side] for move in moves):
                add(place)
        while waiting:
            for place in self._into.get(waiting.pop(), ()):
                add(place)
        return able

    @cached_property
    def _into(self) -> dict[_Place, list[_Place]]:
        found: dict[_Place, list[_Place]] = {}
        for place, moves in self.moves.items():
            for move in moves:
                found.setdefault(move.to, []).append(place)
        return found

    def steps(self, action: Action | None = None) -> Iterator["_Step"]:
        """Every step that a run can make, those of the shortest runs first.

        Runs that come to the same place are told apart by how often they have done `action`.
        """
        first = self.start, (0, 0)
        came: dict[_Node, tuple[_Node, str] | None] = {first: None}
        waiting: deque[_Node] = deque([first])
        while waiting:
            node = waiting.popleft()
            place, done = node
            for move in self.moves.get(place, ()):
                self.budget -= 1
                if self.budget <= 0:
                    return
                more = move.times(action) if action else (0, 0)
                memory = min(2, done[OLD] + more[OLD]), min(2, done[NEW] + more[NEW])
                yield _Step(self, came, node, move, memory)
                if (move.to, memory) not in came:
                    came[move.to, memory] = node, move.event
                    waiting.append((move.to, memory))


_Node = tuple[_Place, Memory]


@dataclass(frozen=True, slots=True)
class _Step:
    """A move of a run that came from `node`, and what has been done after it."""

    search: _Search
    came: dict[_Node, tuple[_Node, str] | None]
    node: _Node
    move: _Move
    done: Memory

    def way(self) -> Way:
        events, at = [self.move.event], self.came[self.node]
        while at is not None:
            node, event = at
            events.append(event)
            at = self.came[node]
        told = tuple(reversed(events))
        return Way(told, run(self.search.old, told), run(self.search.new, told))


T = TypeVar("T")


class _Ways(Generic[T]):
    """For each thing that is found, the shortest way by each transition that decides it."""

    def __init__(self) -> None:
        self.found: dict[T, dict[object, Way]] = {}

    def add(self, thing: T, step: _Step) -> None:
        deciders = self.found.setdefault(thing, {})
        if step.move.fired not in deciders:
            deciders[step.move.fired] = step.way()

    def of(self, thing: T) -> tuple[Way, ...]:
        return tuple(self.found[thing].values())


# -- Actions


def _alike(machines: Iterable[Machine]) -> list[tuple[Action, ...]]:
    """The actions of both machines, those together that both do at the same transitions."""
    places: dict[Action, list[tuple[int, Transition]]] = {}
    for side, machine in enumerate(machines):
        for transition in machine:
            for action in transition.actions:
                places.setdefault(action, []).append((side, transition))
    together: dict[tuple[tuple[int, Transition], ...], tuple[Action, ...]] = {}
    for action, where in places.items():
        together[tuple(where)] = (*together.get(tuple(where), ()), action)
    return list(together.values())


def _action_effects(search: _Search, actions: tuple[Action, ...]) -> Iterator[ActionEffect]:
    action = actions[0]
    old_able, new_able = search.able(OLD, action), search.able(NEW, action)

    def settled(place: _Place, done: Memory) -> set[EffectKind]:
        """What holds of every run that goes on from here."""
        old, new = done
        kinds = set()
        if place not in new_able:
            if old and not new:
                kinds.add(EffectKind.NO_LONGER)
            if old == 2 and new == 1:
                kinds.add(EffectKind.ONCE)
        if place not in old_able:
            if new and not old:
                kinds.add(EffectKind.NEWLY)
            if new == 2 and old == 1:
                kinds.add(EffectKind.TWICE)
        return kinds

    ways = _Ways[EffectKind]()
    for step in search.steps(action):
        place, before = step.node
        kinds = settled(step.move.to, step.done) - settled(place, before)
        if bool(before[OLD]) != bool(before[NEW]) and all(step.done):
            kinds.add(EffectKind.LATER if before[OLD] else EffectKind.EARLIER)
        for kind in kinds:
            ways.add(kind, step)
    for kind in EffectKind:
        if kind in ways.found:
            never = {EffectKind.NO_LONGER: new_able, EffectKind.NEWLY: old_able}.get(kind)
            always = never is not None and search.start not in never
            yield ActionEffect(kind, actions, ways.of(kind), always)


def _order_effects(search: _Search) -> Iterator[OrderEffect]:
    told = set()
    for step in search.steps():
        old, new = step.move.fired
        if old is None or new is None:
            continue
        was = {action: place for place, action in enumerate(old.actions)}
        common = [action for action in dict.fromkeys(new.actions) if action in was]
        for pair in pairwise(common):
            if was[pair[0]] > was[pair[1]] and pair not in told:
                told.add(pair)
                yield OrderEffect(*pair, step.way())


# -- Ends


def _end_effects(search: _Search) -> Iterator[EndEffect]:
    finals = search.old.finals, search.new.finals
    ways = _Ways[tuple[str, str]]()
    for step in search.steps():
        old, new = step.move.to.states
        fired = step.move.fired
        if old is None or new is None or old == new:
            continue
        if (fired[OLD] and old in finals[OLD]) or (fired[NEW] and new in finals[NEW]):
            ways.add((old, new), step)
    for old, new in ways.found:
        is_final = old in finals[OLD], new in finals[NEW]
        yield EndEffect(old, new, *is_final, ways.of((old, new)))
