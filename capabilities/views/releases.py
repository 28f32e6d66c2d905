"""Releases: all of them, what each environment has, one release, and recording a deployment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from .. import sending
from ..auditing import Author
from ..authoring import releases
from ..deployment.release_notes import as_markdown
from ..forms.releases import DeploymentForm
from ..machines.notation import render
from ..machines.release_plan import Change, ReleasePlan, plan
from ..models import (
    Deployment,
    Environment,
    Fleet,
    Kind,
    Release,
    ReleaseMachine,
    present_deployments,
    released_texts,
)
from .access import DEPLOY, SEE, needs
from .answers import download, page
from .writing import tell

PER_PAGE = 50
CURRENT = "current"
"""What a release is compared with, besides another one."""

Texts = Mapping[str, tuple[str, str]]
"""The kind and the text of machines, by name."""


@dataclass(frozen=True)
class Present:
    """What an environment has: how many releases there are since, and what differs from current."""

    environment: str
    deployment: Deployment | None
    behind: int = 0
    differing: int = 0
    missing: int = 0


@dataclass(frozen=True)
class Told:
    """A change of the plan, and the comparison of each of its machines."""

    change: Change
    links: tuple[tuple[str, str], ...]


def compare_link(old: str, new: str) -> str:
    """The comparison of two sides, as `forms.comparing` names them."""
    return f"{reverse('capabilities:compare')}?{urlencode({'old': old, 'new': new}, safe='/')}"


def released_side(number: int, name: str) -> str:
    return f"release/{number}/{name}"


def told_changes(found: ReleasePlan, old: int, new: int | None, kind: str = "") -> list[Told]:
    """The changes of a plan with their comparisons; without `new`, with what is stored now."""

    def link(name: str) -> str:
        to = released_side(new, name) if new else f"capability/{name}/{kind}"
        return compare_link(released_side(old, name), to)

    return [Told(each, tuple((n, link(n)) for n in each.names)) for each in found.changed]


def plan_of(release: Release) -> ReleasePlan:
    """What a release changed against the one before it, by the frozen texts of both."""
    previous = release.previous
    before = previous.machines_as_released() if previous else None
    return plan(before, release.machines_as_released())


@needs(SEE)
@require_safe
def release_list(request: HttpRequest) -> HttpResponse:
    """Every release, the newest first, and what each environment has."""
    rows = Release.objects.defer("export", "notes", "warnings").annotate(size=Count("machines"))
    rows = rows.order_by("-number")
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    present = _present()
    where: dict[int, list[str]] = {}
    for each in present:
        if each.deployment:
            where.setdefault(each.deployment.release_id, []).append(each.environment)
    context = {
        "title": "Releases",
        "shown": shown,
        "present": present,
        "rows": [(each, where.get(each.number, [])) for each in shown],
    }
    return page(request, "releases/list.html", context)


def _present() -> list[Present]:
    deployed = {each.environment: each for each in present_deployments()}
    if not deployed:
        return [Present(each, None) for each in Environment.values]
    last = Release.objects.values_list("number", flat=True)[0]
    texts = released_texts(each.release_id for each in deployed.values())
    current = _current()
    found = []
    for environment in Environment.values:
        there = deployed.get(environment)
        if there is None:
            found.append(Present(environment, None))
            continue
        mine = texts.get(there.release_id, {})
        differing = sum(current.get(name) != text for name, (_, text) in mine.items())
        missing = len(current.keys() - mine.keys())
        found.append(Present(environment, there, last - there.release_id, differing, missing))
    return found


def _current() -> dict[str, str]:
    """The text of every current machine."""
    fleet = Fleet()
    names = [each.name for each in fleet.capabilities]
    return {name: render(fleet.machine(name, Kind.CURRENT)) for name in names}


@needs(SEE)
@require_safe
def release(request: HttpRequest, number: int) -> HttpResponse:
    """One release, compared with the one before it or with `?against=`: a number, or current."""
    return _show(request, get_object_or_404(Release, number=number))


@needs(DEPLOY)
@require_POST
def record_deployment(request: HttpRequest, number: int) -> HttpResponseBase:
    """Record that a release is in an environment now."""
    found = get_object_or_404(Release, number=number)
    form = DeploymentForm(request.POST)
    if not form.is_valid():
        return _show(request, found, form=form, status=422)
    try:
        releases.deploy(release=found, **form.cleaned_data, by=Author.of(request))
    except ValidationError as error:
        tell(form, error)
        return _show(request, found, form=form, status=422)
    sending.wake()
    messages.success(request, f"{form.cleaned_data['environment']} has release {number} now.")
    return redirect(f"{found.get_absolute_url()}#deployments-title")


def _show(
    request: HttpRequest,
    found: Release,
    *,
    form: DeploymentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    number, against = found.number, request.GET.get("against", "")
    others = list(
        Release.objects.exclude(number=number).order_by("-number").values_list("number", "title")
    )
    known = [str(other) for other, _ in others]
    if against not in (*known, CURRENT):
        against = str(number - 1) if number > 1 else CURRENT
    rows = list(found.machines.all())
    context: dict[str, Any] = {
        "title": f"Release {number}",
        "release": found,
        "plan": (made := plan_of(found)),
        "changes": told_changes(made, number - 1, number),
        "machines": _compared(rows, against, number),
        "against": against,
        "others": others,
        "previous": number - 1,
        "next": number + 1 if str(number + 1) in known else None,
        "deployments": found.deployments.all(),
        "present": [
            each.environment for each in present_deployments() if each.release_id == number
        ],
        "form": form or DeploymentForm(),
    }
    return page(request, "releases/release.html", context, status=status)


def _compared(
    rows: list[ReleaseMachine], against: str, number: int
) -> list[tuple[ReleaseMachine, str, str]]:
    """Each machine, what became of it there, and the comparison: older first, current last."""
    if against == CURRENT:
        texts: Texts = {name: (CURRENT, text) for name, text in _current().items()}
    else:
        texts = released_texts([int(against)]).get(int(against), {})
    found = []
    for each in rows:
        other, mine = texts.get(each.name), released_side(number, each.name)
        if other is None:
            found.append((each, "not in it", ""))
            continue
        word = "the same" if other[1] == each.text else "different"
        if against == CURRENT:
            link = compare_link(mine, f"capability/{each.name}/current")
        else:
            sides = sorted([(int(against), released_side(int(against), each.name)), (number, mine)])
            link = compare_link(sides[0][1], sides[1][1])
        found.append((each, word, link))
    return found


@needs(SEE)
@require_safe
def release_file(request: HttpRequest, number: int, suffix: str) -> HttpResponse:
    """The frozen export as it is, or the release told in Markdown."""
    found = get_object_or_404(Release, number=number)
    if suffix == "json":
        content, content_type = found.export.encode(), "application/json"
    else:
        content, content_type = as_markdown(found, plan_of(found)).encode(), "text/markdown"
    return download(
        content, content_type=f"{content_type}; charset=utf-8", name=f"release-{number}.{suffix}"
    )
