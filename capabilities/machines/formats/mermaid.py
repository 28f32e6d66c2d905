"""A machine as a Mermaid state diagram, which GitLab draws in a merge request."""

from collections.abc import Iterable

from ..diff import SIGNS, Difference, Kind
from ..machine import Machine, Transition
from ..notation import render_action

# What may stand in a label as it is; the rest of ASCII has a meaning to Mermaid somewhere.
_PLAIN = frozenset(" _./,")

# Mermaid writes `#35;` as “ﬂ°°35¶ß” while it reads, so these must not come from a name.
_SPECIAL = frozenset("°¶")


def mermaid(machine: Machine, differences: Iterable[Difference] = (), *, title: str = "") -> str:
    """The state diagram of a machine, with its `title` in a comment.

    `differences` are those from another machine to this one: each label says what became of its
    transition, and those that are gone are drawn, too, and say so. States have made-up ids.
    """
    found = tuple(differences)
    kinds = {each.key: each.kind for each in found}
    gone = [each.old for each in found if each.kind is Kind.REMOVED and each.old]
    states = (*machine.states, *(name for each in gone for name in (each.source, each.target)))
    ids = {state: f"s{number}" for number, state in enumerate(dict.fromkeys(states), start=1)}
    lines = ["stateDiagram-v2"]
    if title:
        lines.append(f"  %% {_escaped(title)}: a Mermaid diagram, written by smadmin")
    lines += [f'  state "{_escaped(state)}" as {made_up}' for state, made_up in ids.items()]
    if machine.initial is not None:
        lines.append(f"  [*] --> {ids[machine.initial]}")
    for each in (*machine, *gone):
        label = "<br/>".join(map(_escaped, _label(each, kinds.get(each.key, Kind.SAME))))
        lines.append(f"  {ids[each.source]} --> {ids[each.target]} : {label}")
    lines += [f"  {ids[state]} --> [*]" for state in machine.states if state in machine.finals]
    return "\n".join(lines) + "\n"


def _label(transition: Transition, kind: Kind) -> list[str]:
    changed = "" if kind is Kind.SAME else f"{SIGNS[kind]} {kind} "
    return [f"{changed}{transition.event}", *map(render_action, transition.actions)]


def _escaped(text: str) -> str:
    """A text in which nothing has a meaning to Mermaid: other characters as their numbers."""
    return "".join(
        letter if _is_plain(text, place) else f"#{ord(letter)};"
        for place, letter in enumerate(text)
    )


def _is_plain(text: str, place: int) -> bool:
    letter = text[place]
    if letter in _SPECIAL:
        return False
    if letter == "-":  # between letters it is no arrow
        return text[place - 1 : place].isalnum() and text[place + 1 : place + 2].isalnum()
    return letter.isalnum() or letter in _PLAIN or (ord(letter) > 127 and letter.isprintable())
