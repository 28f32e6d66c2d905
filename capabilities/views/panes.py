"""The parts of a page that show one machine: its diagram, and its table of downloads."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe

from ..drawing import draw, svg_for_page
from ..machines.diagram import Diagram, Edge, Side, diagram
from ..machines.diff import Difference, Kind
from ..machines.machine import Key, Machine
from ..machines.union import Union


@dataclass(frozen=True)
class Picture:
    """A diagram drawn for a page; `svg` is empty when it could not be drawn in time."""

    name: str
    svg: SafeString
    style: str


def picture(
    machine: Machine,
    *,
    name: str,
    prefix: str,
    kinds: Mapping[Key, Kind] | None = None,
    rows: str = "row",
) -> Picture:
    """Draw a machine for a page; each transition links to the element `rows`-number of the page."""
    return _picture(diagram(machine, kinds), name=name, prefix=prefix, rows=rows)


def union_picture(
    union: Union, *, name: str, side: Side = Side.BOTH, prefix: str = "diagram", rows: str = "row"
) -> Picture:
    """Draw two machines as one picture, or one of them at the places that it has there."""
    return _picture(union.diagram, name=name, prefix=prefix, rows=rows, side=side)


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
    return Picture(name, mark_safe(svg), drawing.style)  # noqa: S308


def kinds_of(differences: Iterable[Difference]) -> dict[Key, Kind]:
    """What a comparison marks in a diagram."""
    return {difference.key: difference.kind for difference in differences}
