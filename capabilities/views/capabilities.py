from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from ..auditing import Author
from ..authoring import capabilities
from ..forms import CapabilityForm, ManyForm, rank
from ..forms.comparing import CAPABILITY, Asked
from ..machines.checks import Finding, Severity
from ..machines.diff import Difference, diff
from ..machines.sentences import CALLED
from ..machines.vocabulary import Vocabulary
from ..models import (
    AuditEntry,
    Capability,
    Definition,
    Fleet,
    Kind,
    MachineTemplate,
    Shelf,
    vocabulary,
)
from .access import ADD, SEE, needs
from .answers import page
from .comparing import compared, link_of, pinned_link
from .deviations import of_comparison
from .panes import picture
from .proposing import proposable
from .writing import tell

PER_PAGE = 100


@dataclass(frozen=True)
class ListedKind:
    """One machine of a capability, as a cell of the list shows it."""

    definition: Definition | None
    template: str
    stages: int
    overrides: int
    errors: int
    warnings: int


@dataclass(frozen=True)
class Listed:
    """One capability, as the list shows it."""

    name: str
    current: ListedKind
    ideal: ListedKind | None
    differences: tuple[Difference, ...]
    notes: int
    last: AuditEntry | None


@needs(SEE)
@require_safe
def capability_list(request: HttpRequest) -> HttpResponse:
    """All capabilities; `?q=` keeps those whose name has it."""
    wanted = request.GET.get("q", "").strip()
    named = Capability.objects.order_by("name").values_list("name", Count("notes"))
    if wanted:
        named = named.filter(name__icontains=wanted)
    shown = Paginator(named, PER_PAGE).get_page(request.GET.get("page"))
    notes = dict(shown)
    fleet = Fleet(notes)
    context = {
        "title": "Capabilities",
        "q": wanted,
        "query": urlencode({"q": wanted}) if wanted else "",
        "names": shown,
        "listed": _listed(fleet, notes),
        "any": bool(wanted) or bool(shown.paginator.count),
        "many": ManyForm(auto_id="many-%s", templates=fleet.shelf.templates.values()),
    }
    part = request.headers.get("HX-Target") == "capability-list"
    return page(request, "capabilities/_list.html" if part else "capabilities/list.html", context)


def _listed(fleet: Fleet, notes: dict[str, int]) -> list[Listed]:
    """A row for each capability, by the number of its notes."""
    known = vocabulary()
    newest = (
        AuditEntry.objects.filter(name__in=list(notes), subject=AuditEntry.Subject.DEFINITION)
        .order_by()
        .values("name")
        .annotate(last=Max("sequence"))
        .values("last")
    )
    last = {entry.name: entry for entry in AuditEntry.objects.filter(sequence__in=newest)}
    return [
        Listed(
            name=name,
            current=_listed_kind(fleet, name, Kind.CURRENT, known),
            ideal=(
                _listed_kind(fleet, name, Kind.IDEAL, known)
                if fleet.definition(name, Kind.IDEAL)
                else None
            ),
            differences=diff(fleet.machine(name, Kind.CURRENT), fleet.machine(name, Kind.IDEAL)),
            notes=notes[name],
            last=last.get(name),
        )
        for name in (capability.name for capability in fleet.capabilities)
    ]


def _listed_kind(fleet: Fleet, name: str, kind: str, known: Vocabulary) -> ListedKind:
    definition = fleet.definition(name, kind)
    severities = [finding.severity for finding in fleet.checked(name, kind, known).findings]
    template = definition.machine_template_id if definition else None
    return ListedKind(
        definition=definition,
        template=fleet.shelf.templates[template].title if template else "",
        stages=len(definition.stages.all()) if definition else 0,
        overrides=len(definition.overrides.all()) if definition else 0,
        errors=severities.count(Severity.ERROR),
        warnings=severities.count(Severity.WARNING),
    )


@needs(SEE)
@require_safe
def comparison(request: HttpRequest, name: str) -> HttpResponse:
    """One capability: what is different from current to ideal."""
    return show_comparison(request, get_object_or_404(Capability, name=name))


def show_comparison(
    request: HttpRequest,
    capability: Capability,
    *,
    problems: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    """The page, or its refusal with what has to be mended."""
    name = capability.name
    fleet = Fleet([name])
    known = vocabulary()
    machines = [fleet.machine(name, kind) for kind in Kind.values]
    asked = [Asked(CAPABILITY, name, kind) for kind in Kind.values]
    sides = [
        {
            "kind": kind,
            "machine": fleet.machine(name, kind),
            "definition": fleet.definition(name, kind),
            "layers": _layer_titles(fleet, name, kind),
            "findings": _worth_telling(fleet.checked(name, kind, known).findings),
            "notes": sorted(fleet.notes.get((name, kind), []), key=rank),
            "url": reverse("capabilities:editor", args=[name, kind]),
        }
        for kind in Kind.values
    ]
    context = {
        "title": name,
        "capability": capability,
        "problems": problems,
        "sides": sides,
        "same": fleet.definition(name, Kind.IDEAL) is None,
        **compared(
            request,
            *machines,
            called=(CALLED["old"], CALLED["new"]),
            words=("current", "ideal"),
            asked=[note for kind in Kind.values for note in fleet.notes.get((name, kind), [])],
        ),
        "compare_url": f"{reverse('capabilities:compare')}?{urlencode({'old': asked[0].link})}",
        "pinned_url": pinned_link(request, list(zip(asked, machines, strict=True))),
        "swap_url": link_of(asked[1], asked[0]),
        **of_comparison(fleet, name),
        "proposable": proposable(request, fleet, name),
    }
    return page(request, "capabilities/comparison.html", context, status=status)


def _layer_titles(fleet: Fleet, name: str, kind: str) -> list[str]:
    definition = fleet.definition(name, kind)
    if definition is None:
        return []
    return [title for title, _ in definition.layers(fleet.shelf) if title]


def _worth_telling(findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity != Severity.INFO]


@needs(ADD)
@require_http_methods(["GET", "HEAD", "POST"])
def new_capability(request: HttpRequest) -> HttpResponseBase:
    """Add a capability by its name and a machine template."""
    posted = request.POST if request.method == "POST" else None
    form = CapabilityForm(posted, initial={"machine_template": _most_used()})
    near = _near_miss(form) if form.is_valid() else ""
    if form.is_valid() and not near:
        try:
            added = capabilities.add(**form.cleaned_data, by=Author.of(request))
        except ValidationError as error:
            tell(form, error)
        else:
            url = reverse("capabilities:editor", args=[added.name, Kind.CURRENT])
            messages.success(request, f"Added {added}.")  # the shell would capitalise a name
            return redirect(url)
    context = {
        "title": "New capability",
        "form": form,
        "pictures": offered_pictures(Shelf()),
        "near": near,
        "chosen": form["machine_template"].value() or "",
    }
    status = 422 if form.is_bound else 200
    return page(request, "capabilities/new.html", context, status=status)


def _near_miss(form: CapabilityForm) -> str:
    """The capability that was probably meant, unless the person has said that it was not."""
    name = form.cleaned_data["name"]
    return "" if form.data.get("sure") == name else capabilities.near_miss(name)


def _most_used() -> str:
    """The machine template that most definitions have: likely the one for the next, too."""
    used = MachineTemplate.objects.filter(retired=False).annotate(number=Count("definitions"))
    most = used.order_by("-number", "slug").first()
    return most.slug if most else ""


def template_pictures(shelf: Shelf | None = None) -> list[dict[str, object]]:
    """Every machine template with its picture, to choose one by."""
    shelf = shelf or Shelf()
    return [
        {
            "template": template,
            "count": len(shelf.machine(pk)),
            "picture": picture(
                shelf.machine(pk),
                name=f"Diagram of {template.title}",
                prefix=f"template-{pk}",
            ),
        }
        for pk, template in shelf.templates.items()
    ]


def offered_pictures(
    shelf: Shelf, chosen: MachineTemplate | None = None
) -> list[dict[str, object]]:
    """The pictures of those that can be chosen: all but the retired, and the one of today."""
    offered = [each for each in shelf.templates.values() if each == chosen or not each.retired]
    return [each for each in template_pictures(shelf) if each["template"] in offered]
