"""Graphviz reads the DOT, and draws the pictures, twice the same."""

import time

import pygraphviz
import pytest
from hypothesis import given

from capabilities.deployment.machine_files import FORMATS, Named, UnwritableError
from capabilities.drawing import has_text
from capabilities.machines.machine import Machine
from tests.factories import machine_of
from tests.strategies import machines

NULL = Named(
    "null",
    "current",
    machine_of(
        "[Start] - <go> {Run null} -> [Awaiting QA]", "[Start] - <stop> {no action} -> [End]"
    ),
)


@given(machines)
def test_every_machine_has_its_states_and_transitions_in_dot(machine: Machine) -> None:
    text = FORMATS["dot"].write(Named("null", "current", machine))
    assert isinstance(text, str)
    drawn = pygraphviz.AGraph(string=text)
    places = {made_up: place for place, made_up in enumerate(drawn.nodes())}
    assert len(places) == len(machine.states)
    assert [(places[edge[0]], places[edge[1]]) for edge in sorted(drawn.edges(), key=_number)] == [
        (machine.states.index(each.source), machine.states.index(each.target)) for each in machine
    ]


def _number(edge: pygraphviz.Edge) -> int:
    return int(edge.attr["id"].removeprefix("t"))


def test_what_is_no_dot_is_refused() -> None:
    with pytest.raises(pygraphviz.DotError):
        pygraphviz.AGraph(string="digraph { a -> }")


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_a_picture_is_the_same_at_any_time(suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capabilities.drawing.cache.get", lambda _: None)
    first = FORMATS[suffix].write(NULL)
    time.sleep(1.1)  # a PDF tells the second in which it was made
    assert FORMATS[suffix].write(NULL) == first


def test_a_pdf_has_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    content = FORMATS["pdf"].write(NULL)
    assert isinstance(content, bytes)
    assert content.startswith(b"%PDF-")
    assert has_text(content)


def test_a_pdf_without_letters_is_refused_and_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("capabilities.deployment.machine_files.has_text", lambda _: False)
    with pytest.raises(UnwritableError, match="no font on the server"):
        FORMATS["pdf"].write(NULL)
    assert FORMATS["svg"].write(NULL)
