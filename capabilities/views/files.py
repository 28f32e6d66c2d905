"""One machine, or one capability's differences, in each format, at an address of its own."""

import json
from collections.abc import Callable, Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ..drawing import dot, draw
from ..machines.diagram import Diagram, diagram, with_questions
from ..machines.effects import effects
from ..machines.machine import Machine
from ..machines.notation import render_with_notes
from ..machines.plain import difference_as_plain, machine_as_plain
from ..machines.sentences import difference_sentences, effect_sentence, verdict
from ..machines.union import Union
from ..models import Capability, Fleet, Kind, MachineTemplate, Note, Shelf
from .access import SEE, needs
from .answers import download
from .panes import marks_of

Writer = Callable[[Machine], str | bytes]
Drawer = Callable[[Diagram], str | bytes]


def _drawn(drawn_of: Diagram, form: str) -> bytes:
    drawing = draw(drawn_of, form)
    if drawing is None:
        raise Http404("This machine cannot be drawn in time; its table says the same.")
    return drawing.content


def _json(value: object) -> str:
    return f"{json.dumps(value, indent=2, ensure_ascii=False)}\n"


FORMATS: dict[str, tuple[str, Writer]] = {
    "json": ("application/json", lambda machine: _json(machine_as_plain(machine))),
}
"""Each format of one machine: its content type, and how it is written."""

PICTURES: dict[str, tuple[str, Drawer]] = {
    "svg": ("image/svg+xml", lambda drawn_of: _drawn(drawn_of, "svg")),
    "png": ("image/png", lambda drawn_of: _drawn(drawn_of, "png")),
    "dot": ("text/vnd.graphviz", dot),
}
"""The same of its diagram."""


@needs(SEE)
@require_safe
def machine_file(request: HttpRequest, name: str, kind: str, suffix: str) -> HttpResponse:
    """A capability's effective machine of one kind, in the format of the suffix."""
    get_object_or_404(Capability, name=name)
    fleet = Fleet([name])
    notes = fleet.notes.get((name, kind), [])
    return _file(fleet.machine(name, kind), notes, suffix, f"{name}-{kind}")


@needs(SEE)
@require_safe
def template_file(request: HttpRequest, slug: str, suffix: str) -> HttpResponse:
    """A machine template's machine, in the format of the suffix."""
    template = get_object_or_404(MachineTemplate, slug=slug)
    return _file(Shelf().machine(template.pk), template.notes.all(), suffix, slug)


def _file(machine: Machine, notes: Iterable[Note], suffix: str, stem: str) -> HttpResponse:
    name = f"{stem}.{suffix}"
    if suffix in PICTURES:
        content_type, draw_it = PICTURES[suffix]
        drawn_of = with_questions(diagram(machine), marks_of(notes))
        return download(draw_it(drawn_of), content_type=content_type, name=name)
    if suffix == "txt":
        written = render_with_notes(machine, [note.value for note in notes])
        return download(written, content_type="text/plain", name=name)
    if suffix not in FORMATS:
        raise Http404(f"There is no format {suffix}.")
    content_type, write = FORMATS[suffix]
    return download(write(machine), content_type=content_type, name=name)


@needs(SEE)
@require_safe
def differences_file(request: HttpRequest, name: str, suffix: str) -> HttpResponse:
    """What is different from current to ideal: as JSON, as Markdown, or as the union picture."""
    get_object_or_404(Capability, name=name)
    fleet = Fleet([name])
    union = Union(*(fleet.machine(name, kind) for kind in Kind.values))
    differences = union.differences
    if suffix == "svg":
        content = _drawn(union.diagram, suffix)
        return download(content, content_type="image/svg+xml", name=f"{name}-differences.svg")
    if suffix == "json":
        text = _json([difference_as_plain(each) for each in differences])
        return download(text, content_type="application/json", name=f"{name}-differences.json")
    told = verdict(differences, **_CALLED)
    lines = [f"## {name}", "", told, ""]
    for each in differences:
        lines += [f"- `{each.sign}` {_in_code(said)}" for said in difference_sentences(each)]
    found = effects(union.old, union.new)
    if found:
        lines += ["", "What will be sent differently:", ""]
    lines += [f"- {_in_code(effect_sentence(each, **_CALLED))}" for each in found]
    text = "\n".join(lines).rstrip() + "\n"
    return download(text, content_type="text/markdown", name=f"{name}-differences.md")


_CALLED = {"old": "The current machine", "new": "The ideal machine"}


def _in_code(sentence: str) -> str:
    """A sentence as Markdown shows it: names in brackets are no HTML and no links."""
    special = "\\`*_{}[]<>#|&~"
    return "".join(f"\\{letter}" if letter in special else letter for letter in sentence)
