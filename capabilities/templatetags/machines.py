"""What pages need to show the values of the pure core."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django import template

from ..machines.diff import SIGNS, ActionDifference, Difference, Kind
from ..machines.machine import Action, Key, Machine, Transition
from ..machines.notation import render_action, render_transition

register = template.Library()

_SAID = {Kind.REMOVED: "no longer", Kind.ADDED: "new", Kind.CHANGED: "other argument"}


@dataclass(frozen=True)
class Fate:
    """What became of one action: a sign, a word, and its text in pieces, each gone, new or kept."""

    kind: str
    sign: str
    said: str
    pieces: tuple[tuple[str, str], ...]


@register.filter
def notation(action: Action) -> str:
    """An action as it is written: {SendMessage execution_complete}."""
    return render_action(action)


@register.filter
def argument_of(kinds: Mapping[str, str], action: str) -> str:
    """The kind of argument that an action takes, by what is known of actions."""
    return kinds.get(action, "")


@register.filter
def line(transition: Transition) -> str:
    """A transition as it is written, on one line."""
    return render_transition(transition)


@register.filter
def place_in(key: Key, machine: Machine) -> int:
    """Where the transition at `key` stands in the machine, from 1, as its row is numbered."""
    return list(machine.by_key).index(key) + 1


@register.filter
def fates(difference: Difference) -> list[Fate]:
    """The actions of both sides of a difference, each with what became of it."""
    if not (difference.old and difference.new and difference.actions):
        side = difference.new or difference.old
        gone = "del" if difference.new is None else "ins" if difference.old is None else ""
        actions = side.actions if side else ()
        return [Fate(Kind.SAME, "", "", ((render_action(each), gone),)) for each in actions]
    kinds = enumerate(difference.kinds_of(is_new=False), start=1)
    places = [place for place, kind in kinds if kind is Kind.MOVED]
    found = []
    for each in difference.actions:
        said = _SAID.get(each.kind, "")
        if each.kind is Kind.MOVED:
            place = next(at for at in places if difference.old.actions[at - 1] == each.old)
            places.remove(place)
            said = f"moved, was at place {place}"
        sign = SIGNS[each.kind] if said else ""
        found.append(Fate(each.kind, sign, said, tuple(_pieces(each))))
    return found


def _pieces(each: ActionDifference) -> Iterator[tuple[str, str]]:
    """The text of an action; of one with another argument, both arguments."""
    if each.kind is Kind.CHANGED and each.old and each.new:
        name = render_action(Action(each.new.name))[:-1]
        yield name, ""
        for action, what in ((each.old, "del"), (each.new, "ins")):
            if action.argument:
                yield " ", ""
                yield render_action(action)[len(name) + 1 : -1], what
        yield "}", ""
    elif either := each.new or each.old:
        what = {Kind.ADDED: "ins", Kind.REMOVED: "del"}.get(each.kind, "")
        yield render_action(either), what


@register.filter
def number_of(key: Key, numbers: Mapping[Key, int] | str) -> int | None:
    """The number of a transition's row; None on a page that numbers none."""
    return numbers[key] if isinstance(numbers, Mapping) else None
