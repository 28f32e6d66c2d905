"""What pages need to show the values of the pure core."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import template

from ..machines.diff import SIGNS, Difference, Kind
from ..machines.machine import Action, Key, Machine, Transition
from ..machines.notation import render_action, render_transition

register = template.Library()

_OLD = {Kind.REMOVED: "no longer", Kind.CHANGED: "was", Kind.MOVED: "moved"}
_NEW = {Kind.ADDED: "new", Kind.CHANGED: "is now", Kind.MOVED: "moved"}


@dataclass(frozen=True)
class Fate:
    """What became of one action, as one side of a difference shows it: a sign and a word."""

    action: Action
    sign: str
    word: str
    said: str


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
def fates(difference: Difference, is_new: bool) -> list[Fate]:
    """The actions of the old or the new side, each with what became of it, in that side's order."""
    side = difference.new if is_new else difference.old
    words = _NEW if is_new else _OLD
    if side is None:
        return []
    waiting = list(difference.actions)
    shown = []
    for action in side.actions:
        change = next(
            (each for each in waiting if (each.new if is_new else each.old) == action), None
        )
        if change:
            waiting.remove(change)
        said = words.get(change.kind, "") if change else ""
        kind = change.kind if change and said else Kind.SAME
        sign = SIGNS[kind] if said else ""
        shown.append(Fate(action, sign, str(kind), said))
    return shown
