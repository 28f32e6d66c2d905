"""Draw diagrams: DOT text by graphviz, its layout by pygraphviz in a process that can be stopped.

A layout can take longer than anybody waits: 200 states with failures into one shared state, more
than a minute. So each attempt has a time limit, and a simpler picture is tried after it; when none
comes in time there is none, and the table beside it says the same.
"""

import atexit
import hashlib
import logging
import re
import signal
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from multiprocessing import get_context

import graphviz
from django.conf import settings
from django.core.cache import cache
from pebble import ProcessExpired, ProcessPool

from .machines.diagram import Diagram, Edge, Node, Side
from .machines.diff import RETARGETED, Kind

LABEL_LENGTH = 60
"""Characters of one line of a label; dot refuses very long ones, and nobody reads them."""

logger = logging.getLogger(__name__)

_FONT = "Helvetica,Arial,sans-serif"
_WAIT = 10  # seconds that an answer may take in all, waiting for a free worker included
_REMEMBERED = 24 * 60 * 60  # seconds
_EDGE_STYLES = {
    (Kind.ADDED, Side.NEW): {"penwidth": "2.5"},
    (Kind.REMOVED, Side.OLD): {"style": "dashed"},
    (RETARGETED, Side.OLD): {"style": "dashed"},
    (RETARGETED, Side.NEW): {"penwidth": "2.5"},
    (Kind.ADDED, Side.BOTH): {"penwidth": "2.5"},
    (Kind.REMOVED, Side.BOTH): {"style": "dashed"},
    (Kind.CHANGED, Side.BOTH): {"penwidth": "2.5", "style": "bold"},
    (Kind.MOVED, Side.BOTH): {"style": "bold"},
    (Kind.SAME, Side.BOTH): {},
}
_COLOURS = {
    # For files; on a page the style sheet has the theme's.
    Kind.ADDED: "#17622d",
    Kind.REMOVED: "#a3211d",
    Kind.CHANGED: "#7a4a00",
    Kind.MOVED: "#593a9e",
    RETARGETED: "#0b5a70",
}


@dataclass(frozen=True)
class Style:
    """One way to lay a diagram out. `compact` draws a final state once for each edge into it."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    compact: bool = False


STYLES = (
    Style("full"),
    Style(
        "simplified",
        (("nslimit", "1"), ("nslimit1", "1"), ("mclimit", "0.1"), ("splines", "line")),
    ),
    Style("compact", (("nslimit", "1"), ("nslimit1", "1"), ("mclimit", "0.1")), compact=True),
)
"""What is tried in turn, each under the time limit; alone, no attribute saves a large layout."""


@dataclass(frozen=True)
class Drawing:
    """A picture, and the name of the style in which it came in time."""

    content: bytes
    style: str


def dot(diagram: Diagram, style: Style = STYLES[0]) -> str:
    """Write the diagram as DOT. Node names are made up; every label is escaped."""
    graph = graphviz.Digraph(
        graph_attr={"bgcolor": "transparent", "rankdir": "TB", **dict(style.attributes)},
        node_attr={"shape": "box", "style": "rounded", "fontname": _FONT, "fontsize": "13"},
        edge_attr={"fontname": _FONT, "fontsize": "11", "arrowsize": "0.8"},
    )
    nodes = {node.id: node for node in diagram.nodes}
    out = {edge.source for edge in diagram.edges}
    repeated = {node.id for node in diagram.nodes if style.compact and node.id not in out}
    for node in diagram.nodes:
        if node.id not in repeated:
            _node(graph, node, node.id)
    for edge in diagram.edges:
        target = edge.target
        if target in repeated:
            target = f"{target}{edge.id}"
            _node(graph, nodes[edge.target], target)
        graph.edge(
            edge.source,
            target,
            label=_label(edge.lines),
            id=edge.id,
            **{"class": str(edge.kind)},
            **_coloured(edge.kind),
            **_EDGE_STYLES[edge.kind, edge.side],
        )
    return str(graph.source)


def _coloured(kind: str) -> dict[str, str]:
    colour = _COLOURS.get(kind)
    return {"color": colour, "fontcolor": colour} if colour else {}


def _node(graph: graphviz.Digraph, node: Node, name: str) -> None:
    words = [word for word, so in (("initial", node.initial), ("final", node.final)) if so]
    attributes = _coloured(node.kind)
    if node.kind is not Kind.SAME:
        words.append(node.kind)
    if node.kind is Kind.REMOVED:
        attributes["style"] = "rounded,dashed"
    if words:
        attributes["class"] = " ".join(words)
    if node.initial or node.kind is Kind.ADDED:
        attributes["penwidth"] = "2.5"
    if node.final:
        attributes["peripheries"] = "2"
    graph.node(name, label=_label([node.label, *node.remarks]), id=name, **attributes)


def _label(lines: Sequence[str]) -> str:
    # Spaces keep the text off the line that it stands beside.
    text = str(graphviz.escape("\n".join(f"  {_cut(line)}  " for line in lines)))
    return text.replace("&", "&amp;")  # dot decodes entities


def _cut(line: str) -> str:
    return line if len(line) <= LABEL_LENGTH else f"{line[: LABEL_LENGTH - 1]}…"


def draw(diagram: Diagram, form: str = "svg") -> Drawing | None:
    """Draw the diagram as `svg`, `png` or `pdf`; None when no style comes in time.

    The same diagram gives the same bytes. What was drawn, or could not be, is remembered.
    """
    key = hashlib.sha256(f"{form} {dot(diagram)}".encode()).hexdigest()
    known = cache.get(f"drawing:{key}")
    if known is not None:
        return Drawing(*known) if known else None
    deadline = time.monotonic() + _WAIT
    tries = (_attempt(diagram, style, form, deadline) for style in STYLES)
    try:
        drawing = next(filter(None, tries), None)
    except _BusyError:
        return None
    except Exception:
        # No renderer on this machine, or it broke: pages work without pictures, and it is tried
        # anew for the next one.
        logger.exception("The renderer is out of order.")
        stop()
        return None
    remembered = (drawing.content, drawing.style) if drawing else ()
    cache.set(f"drawing:{key}", remembered, _REMEMBERED)
    return drawing


class _BusyError(Exception):
    """The worker was at other diagrams until nobody waited any more: it says nothing about this."""


def _attempt(diagram: Diagram, style: Style, form: str, deadline: float) -> Drawing | None:
    future = _pool().schedule(
        _render, args=[dot(diagram, style), form], timeout=settings.DIAGRAM_SECONDS
    )
    try:
        content = future.result(timeout=max(0.0, deadline - time.monotonic()))
    except (FutureTimeoutError, ProcessExpired):
        if future.done() or (future.running() and style is STYLES[-1]):
            future.cancel()
            return None
        future.cancel()
        raise _BusyError from None
    return Drawing(content, style.name)


def _render(text: str, form: str) -> bytes:
    """Runs in the worker, which is the only process to load pygraphviz."""
    import pygraphviz

    content: bytes = pygraphviz.AGraph(string=text).draw(format=form, prog="dot")
    return _CREATED.sub(rb"\1(D:19800101000000Z)", content) if form == "pdf" else content


_CREATED = re.compile(rb"(/CreationDate )\(D:\d{14}Z\)")  # else no two PDFs are the same


def has_text(pdf: bytes) -> bool:
    """Whether there is a letter in a PDF; on a machine without any font there is none."""
    return b"/Font" in pdf


def _limit() -> None:
    """Bound what a worker may use: it is killed rather than that the machine swaps."""
    # A layout is one call into C, which a handler in Python would only come to after it: pebble
    # would wait three seconds more before it kills.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        import resource
    except ImportError:  # not on Windows
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


_MEMORY = 2 * 1024**3  # bytes of address space
_lock = threading.Lock()
_pools: list[ProcessPool] = []


def _pool() -> ProcessPool:
    """The one worker of this process, started when the first diagram is drawn."""
    with _lock:
        if not _pools:
            _pools.append(ProcessPool(1, context=get_context("spawn"), initializer=_limit))
            atexit.register(stop)
        return _pools[0]


def stop() -> None:
    """End the worker; the next diagram starts another one."""
    with _lock:
        for pool in _pools:
            pool.stop()
            pool.join()
        _pools.clear()


# -- SVG for the page

_SVG = "http://www.w3.org/2000/svg"
_ELEMENTS = {"svg", "g", "title", "text", "path", "polygon", "ellipse", "polyline", "line"}
_ATTRIBUTES = {
    *("class", "cx", "cy", "d", "fill", "font-family", "font-size", "font-weight", "height", "id"),
    *("points", "rx", "ry", "stroke", "stroke-dasharray", "stroke-width", "text-anchor"),
    *("transform", "viewBox", "width", "x", "x1", "x2", "y", "y1", "y2"),
}
_ID = re.compile(r"[st]\d+(t\d+)*\Z")
ET.register_namespace("", _SVG)


def svg_for_page(
    diagram: Diagram,
    content: bytes,
    *,
    name: str,
    prefix: str,
    link: Callable[[Edge], str],
    side: Side = Side.BOTH,
) -> str:
    """The drawing as SVG that can stand inside a page.

    Only known elements and attributes come through. `name` is its accessible name; ids begin with
    `prefix`, so that two diagrams can stand on a page; each transition links to `link` of it, each
    state to that of its first transition. The links are for the mouse: the table beside is the way
    for the keyboard, and has the same links. Of two machines, `side` keeps what one of them has,
    all of it at its place.
    """
    root = ET.fromstring(content)  # noqa: S314 - our own renderer wrote it
    _leave_out(root, diagram, side)
    _loops_last(root, diagram)
    edges = {edge.id: edge for edge in diagram.edges}
    nodes = {node.id: node for node in diagram.nodes}
    for element in list(root.iter()):
        _clean(element)
    for group in root.iter(f"{{{_SVG}}}g"):
        made_up = group.get("id", "")
        if not _ID.match(made_up):
            group.attrib.pop("id", None)
            _remove_titles(group)
            continue
        group.set("id", f"{prefix}-{made_up}")
        if made_up in edges:
            edge, title = edges[made_up], edges[made_up].title
        else:
            state = _state(made_up)
            edge, title = _first(diagram, state, side), nodes[state].title
        _link(group, title, link(edge), edge.number)
    for measure in ("width", "height"):
        # As many pixels as points: letters as large as those around.
        root.set(measure, root.get(measure, "").removesuffix("pt"))
    root.set("role", "group")
    root.set("aria-label", name)
    return ET.tostring(root, encoding="unicode")


def _state(made_up: str) -> str:
    """The id of a state by that of its node: a compact drawing repeats final states."""
    return re.split(r"(?<=\d)t", made_up)[0]


def _leave_out(root: ET.Element, diagram: Diagram, side: Side) -> None:
    """Take out what only the other machine has."""
    edges = {edge.id: edge for edge in diagram.edges}
    nodes = {node.id: node for node in diagram.nodes}
    for parent in list(root.iter(f"{{{_SVG}}}g")):
        for group in parent.findall(f"{{{_SVG}}}g"):
            made_up = group.get("id", "")
            state = _state(made_up)
            if edge := edges.get(made_up):
                sides = [edge.side]
                _leave_out_lines(group, edge, side)
            elif node := nodes.get(state):
                copied_for = edges.get(made_up.removeprefix(state))
                sides = [node.side, *([copied_for.side] if copied_for else [])]
                _leave_out_shape(group, node, side)
            else:
                continue
            if not all(side.shows(each) for each in sides):
                parent.remove(group)


def _loops_last(root: ET.Element, diagram: Diagram) -> None:
    """Put transitions from a state to itself on top: other lines run behind their labels.

    In its margin a loop's label is where others pass by, and a line through it would strike it out.
    """
    loops = {edge.id for edge in diagram.edges if edge.source == edge.target}
    for parent in list(root.iter(f"{{{_SVG}}}g")):
        for group in [each for each in parent if each.get("id", "") in loops]:
            parent.remove(group)
            parent.append(group)


def _leave_out_lines(group: ET.Element, edge: Edge, side: Side) -> None:
    lines = group.findall(f"{{{_SVG}}}text")
    for line, of in zip(lines, edge.line_sides, strict=False):
        if not side.shows(of):
            group.remove(line)
        elif of is not edge.side:
            line.set("class", of)
    if side is Side.OLD and edge.old_lines:
        for line, text in zip(group.findall(f"{{{_SVG}}}text"), edge.old_lines, strict=True):
            line.text = _cut(text)


def _leave_out_shape(group: ET.Element, node: Node, side: Side) -> None:
    """The bold line of a state that is initial in the other machine alone, the outer of a final."""
    shapes = group.findall(f"{{{_SVG}}}path")
    if node.initial and not side.shows(node.initial_on):
        for shape in shapes:
            shape.attrib.pop("stroke-width", None)
    if node.final and not side.shows(node.final_on):
        group.remove(shapes[-1])


def _clean(element: ET.Element) -> None:
    element.attrib = {key: value for key, value in element.attrib.items() if key in _ATTRIBUTES}
    for child in list(element):
        # A comment's tag is a function: it goes too.
        if str(child.tag).removeprefix(f"{{{_SVG}}}") not in _ELEMENTS:
            element.remove(child)


def _remove_titles(group: ET.Element) -> None:
    for title in group.findall(f"{{{_SVG}}}title"):
        group.remove(title)


def _link(group: ET.Element, title: str, href: str, number: int) -> None:
    _remove_titles(group)
    anchor = ET.Element(f"{{{_SVG}}}a", {"href": href, "tabindex": "-1"})
    anchor.set("data-row", str(number))
    ET.SubElement(anchor, f"{{{_SVG}}}title").text = title
    for child in list(group):
        group.remove(child)
        anchor.append(child)
    anchor.extend(_wider(anchor))
    group.append(anchor)


def _wider(anchor: ET.Element) -> Iterator[ET.Element]:
    """A line as thin as an edge cannot be hit: an unseen, wider one lies over it."""
    for path in anchor.findall(f"{{{_SVG}}}path"):
        if path.get("fill") == "none":
            hit = {"class": "hit", "d": path.get("d", ""), "fill": "none"}
            yield ET.Element(f"{{{_SVG}}}path", hit)


def _first(diagram: Diagram, state: str, side: Side) -> Edge:
    """The first transition out of a state, or else into it: every state has one."""
    edges = [edge for edge in diagram.edges if side.shows(edge.side)]
    out = [edge for edge in edges if edge.source == state]
    into = [edge for edge in edges if edge.target == state]
    return (out or into)[0]
