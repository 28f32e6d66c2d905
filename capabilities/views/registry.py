"""The registry: every known name and where it is used."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from ..machines.checks import nearest
from ..machines.layers import Put
from ..machines.machine import Key, Machine
from ..machines.usage import Name
from ..machines.vocabulary import TERM_KINDS, WORKFLOW
from ..models import (
    Capability,
    Definition,
    Fleet,
    MachineTemplate,
    Place,
    Places,
    Term,
    vocabulary,
)
from .access import SEE, needs
from .answers import page

LISTS = (("", "all"), ("missing", "missing"), ("unused", "unused"))
"""What the list can be kept to, and the word for it."""


@dataclass(frozen=True)
class PlaceLink:
    """A place that writes a name, and the address of its row."""

    owner: str
    what: str
    url: str


@dataclass(frozen=True)
class MachineLink:
    """A machine that has a name, and the address of the first row that does."""

    name: str
    url: str


@dataclass(frozen=True)
class ListedName:
    """A name, as the registry shows it; `term` is None for one that is not registered."""

    kind: str
    name: str
    term: Term | None
    known: bool
    places: int
    machines: int
    meant: str

    @property
    def missing(self) -> bool:
        return not self.known

    @property
    def unused(self) -> bool:
        return not (self.places or self.machines)

    @property
    def in_url(self) -> str:
        return urlencode({"kind": self.kind, "name": self.name})

    @property
    def rename_in_url(self) -> str:
        return urlencode({"kind": self.kind, "name": self.name, "new": self.meant})


class Registry:
    """Every name that is registered or used, in a number of queries that never grows."""

    def __init__(self) -> None:
        self.fleet = Fleet()
        self.vocabulary = vocabulary()
        self.places = Places(self.fleet, self.vocabulary.actions)
        self.terms: dict[Name, Term] = {(each.kind, each.name): each for each in Term.objects.all()}
        self._numbers: dict[object, dict[Key, int]] = {}

    def listed(self) -> list[ListedName]:
        """Missing names first, else by kind and name.

        A capability's own workflow is listed only where a row or a value writes it.
        """
        names = {*self.terms, *self.places.written}
        names |= {each for each in self.places.machines if not self._is_known(each)}
        found = [self.one(*name) for name in names]
        kinds = list(TERM_KINDS)
        found.sort(key=lambda each: (each.known, kinds.index(each.kind), each.name))
        return found

    def one(self, kind: str, name: str) -> ListedName:
        known = self._is_known((kind, name))
        return ListedName(
            kind,
            name,
            self.terms.get((kind, name)),
            known,
            len(self.places.written.get((kind, name), ())),
            len(self.places.machines.get((kind, name), ())),
            "" if known else nearest(name, self.vocabulary.known(kind)),
        )

    def _is_known(self, name: Name) -> bool:
        return name[1] in self.vocabulary.known(name[0])

    def places_of(self, name: Name) -> list[PlaceLink]:
        """Where a name is written, each with its row's address."""
        return [self._linked(place) for place in self.places.written.get(name, ())]

    def machines_of(self, name: Name) -> list[MachineLink]:
        """The machines that have a name, by their names."""
        found = self.places.machines.get(name, {})
        return [
            MachineLink(" ".join(whose), self._row(self.fleet.definitions[whose], found[whose][0]))
            for whose in sorted(found)
        ]

    def arguments_of(self, action: str) -> set[str]:
        """Every argument that an action is used with, as it is written."""
        layers = [self.fleet.shelf.own(pk) for pk in self.fleet.shelf.templates]
        layers += [each.own_layer for each in self.fleet.definitions.values()]
        return {
            each.argument
            for layer in layers
            for change in layer
            if isinstance(change, Put)
            for each in change.transition.actions
            if each.name == action
        }

    def _linked(self, place: Place) -> PlaceLink:
        is_template = isinstance(place.owner, MachineTemplate)
        if place.key is None:
            url = f"{_url_of(place.owner)}#layers-title"
            return PlaceLink(str(place.owner), f"the value of ({place.parameter})", url)
        what = "row" if is_template else "override"
        what = f"{place.key}, {'drop' if place.drop else what}"
        return PlaceLink(str(place.owner), what, self._row(place.owner, place.key))

    def _row(self, owner: MachineTemplate | Definition, key: Key) -> str:
        """The address of a row; of the page, when the machine has no such row."""
        number = self._numbers_of(owner).get(key)
        if number is None:
            return _url_of(owner)
        return f"{_url_of(owner)}?{urlencode(key._asdict())}#row-{number}"

    def _numbers_of(self, owner: MachineTemplate | Definition) -> dict[Key, int]:
        if owner not in self._numbers:
            machine: Machine
            if isinstance(owner, MachineTemplate):
                machine = self.fleet.shelf.machine(owner.pk)
            else:
                machine = self.fleet.machine(owner.capability.name, owner.kind)
            self._numbers[owner] = {key: n for n, key in enumerate(machine.by_key, start=1)}
        return self._numbers[owner]


def _url_of(owner: MachineTemplate | Definition) -> str:
    if isinstance(owner, MachineTemplate):
        return reverse("capabilities:machine-template", args=[owner.slug])
    return reverse("capabilities:editor", args=[owner.capability.name, owner.kind])


@needs(SEE)
@require_safe
def registry(request: HttpRequest) -> HttpResponse:
    """Every name; `?kind=`, `?show=missing|unused` and `?q=` keep some of them."""
    kind, show = request.GET.get("kind", ""), request.GET.get("show", "")
    wanted = request.GET.get("q", "").strip()
    names = Registry().listed()
    fitting = [
        each
        for each in names
        if (not kind or each.kind == kind) and wanted.casefold() in each.name.casefold()
    ]
    shown = {
        "missing": [n for n in fitting if n.missing],
        "unused": [n for n in fitting if n.unused],
    }
    asked = {"kind": kind, "show": show, "q": wanted}

    def link(label: str, count: int, **changed: str) -> dict[str, Any]:
        query = urlencode({name: text for name, text in {**asked, **changed}.items() if text})
        is_here = all(asked[name] == text for name, text in changed.items())
        return {"label": label, "count": count, "url": f"?{query}", "is_here": is_here}

    counts = {"": len(fitting), **{word: len(found) for word, found in shown.items()}}
    context = {
        "title": "Registry",
        "q": wanted,
        "kept": {name: text for name, text in asked.items() if text},
        "names": shown.get(show, fitting),
        "is_narrowed": any(asked.values()),
        "shows": [link(label, counts[word], show=word) for word, label in LISTS],
        "kinds": [
            link("any kind", len(names), kind=""),
            *(
                link(f"{each}s", sum(name.kind == each for name in names), kind=each)
                for each in TERM_KINDS
            ),
        ],
    }
    part = request.headers.get("HX-Target") == "registry-list"
    return page(request, "registry/_list.html" if part else "registry/list.html", context)


@needs(SEE)
@require_safe
def term(request: HttpRequest) -> HttpResponse:
    """One name, `?kind=&name=`: what is said of it, where it is written, which machines have it."""
    loaded = LoadedName(request)
    return loaded.answer(request, "registry/term.html", title=f"{loaded.kind} {loaded.name}")


class LoadedName:
    """The name that a request is about. Raises Http404 for one that is nowhere."""

    def __init__(self, request: HttpRequest) -> None:
        self.kind, self.name = request.GET.get("kind", ""), request.GET.get("name", "")
        if self.kind not in TERM_KINDS or not self.name:
            raise Http404("There is no such name.")
        self.registry = Registry()
        self.listed = self.registry.one(self.kind, self.name)
        if self.listed.unused and not self.listed.known:
            raise Http404(f"The {self.kind} “{self.name}” is neither registered nor used.")
        self.back = way_back(request)
        self.url = f"{reverse('capabilities:term')}?{self.listed.in_url}"

    @cached_property
    def is_workflow_of_its_own(self) -> bool:
        """Whether it is known because a capability is called so."""
        return self.kind == WORKFLOW and Capability.objects.filter(name=self.name).exists()

    def answer(
        self, request: HttpRequest, template: str, *, status: int = 200, **more: Any
    ) -> HttpResponse:
        context = {
            "each": self.listed,
            "places": self.registry.places_of((self.kind, self.name)),
            "machines": self.registry.machines_of((self.kind, self.name)),
            "is_own_workflow": self.is_workflow_of_its_own,
            "back": self.back or self.url,
            "next": self.back,
            "term_url": self.url,
            **more,
        }
        return page(request, template, context, status=status)


def way_back(request: HttpRequest) -> str:
    """The page of ours that `?next=` names, to go back to; "" for none."""
    url = request.GET.get("next", "")
    hosts, secure = {request.get_host()}, request.is_secure()
    fine = url_has_allowed_host_and_scheme(url, allowed_hosts=hosts, require_https=secure)
    return url if fine else ""
