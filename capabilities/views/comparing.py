"""Two machines compared: what every page shows that compares two, and the links to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from ..forms.comparing import AFTER, CAPABILITY, ENTRY, TEMPLATE, TEXT, Asked
from ..machines.diagram import Side
from ..machines.diff import Kind
from ..machines.effects import effects
from ..machines.machine import Machine
from ..machines.notation import render
from ..machines.sentences import effect_sentence, headline
from ..machines.union import SIGNS_OF_A_PICTURE, Union, text_lines
from ..models import AuditEntry, Note
from .access import SEE_LOG, may
from .panes import union_picture

LINK_LENGTH = 4_000
"""Characters of a permanent link; servers take little more in the first line of a request."""


@dataclass(frozen=True)
class View:
    """A way to look at the one picture: both machines, or one of them alone."""

    side: Side
    label: str
    url: str
    is_here: bool


def compared(
    request: HttpRequest,
    old: Machine,
    new: Machine,
    *,
    called: tuple[str, str],
    words: tuple[str, str],
    asked: Iterable[Note] = (),
    show: str = "",
) -> dict[str, Any]:
    """What `parts/_comparison.html` shows of two machines.

    `called` are their names as sentences have them, `words` those of one word. Open questions of
    the notes `asked` are marked in the picture. `show` is which one is looked at; it comes from the
    address unless it was posted.
    """
    union, found = Union(old, new), effects(old, new)
    side = _shown(show or request.GET.get("show", "")) if union.differences else Side.BOTH
    marks = {mark.kind for each in union.differences for mark in each.marks}
    return {
        "union": union,
        "differences": union.differences,
        "numbers": union.numbers,
        "verdict": headline(union.differences, old=called[0], new=called[1]),
        "picture": union_picture(union, name=_picture_name(called, side), side=side, asked=asked),
        "shown": side,
        "views": _views(request, side, words) if union.differences else [],
        "legend": [mark for mark in SIGNS_OF_A_PICTURE if mark.kind in _with_states(union, marks)],
        "effects": [
            {"sentence": effect_sentence(each, old=called[0], new=called[1]), "ways": each.ways}
            for each in found
        ],
        "effects_are_whole": found.whole,
        "words": words,
        "text_lines": text_lines(union),
    }


def _shown(asked: str) -> Side:
    return Side(asked) if asked in list(Side) else Side.BOTH


def _picture_name(called: tuple[str, str], side: Side) -> str:
    if side is Side.BOTH:
        return f"Diagram of both: {called[0]} and {called[1]}"
    return f"Diagram: {called[0] if side is Side.OLD else called[1]}"


def _with_states(union: Union, marks: set[str]) -> set[str]:
    """The kinds that the picture has, those of states and of single actions included."""
    nodes = {str(node.kind) for node in union.diagram.nodes}
    actions = {str(action.kind) for each in union.differences for action in each.changed_actions}
    return (marks | nodes | actions) - {Kind.SAME}


def _views(request: HttpRequest, side: Side, words: tuple[str, str]) -> list[View]:
    labels = {Side.BOTH: "Both", Side.OLD: f"Only {words[0]}", Side.NEW: f"Only {words[1]}"}
    views = []
    for each, label in labels.items():
        query = request.GET.copy()
        query["show"] = each
        if each is Side.BOTH:
            del query["show"]
        views.append(View(each, label, f"{request.path}?{query.urlencode(safe='/')}", each is side))
    return views


def link_of(old: Asked | str, new: Asked | str) -> str:
    """The link to a comparison of two sides."""
    sides = {"old": old, "new": new}
    query = {name: each.link if isinstance(each, Asked) else each for name, each in sides.items()}
    return f"{reverse('capabilities:compare')}?{urlencode(query, safe='/')}"


def pinned_link(request: HttpRequest, sides: Sequence[tuple[Asked, Machine]]) -> str:
    """The link to these two machines as they are now; "" when it would be too long.

    A machine is named by the last entry of the log that has it, or else by its whole text.
    """
    pinned = [_pinned(request, asked, machine) for asked, machine in sides]
    link = link_of(pinned[0], pinned[1])
    return link if len(link) <= LINK_LENGTH else ""


def _pinned(request: HttpRequest, asked: Asked, machine: Machine) -> Asked:
    if asked.what not in (CAPABILITY, TEMPLATE):
        return asked
    text = render(machine)
    if may(request.user, SEE_LOG):
        of_template = asked.what == TEMPLATE
        subjects = AuditEntry.Subject
        entries = AuditEntry.objects.filter(
            subject=subjects.MACHINE_TEMPLATE if of_template else subjects.DEFINITION,
            name=asked.name,
            kind=asked.part,
        )
        last = entries.only("sequence", "after").first()
        if last and last.after == text:
            return Asked(ENTRY, str(last.sequence), AFTER)
    return Asked(TEXT, text)
