"""Compare any two machines: stored ones, those of the log, and texts, each at a permanent link."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ..forms.comparing import CAPABILITY, ENTRY, RELEASE, TEMPLATE, TEXT, Asked, SideForm, typed_of
from ..machines.checks import nearest, told_nearest
from ..machines.machine import Machine, bind, parameters
from ..machines.notation import read
from ..models import AuditEntry, Capability, Fleet, Kind, ReleaseMachine, Shelf
from ..models.definitions import OWN_PARAMETER
from .access import SEE, SEE_LOG, may, needs
from .answers import page
from .comparing import LINK_LENGTH, compared, link_of, pinned_link

SIDES = ("old", "new")


@dataclass(frozen=True)
class Shown:
    """One side as a machine: its name as a sentence has it, what is told of it, and its page."""

    asked: Asked
    machine: Machine
    called: str
    about: str = ""
    url: str = ""
    values: dict[str, str] = field(default_factory=dict)


@needs(SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def compare(request: HttpRequest) -> HttpResponseBase:
    """Compare `old` with `new`, as links name them or as they are typed; else the form for both."""
    shelf = Shelf()
    forms, problems = _forms(request, shelf)
    if any(each["what"].value() == ENTRY for each in forms) and not may(request.user, SEE_LOG):
        raise PermissionDenied
    status = 422 if problems or any(not each.is_valid() for each in forms if each.is_bound) else 200
    if problems or not all(each.is_bound and each.is_valid() for each in forms):
        return _page(request, forms, problems=problems, status=status)
    asked = [each.asked for each in forms]
    names = [each.name for each in asked if each.what == CAPABILITY]
    loading = _Loading(Fleet(names, shelf=shelf))
    shown = [loading.side(each, form) for each, form in zip(asked, forms, strict=True)]
    old, new = shown
    if old is None or new is None:
        status = 404 if request.method != "POST" and loading.is_unknown else 422
        return _page(request, forms, status=status)
    link = link_of(old.asked, new.asked)
    if request.method == "POST" and len(link) <= LINK_LENGTH:
        return redirect(link)
    return _compared(request, forms, _bound(_told_apart(old, new), loading.fleet))


def _forms(request: HttpRequest, shelf: Shelf) -> tuple[list[SideForm], list[str]]:
    """The form of each side, as posted or as its link fills it, and what is wrong with links."""
    given: dict[str, Any] = {
        "templates": list(shelf.templates.values()),
        "may_see_log": may(request.user, SEE_LOG),
    }
    if request.method == "POST":
        return [SideForm(request.POST, prefix=side, **given) for side in SIDES], []
    typed: dict[str, dict[str, str]] = {}
    problems: list[str] = []
    for side in SIDES:
        try:
            typed[side] = typed_of(link) if (link := request.GET.get(side, "")) else {}
        except ValidationError as error:
            typed[side] = {}
            problems += error.messages
    if all(typed.values()):
        data = {f"{side}-{name}": of for side in SIDES for name, of in typed[side].items()}
        return [SideForm(data, prefix=side, **given) for side in SIDES], problems
    return [SideForm(initial=typed[side], prefix=side, **given) for side in SIDES], problems


class _Loading:
    """Loads the two sides; what cannot be loaded is told at its form."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.is_unknown = False
        """Whether a side names what is not there."""

    def side(self, asked: Asked, form: SideForm) -> Shown | None:
        """A side, or None when it cannot be loaded."""
        load = {
            CAPABILITY: self._capability,
            TEMPLATE: self._template,
            RELEASE: self._released,
            ENTRY: self._entry,
            TEXT: self._text,
        }
        return load[asked.what](asked, form)

    def _unknown(self, form: SideForm, where: str, told: str) -> None:
        self.is_unknown = True
        form.add_error(where, told)

    def _capability(self, asked: Asked, form: SideForm) -> Shown | None:
        name, kind = asked.name, asked.part
        if name not in {each.name for each in self.fleet.capabilities}:
            meant = nearest(name, Capability.objects.values_list("name", flat=True))
            told = f"There is no capability “{name}”{told_nearest(name, meant)}"
            self._unknown(form, "capability", told)
            return None
        url = reverse("capabilities:editor", args=[name, kind])
        same = kind != Kind.CURRENT and self.fleet.definition(name, kind) is None
        about = "the same as current; nobody has begun an ideal of its own" if same else ""
        return Shown(asked, self.fleet.machine(name, kind), f"{name} {kind}", about, url)

    def _template(self, asked: Asked, form: SideForm) -> Shown | None:
        templates = self.fleet.shelf.by_slug()
        if asked.name not in templates:
            meant = nearest(asked.name, templates)
            told = f"There is no machine template “{asked.name}”{told_nearest(asked.name, meant)}"
            self._unknown(form, "machine_template", told)
            return None
        template = templates[asked.name]
        called = f"The machine template “{template.title}”"
        url = reverse("capabilities:machine-template", args=[template.slug])
        return Shown(asked, self.fleet.shelf.machine(template.pk), called, "", url)

    def _released(self, asked: Asked, form: SideForm) -> Shown | None:
        of_release = ReleaseMachine.objects.filter(release=int(asked.name))
        found = of_release.filter(name=asked.part).select_related("release").first()
        if found is None:
            told = f"There is no release {asked.name} with a machine “{asked.part}”."
            self._unknown(form, "release", told)
            return None
        called = f"The {found.kind} machine of {found.name} in release {asked.name}"
        about, url = found.release.title, found.release.get_absolute_url()
        return Shown(asked, found.machine, called, about, url)

    def _entry(self, asked: Asked, form: SideForm) -> Shown | None:
        entry = AuditEntry.objects.filter(sequence=int(asked.name)).first()
        if entry is None:
            last = AuditEntry.objects.values_list("sequence", flat=True).first()
            end = f"; the last one is {last}." if last else "; the log is empty."
            self._unknown(form, "entry", f"There is no log entry {asked.name}{end}")
            return None
        reading = read(getattr(entry, asked.part))
        if reading.mistakes:
            told = f"The text of log entry {entry.sequence} was changed after it was written."
            form.add_error("entry", told)
            return None
        called = f"The machine {asked.part} log entry {entry.sequence}"
        about = f"{entry.name} {entry.kind}".strip() + f": {entry.summary}"
        machine = Machine(reading.transitions)
        return Shown(asked, machine, called, about, entry.get_absolute_url())

    def _text(self, asked: Asked, form: SideForm) -> Shown | None:
        reading = read(asked.name)
        if reading.mistakes:
            number = len(reading.mistakes)
            form.mistakes = reading.mistakes
            form.add_error("text", f"{number} error{'' if number == 1 else 's'} in this text.")
            return None
        return Shown(asked, Machine(reading.transitions), "The pasted text")


def _told_apart(old: Shown, new: Shown) -> tuple[Shown, Shown]:
    if old.asked.what == new.asked.what == TEXT:
        return replace(old, called="The first text"), replace(new, called="The second text")
    return old, new


def _bound(sides: tuple[Shown, Shown], fleet: Fleet) -> tuple[Shown, Shown]:
    """A machine template beside a capability takes the values that the capability gives."""
    old, new = sides
    return _bound_like(old, new, fleet), _bound_like(new, old, fleet)


def _bound_like(side: Shown, other: Shown, fleet: Fleet) -> Shown:
    if side.asked.what != TEMPLATE or other.asked.what != CAPABILITY:
        return side
    name, kind = other.asked.name, other.asked.part
    definition = fleet.definition(name, kind) or fleet.definition(name, Kind.CURRENT)
    given = definition.values if definition else {OWN_PARAMETER: name}
    values = {each: given[each] for each in parameters(side.machine) if each in given}
    try:
        return replace(side, machine=bind(side.machine, values), values=values)
    except ValueError as error:
        return replace(side, about=f"its parameters stay, because with these values {error}")


def _compared(
    request: HttpRequest, forms: Sequence[SideForm], sides: tuple[Shown, Shown]
) -> HttpResponse:
    """The comparison; without a permanent link when it was posted, because none is long enough."""
    old, new = sides
    is_posted = request.method == "POST"
    pinned = pinned_link(request, [(each.asked, each.machine) for each in sides])
    is_live = any(each.asked.what in (CAPABILITY, TEMPLATE) for each in sides)
    context = {
        **compared(
            request,
            old.machine,
            new.machine,
            called=(old.called, new.called),
            words=("the old one", "the new one"),
            show=request.POST.get("show", ""),
        ),
        "sides": [("Old", old), ("New", new)],
        "pinned_url": pinned if is_live and not is_posted else "",
        "swap_url": "" if is_posted else link_of(new.asked, old.asked),
        "posted": _fields(request, forms) if is_posted else [],
    }
    return _page(request, forms, **context)


def _fields(request: HttpRequest, forms: Iterable[SideForm]) -> list[tuple[str, str]]:
    names = [form.add_prefix(name) for form in forms for name in form.fields]
    return [(name, request.POST[name]) for name in names if name in request.POST]


def _page(
    request: HttpRequest, forms: Sequence[SideForm], *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {
        "title": "Compare",
        "forms": list(zip(("Old", "New"), forms, strict=True)),
        "known_capabilities": Capability.objects.values_list("name", flat=True),
        "link_length": LINK_LENGTH,
        **more,
    }
    return page(request, "compare/compare.html", context, status=status)
