"""A capability's machines as a page of Sphinx: reStructuredText, each with its picture and table.

The pages need `sphinx.ext.graphviz` and can stand in a globbed table of contents.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..machine import Machine, Transition

_COLUMNS = ("Source", "Event", "Actions", "Target")


@dataclass(frozen=True, slots=True)
class Section:
    """One machine of a page: its heading, and its diagram as DOT."""

    heading: str
    machine: Machine
    dot: str


def sphinx(title: str, sections: Iterable[Section]) -> str:
    """The page. Every name is text to Sphinx, whatever is in it."""
    lines = [
        ".. State machines for Sphinx, written by smadmin. The pictures need sphinx.ext.graphviz.",
        "",
        *_heading(_literal(title), "="),
    ]
    for each in sections:
        lines += ["", *_heading(_escaped(each.heading), "-"), "", *_section(title, each)]
    return "\n".join(lines) + "\n"


def _heading(written: str, line: str) -> list[str]:
    return [written, line * (2 * len(written))]  # wide letters take two columns


def _section(title: str, section: Section) -> Iterator[str]:
    if not section.machine:
        yield "No transitions."
        return
    yield ".. graphviz::"
    yield f"   :alt: State diagram of {title}, {section.heading}"
    yield ""
    yield from (f"   {line}".rstrip() for line in section.dot.splitlines())
    yield ""
    yield ".. list-table::"
    yield "   :header-rows: 1"
    yield ""
    yield from _row([[column] for column in _COLUMNS])
    for each in section.machine:
        yield from _row(_cells(each))


def _cells(transition: Transition) -> list[list[str]]:
    actions = [
        " ".join(filter(None, [_literal(each.name), _literal(each.argument)]))
        for each in transition.actions
    ]
    names = [_literal(name) for name in (transition.source, transition.event, transition.target)]
    return [[names[0]], [names[1]], actions or ["no action"], [names[2]]]


def _row(cells: list[list[str]]) -> Iterator[str]:
    for number, lines in enumerate(cells):
        begin = "   * - " if number == 0 else "     - "
        if len(lines) == 1:
            yield f"{begin}{lines[0]}"
            continue
        for place, line in enumerate(lines):
            yield f"{begin if place == 0 else '       '}| {line}"


def _literal(name: str) -> str:
    """A name in the letters of code, in which Sphinx curls no quotes and joins no dashes."""
    return f":literal:`{_escaped(name)}`" if name else ""


def _escaped(text: str) -> str:
    """A backslash before all that may have a meaning."""
    return "".join(
        letter if letter.isalnum() or letter.isspace() or ord(letter) > 127 else f"\\{letter}"
        for letter in text
    )
