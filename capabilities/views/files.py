"""One machine, or one capability's differences, in each format, at an address of its own."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from ..deployment import markdown
from ..deployment.machine_files import FORMATS, Named, UnwritableError, drawn
from ..machines.plain import difference_as_plain, plain_as_json
from ..machines.union import Union
from ..models import Capability, Fleet, Kind, MachineTemplate, Shelf
from .access import SEE, needs
from .answers import download, page


@needs(SEE)
@require_safe
def machine_file(request: HttpRequest, name: str, kind: str, suffix: str) -> HttpResponse:
    """A capability's effective machine of one kind, in the format of the suffix."""
    get_object_or_404(Capability, name=name)
    fleet = Fleet([name])
    notes = tuple(note.value for note in fleet.notes.get((name, kind), []))
    return _file(
        request, Named(name, kind, fleet.machine(name, kind), notes), suffix, f"{name}-{kind}"
    )


@needs(SEE)
@require_safe
def template_file(request: HttpRequest, slug: str, suffix: str) -> HttpResponse:
    """A machine template's machine, in the format of the suffix."""
    template = get_object_or_404(MachineTemplate, slug=slug)
    notes = tuple(note.value for note in template.notes.all())
    return _file(
        request, Named(template.title, "", Shelf().machine(template.pk), notes), suffix, slug
    )


def _file(request: HttpRequest, named: Named, suffix: str, stem: str) -> HttpResponse:
    if suffix not in FORMATS:
        raise Http404(f"There is no format {suffix}.")
    file_format = FORMATS[suffix]
    try:
        content = file_format.write(named)
    except UnwritableError as error:
        return _unwritable(request, error)
    return download(content, content_type=file_format.content_type, name=f"{stem}.{suffix}")


def _unwritable(request: HttpRequest, why: UnwritableError) -> HttpResponse:
    return page(request, "404.html", {"title": "Not found", "why": why}, status=404)


@needs(SEE)
@require_safe
def differences_file(request: HttpRequest, name: str, suffix: str) -> HttpResponse:
    """What is different from current to ideal: as JSON, as Markdown, or as the union picture."""
    get_object_or_404(Capability, name=name)
    fleet = Fleet([name])
    union = Union(*(fleet.machine(name, kind) for kind in Kind.values))
    if suffix == "svg":
        try:
            content = drawn(union.diagram, suffix)
        except UnwritableError as error:
            return _unwritable(request, error)
        return download(content, content_type="image/svg+xml", name=f"{name}-differences.svg")
    if suffix == "json":
        text = plain_as_json([difference_as_plain(each) for each in union.differences])
        return download(text, content_type="application/json", name=f"{name}-differences.json")
    text = markdown.differences(name, union)
    return download(text, content_type="text/markdown", name=f"{name}-differences.md")
