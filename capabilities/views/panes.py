"""The parts of a page that show one machine: its diagram, and its table of downloads."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from ..drawing import draw, svg_for_page
from ..machines.diagram import Diagram, Edge, Side, diagram, with_questions
from ..machines.diff import Difference, Kind
from ..machines.machine import Key, Machine
from ..machines.union import Union
from ..models import Note


@dataclass(frozen=True)
class Picture:
    """A diagram drawn for a page; `svg` is empty when it could not be drawn in time."""

    name: str
    svg: SafeString
    style: str
    has_questions: bool = False
    """Whether something in it is marked as having an open question."""


def picture(
    machine: Machine,
    *,
    name: str,
    prefix: str,
    kinds: Mapping[Key, Kind] | None = None,
    rows: str = "row",
    asked: Iterable[Note] = (),
) -> Picture:
    """Draw a machine for a page; each transition links to the element `rows`-number of the page.

    Where one of the notes `asked` is an open question, the state or the transition is marked.
    """
    drawn_of = with_questions(diagram(machine, kinds), marks_of(asked))
    return _picture(drawn_of, name=name, prefix=prefix, rows=rows)


def union_picture(
    union: Union,
    *,
    name: str,
    side: Side = Side.BOTH,
    asked: Iterable[Note] = (),
) -> Picture:
    """Draw two machines as one picture, or one of them at the places that it has there.

    Open questions are marked as in the picture of one machine.
    """
    drawn_of = with_questions(union.diagram, marks_of(asked))
    return _picture(drawn_of, name=name, prefix="diagram", rows="row", side=side)


def _picture(
    drawn_of: Diagram, *, name: str, prefix: str, rows: str, side: Side = Side.BOTH
) -> Picture:
    drawing = draw(drawn_of)
    if drawing is None:
        return Picture(name, SafeString(), "")

    def link(edge: Edge) -> str:
        return f"#{rows}-{edge.number}"

    svg = svg_for_page(drawn_of, drawing.content, name=name, prefix=prefix, link=link, side=side)
    # Every text in it went through an XML writer, and only known elements came through.
    asking = [*(each.questions for each in drawn_of.nodes), *(e.questions for e in drawn_of.edges)]
    return Picture(name, mark_safe(svg), drawing.style, any(asking))  # noqa: S308


def marks_of(notes: Iterable[Note]) -> Counter[Key | str]:
    """How many open questions there are at each transition and at each state."""
    places = (note.key or note.state for note in notes if note.is_open)
    return Counter(place for place in places if place)


def kinds_of(differences: Iterable[Difference]) -> dict[Key, Kind]:
    """What a comparison marks in a diagram."""
    return {difference.key: difference.kind for difference in differences}
