"""What machines are made of, and what is nearer; adopting that: the plan, then all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from ..auditing import Author, locked_head
from ..authoring import adopting
from ..authoring.adopting import Adoption
from ..authoring.conflicts import ConflictError
from ..authoring.definitions import Seen
from ..authoring.rehearsal import rehearse
from ..forms import AdoptForm
from ..machines.checks import Finding
from ..machines.layer_sentences import (
    alike_sentence,
    bases_title,
    layering,
    named,
    nearer_verdict,
)
from ..machines.machine import Key
from ..machines.sentences import count, override_sentences
from ..models import Alike, Definition, Fleet, Matched, Matching
from .access import ADD_TEMPLATES, EDIT, SEE, needs
from .answers import page
from .writing import number_of, tell_written

PER_PAGE = 100
_NAMED = 8  # machines that a message names
_LISTED = 20  # and a group of the list

SHOWS = {
    "": ("All", lambda found: True),
    "nearer": ("Could be nearer", lambda found: found.nearer is not None),
    "none": ("No machine template", lambda found: found.present.template is None),
}


@dataclass(frozen=True)
class Row:
    """One machine, as the page and the plan show it."""

    found: Matched
    matching: Matching

    @property
    def titles(self) -> Mapping[str, str]:
        return self.matching.titles

    @property
    def name(self) -> str:
        return self.found.definition.capability.name

    @property
    def kind(self) -> str:
        return self.found.definition.kind

    @property
    def id(self) -> str:
        """By which a form names it: no kind has a “/”."""
        return f"{self.kind}/{self.name}"

    @property
    def title(self) -> str:
        return f"{self.name} {self.kind}"

    @property
    def version(self) -> int:
        return self.found.definition.version

    @property
    def made_of(self) -> str:
        return layering(self.found.present, self.titles, overrides=self.found.overrides)

    @property
    def nearer(self) -> str:
        return layering(self.found.nearer, self.titles) if self.found.nearer else ""

    @property
    def fewer(self) -> int:
        return self.found.fewer

    @property
    def changes(self) -> list[str]:
        """What the overrides do that are left over the nearest layers, a sentence each."""
        nearer = self.found.nearer
        if nearer is None:
            return []
        told = override_sentences(nearer.changes, nearer.base)
        return [f"{verb} {sentence}" for verb, found in told.items() for sentence in found]

    def seen(self, version: int) -> Seen:
        return Seen(self.found.definition.capability, self.kind, version)

    def adoption(self, version: int) -> Adoption | None:
        """What is nearer, of the machine as somebody saw it."""
        nearer = self.found.nearer
        if nearer is None or nearer.template is None:
            return None
        templates = self.matching.templates
        return Adoption(
            self.seen(version),
            templates[nearer.template],
            tuple(templates[slug] for slug in nearer.stages),
        )

    @property
    def distances(self) -> list[dict[str, object]]:
        return [
            {
                "changes": each.changes,
                "title": bases_title(each.base.template, each.base.stages, self.titles),
            }
            for each in self.found.distances
        ]


@dataclass(frozen=True)
class PlannedAdoption:
    """What becomes of one machine's overrides, and what is found then that is not found now."""

    row: Row
    findings: Sequence[Finding]

    @property
    def overrides(self) -> list[tuple[str, list[Key]]]:
        nearer = self.row.found.nearer
        then = [change.key for change in nearer.changes] if nearer else []
        now = [override.key for override in self.row.found.definition.overrides.all()]
        return [
            ("Overrides that go", [key for key in now if key not in then]),
            ("Overrides that stay", [key for key in now if key in then]),
            ("New overrides", [key for key in then if key not in now]),
        ]


@needs(SEE)
@require_safe
def matching(request: HttpRequest) -> HttpResponse:
    """The groups and every machine; `?show=` keeps those that could be nearer, or have none."""
    return _list(request)


def _list(
    request: HttpRequest,
    *,
    problems: Sequence[str] = (),
    typed: tuple[Sequence[str], str] = ((), ""),
    status: int = 200,
) -> HttpResponse:
    matched = Matching(Fleet())
    found = matched.all()
    show = request.GET.get("show", "")
    show = show if show in SHOWS else ""
    kept = [each for each in found if SHOWS[show][1](each)]
    shown = Paginator(kept, PER_PAGE).get_page(request.GET.get("page"))
    rows = [Row(each, matched) for each in shown]
    near = sum(each.nearer is not None for each in found)
    url = reverse("capabilities:matching")
    context = {
        "title": "Matching",
        "groups": [_group(each, found, matched, typed) for each in matched.alike()],
        "verdict": nearer_verdict(near, len(found)),
        "near": near,
        "show": show,
        "query": urlencode({"show": show}) if show else "",
        "links": [
            {
                "label": label,
                "url": f"{url}?{urlencode({'show': key})}" if key else url,
                "count": sum(map(keeps, found)),
                "is_here": key == show,
            }
            for key, (label, keeps) in SHOWS.items()
        ],
        "shown": shown,
        "rows": rows,
        "offers": any(row.nearer for row in rows),
        "problems": problems,
    }
    return page(request, "matching/matching.html", context, status=status)


def _group(
    alike: Alike,
    found: Sequence[Matched],
    matched: Matching,
    typed: tuple[Sequence[str], str],
) -> dict[str, object]:
    names = set(alike.group.names)
    members = [
        Row(each, matched)
        for each in found
        if each.definition.kind == alike.kind and each.definition.capability.name in names
    ]
    made_of: dict[str, list[str]] = {}
    for row in members:
        made_of.setdefault(row.made_of, []).append(row.name)
    return {
        "sentence": alike_sentence(alike.kind, alike.group.names, most=_LISTED),
        "made_of": {layers: named(of, most=_LISTED) for layers, of in made_of.items()},
        "apart": alike.apart,
        "machines": members,
        "typed": typed[1] if [row.id for row in members] == typed[0] else "",
    }


# -- adopting


@needs(EDIT)
@require_POST
def adopt(request: HttpRequest) -> HttpResponseBase:
    """The plan of what each `machine` adopts, or `only` one; with `step=do` it is carried out."""
    asked = request.POST.getlist("only") or request.POST.getlist("machine")
    rows = _rows(asked)
    if not rows:
        return _list(request, problems=["Tick the machines that are meant."], status=422)
    if request.POST.get("step") != "do":
        return _planned(request, rows)
    form = AdoptForm(request.POST)
    head, versions = number_of(request, "head"), _versions(request, asked)
    if head is None or versions is None:
        told = "The form did not say which versions it changes; nothing was saved. See the plan."
        return _planned(request, rows, problems=[told], status=428)
    if not form.is_valid():
        return _planned(request, rows, form=form, status=422)
    adoptions = [found for row in rows if (found := row.adoption(versions.get(row.id, 0)))]
    message = form.cleaned_data["message"]
    try:
        if missing := sorted(set(asked) - {row.id for row in rows if row.nearer}):
            kind, _, name = missing[0].partition("/")  # it is gone, or as near as can be by now
            raise ConflictError(f"{name} {kind}")
        written = adopting.adopt(
            adoptions=adoptions, since=head, message=message, by=Author.of(request)
        )
    except ConflictError as conflict:
        seen = [row.seen(versions.get(row.id, 0)) for row in rows]
        moved = list(adopting.entries_since(seen, head)[:_NAMED])
        return _planned(request, rows, form=form, status=409, conflict=conflict, moved=moved)
    except ValidationError as error:
        return _planned(request, rows, form=form, status=422, problems=error.messages)
    tell_written(request, _told(written, rows))
    return redirect(_back(request, rows))


def _rows(asked: Sequence[str]) -> list[Row]:
    """The machines that are named, measured; without those that are not there."""
    names = [each.partition("/")[::2] for each in asked if "\0" not in each]
    matched = Matching(Fleet({name for _, name in names}))
    found = {(kind, name) for kind, name in names}
    return [
        Row(each, matched)
        for each in matched.all()
        if (each.definition.kind, each.definition.capability.name) in found
    ]


def _versions(request: HttpRequest, asked: Sequence[str]) -> dict[str, int] | None:
    """The versions that the plan was made of; None when the form does not say each of them."""
    found = {each: number_of(request, f"version-{each}") for each in asked}
    if None in found.values():
        return None
    return {each: version for each, version in found.items() if version is not None}


def _planned(
    request: HttpRequest,
    rows: Sequence[Row],
    *,
    form: AdoptForm | None = None,
    status: int = 200,
    problems: Sequence[str] = (),
    **more: Any,
) -> HttpResponse:
    """The page with the plan of what is nearest now; why there is none, if there is none."""
    adoptions = [found for row in rows if (found := row.adoption(row.version))]

    def write() -> None:
        more["head"] = locked_head().sequence
        adopting.adopt(adoptions=adoptions, by=Author.of(request))

    try:
        changed = rehearse(write) if adoptions else []
    except (ConflictError, ValidationError) as error:
        told = error.messages if isinstance(error, ValidationError) else [str(error)]
        problems, status, adoptions = [*problems, *told], max(status, 422), []
    findings = {(each.name, each.kind): each.findings for each in changed} if adoptions else {}
    near = [row for row in rows if row.nearer] if adoptions else []
    if not near and not problems and status == 200:
        status, problems = 422, ["There is nothing to adopt: no layers are nearer."]
    context = {
        "title": "Adopt",
        "planned": [PlannedAdoption(row, findings.get((row.name, row.kind), ())) for row in near],
        "staying": [row for row in rows if not row.nearer],
        "form": form or AdoptForm(),
        "problems": problems,
        "back": request.POST.get("back", ""),
        "cancel": _back(request, rows),
        **more,
    }
    return page(request, "matching/adopt.html", context, status=status)


def _back(request: HttpRequest, rows: Sequence[Row]) -> str:
    """The editor when it was asked for there, else the list."""
    if request.POST.get("back") == "editor" and len(rows) == 1:
        return reverse("capabilities:editor", args=[rows[0].name, rows[0].kind])
    return reverse("capabilities:matching")


def _told(written: Sequence[Definition], rows: Sequence[Row]) -> str:
    if len(written) == 1:
        return f"Adopted {rows[0].nearer} for {written[0]}; the effective machine is the same."
    machines = named([str(each) for each in written], most=_NAMED)
    return f"Adopted nearer layers for {machines}; every effective machine is the same."


# -- one machine template of machines that are equal up to their name


@needs(EDIT, ADD_TEMPLATES)
@require_POST
def make_template(request: HttpRequest) -> HttpResponseBase:
    """Make a machine template with the posted `title` of a group's machines, and adopt it."""
    asked = request.POST.getlist("machine")
    title = request.POST.get("title", "").strip()
    versions = _versions(request, asked)
    rows = _rows(asked)
    if not rows or versions is None:
        told = "The form did not say which machines it changes; nothing was saved."
        return _list(request, problems=[told], status=428)
    group = next(
        (
            each.group
            for each in rows[0].matching.alike()
            if [f"{each.kind}/{name}" for name in each.group.names] == asked and each.apart
        ),
        None,
    )
    if group is None:
        told = "These machines are no longer equal, or have a machine template in common."
        return _list(request, problems=[told], status=409)
    seen = [row.seen(versions[row.id]) for row in rows]
    try:
        written = adopting.make(
            title=title, definitions=seen, form=group.form, by=Author.of(request)
        )
    except ConflictError as conflict:
        return _list(request, problems=[str(conflict)], typed=(asked, title), status=409)
    except ValidationError as error:
        return _list(request, problems=_problems(error), typed=(asked, title), status=422)
    made, machines = written[0].machine_template, count(len(rows), "machine")
    tell_written(request, f"“{made}” was made of {machines}; every effective machine is the same.")
    return redirect("capabilities:machine-template", slug=made.slug if made else "")


def _problems(error: ValidationError) -> list[str]:
    """What has to be mended about the title, the only thing that is typed."""
    if not hasattr(error, "error_dict"):
        return error.messages
    return [f"Title: {each}" for found in error.message_dict.values() for each in found]
