"""The parts of a page that show one machine: its diagram, and its table of downloads."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from ..drawing import draw, svg_for_page
from ..machines.diagram import Edge, diagram
from ..machines.diff import Difference, Kind
from ..machines.machine import Key, Machine
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
    drawn_of = diagram(machine, kinds, marks_of(asked))
    drawing = draw(drawn_of)
    if drawing is None:
        return Picture(name, SafeString(), "")

    def link(edge: Edge) -> str:
        return f"#{rows}-{edge.number}"

    svg = svg_for_page(drawn_of, drawing.content, name=name, prefix=prefix, link=link)
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
