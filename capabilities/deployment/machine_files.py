"""One machine as a file, in each format."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ..drawing import dot, draw, has_text
from ..machines.diagram import Diagram, diagram, with_questions
from ..machines.formats.mermaid import mermaid
from ..machines.formats.python import python
from ..machines.formats.scxml import scxml
from ..machines.formats.sphinx import Section, sphinx
from ..machines.formats.xstate import xstate
from ..machines.machine import Key, Machine
from ..machines.notation import Note, render_with_notes
from ..machines.plain import machine_as_plain, plain_as_json
from .csv_cells import guarded


class UnwritableError(ValueError):
    """A machine has no file of this format; the text says why."""


@dataclass(frozen=True)
class Named:
    """A machine, and what its files call it: a capability and a kind, or a title and no kind."""

    name: str
    kind: str
    machine: Machine
    notes: tuple[Note, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.name} {self.kind}".rstrip()

    @property
    def stem(self) -> str:
        return f"{self.name}-{self.kind}".rstrip("-")

    @property
    def diagram(self) -> Diagram:
        """What is drawn of it, with a mark where a question is open."""
        places = (note.key or note.state for note in self.notes if note.is_open)
        asked: Counter[Key | str] = Counter(place for place in places if place)
        return with_questions(diagram(self.machine), asked)


@dataclass(frozen=True)
class FileFormat:
    """One format of a machine: how it is written, and what its file is."""

    suffix: str
    content_type: str
    write: Callable[[Named], str | bytes]


def drawn(drawn_of: Diagram, form: str) -> bytes:
    """The picture; raises UnwritableError when there is none in time, or none with letters."""
    drawing = draw(drawn_of, form)
    if drawing is None:
        raise UnwritableError("This machine cannot be drawn in time; its table says the same.")
    if form == "pdf" and drawn_of.nodes and not has_text(drawing.content):
        raise UnwritableError(
            "There is no font on the server, so that a PDF would have no letters. Take the SVG, or "
            "have a package of fonts installed (on Debian: fonts-dejavu-core)."
        )
    return drawing.content


def commented_dot(named: Named) -> str:
    """The diagram as DOT, below a line that says what it is."""
    return f"// A state machine for Graphviz, written by smadmin.\n{dot(named.diagram)}"


def state_chart(named: Named) -> str:
    """The machine as SCXML; raises UnwritableError for one without transitions."""
    try:
        return scxml(named.machine, title=named.title)
    except ValueError as error:
        raise UnwritableError(str(error)) from error


def sphinx_page(title: str, machines: Iterable[Named]) -> str:
    """Machines of one capability, or one machine, as a page of Sphinx."""
    return sphinx(
        title,
        [
            Section(each.kind.capitalize() or "Transitions", each.machine, dot(each.diagram))
            for each in machines
        ],
    )


COLUMNS = ("capability", "kind", "transition", "source", "event", "action", "argument", "target")
"""The columns of the CSV; `transition` is its place in the machine, from 1."""


def table(machines: Iterable[Named]) -> str:
    """A row for each action of a transition, and one for a transition without any, as CSV.

    It begins with a byte order mark, without which spreadsheets take it for another encoding.
    """
    out = io.StringIO()
    out.write("\ufeff")
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for each in machines:
        rows.writerows([guarded(cell) for cell in row] for row in _rows(each))
    return out.getvalue()


def _rows(named: Named) -> Iterator[tuple[str, ...]]:
    for number, each in enumerate(named.machine, start=1):
        begin = (named.name, named.kind, str(number), each.source, each.event)
        for name, argument in [(a.name, a.argument) for a in each.actions] or [("", "")]:
            yield (*begin, name, argument, each.target)


FORMATS = {
    each.suffix: each
    for each in (
        FileFormat("svg", "image/svg+xml", lambda named: drawn(named.diagram, "svg")),
        FileFormat("png", "image/png", lambda named: drawn(named.diagram, "png")),
        FileFormat("pdf", "application/pdf", lambda named: drawn(named.diagram, "pdf")),
        FileFormat("dot", "text/vnd.graphviz", commented_dot),
        FileFormat(
            "txt", "text/plain", lambda named: render_with_notes(named.machine, named.notes)
        ),
        FileFormat(
            "json", "application/json", lambda named: plain_as_json(machine_as_plain(named.machine))
        ),
        FileFormat(
            "mmd", "text/vnd.mermaid", lambda named: mermaid(named.machine, title=named.title)
        ),
        FileFormat("scxml", "application/scxml+xml", state_chart),
        FileFormat(
            "xstate.json",
            "application/json",
            lambda named: xstate(named.machine, title=named.title),
        ),
        FileFormat("rst", "text/x-rst", lambda named: sphinx_page(named.title, [named])),
        FileFormat(
            "py",
            "text/x-python",
            lambda named: python({named.name: {named.kind or "template": named.machine}}),
        ),
        FileFormat("csv", "text/csv", lambda named: table([named])),
    )
}
"""By what the file's name ends with."""
