"""A new release: which machines, what it changes, what the checks say, and then the release."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from .. import sending
from ..auditing import Author
from ..authoring import releases, second_person
from ..authoring.releases import Acknowledged, Found, Proposal, ReleaseOutdatedError
from ..forms.releases import ReleaseForm, acknowledged_as_text, read_acknowledged
from ..models import AuditEntry, Capability, Kind
from .access import RELEASE, SEE, needs
from .answers import page
from .releases import told_changes
from .writing import SHOWN, tell


@dataclass
class Warned:
    """What one check warns of about one machine, to be acknowledged together."""

    who: Acknowledged
    found: list[Found] = field(default_factory=list)
    words: str = ""
    ticked: bool = False

    @property
    def value(self) -> str:
        return acknowledged_as_text(self.who)


@needs(SEE, RELEASE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_release(request: HttpRequest) -> HttpResponseBase:
    """What would be released: `?name=` (all without one) of one `kind`; a POST releases it."""
    asked = request.POST if request.method == "POST" else request.GET
    if request.method != "POST":
        return _show(request, asked, ReleaseForm())
    form = ReleaseForm(request.POST)
    if not form.is_valid() and "head" in form.errors:
        told = "The form did not say what it has seen; nothing was saved. Look at the plan again."
        return _show(request, asked, form, status=428, problems=[told])
    capabilities, unknown = _chosen(asked)
    if unknown:
        told = f"{', '.join(unknown)} was removed in the meantime."
        return _show(request, asked, form, status=422, problems=[told])
    if not form.is_valid():
        return _show(request, asked, form, status=422)
    try:
        made = releases.release(
            capabilities=capabilities,
            kind=_kind(asked),
            acknowledged=read_acknowledged(request.POST),
            by=Author.of(request),
            **form.cleaned_data,
        )
    except ReleaseOutdatedError as conflict:
        since = AuditEntry.objects.filter(sequence__gt=conflict.seen)
        entries = since.defer("before", "after", "made_of")[:SHOWN]
        more = {"conflict": conflict, "conflict_entries": entries}
        return _show(request, asked, form, status=409, **more)
    except ValidationError as error:
        tell(form, error)
        return _show(request, asked, form, status=422)
    sending.wake()
    messages.success(request, f"Release {made.number} is made. It cannot be changed any more.")
    return redirect(made.get_absolute_url())


def _kind(asked: QueryDict) -> str:
    kind = asked.get("kind", "")
    return kind if kind in Kind.values else Kind.CURRENT.value


def _chosen(asked: QueryDict) -> tuple[list[Capability], list[str]]:
    """The capabilities that are asked for, and the names of those that there are not."""
    names = asked.getlist("name")
    if not names:
        return list(Capability.objects.all()), []
    found = list(Capability.objects.filter(name__in=names))
    return found, sorted(set(names) - {each.name for each in found})


def _show(
    request: HttpRequest,
    asked: QueryDict,
    form: ReleaseForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    names, kind = asked.getlist("name"), _kind(asked)
    proposed = releases.propose(names or None, kind, Author.of(request))
    known = list(Capability.objects.values_list("name", flat=True))
    context = {
        "title": f"Release {proposed.number}",
        "proposed": proposed,
        "plan": proposed.plan,
        "is_by_another": second_person.is_by_another(),
        "changes": told_changes(proposed.plan, proposed.number - 1, None, kind),
        "warnings": _warnings(proposed, request.POST),
        "infos": [each for each in proposed.findings if each.finding.severity == "info"],
        "kind": kind,
        "kinds": Kind.values,
        "capabilities": known,
        "chosen": set(names or known),
        "named": names,
        "form": form,
        **more,
    }
    return page(request, "releases/new.html", context, status=status)


def _warnings(proposed: Proposal, posted: QueryDict) -> Iterable[Warned]:
    """The warnings by check and machine, ticked and with the words that were posted."""
    ticked: Mapping[Acknowledged, str] = read_acknowledged(posted)
    found: dict[Acknowledged, Warned] = {}
    for each in proposed.warnings:
        warned = found.setdefault(each.who, Warned(each.who))
        warned.found.append(each)
        warned.ticked = each.who in ticked
        warned.words = posted.get(f"words {warned.value}", "")
    return found.values()
