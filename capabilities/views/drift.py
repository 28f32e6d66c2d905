"""Drift: a dump of the deployed rows against what should be there, and deciding what is known.

Nothing of a dump is stored. The page sends it back with every form, to be compared anew.
"""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from ..auditing import Author
from ..authoring import known_drift
from ..authoring.conflicts import ConflictError
from ..authoring.known_drift import ChosenDrift
from ..deployment.against import CURRENT, UnknownAgainstError, choices, read_against
from ..deployment.drift_reports import FORMATS, Report, decided_anew, report_of
from ..deployment.dumps import SIZE_LIMIT, DumpError, Part, read_dump
from ..deployment.mapping import configured
from ..deployment.workspaces import json_text
from ..forms import DumpForm, KnownDriftForm, chosen_drift_as_text, read_chosen_drift
from ..machines.drift import WHOLE, DriftKind, named
from ..machines.known_drift import Known, Standing
from ..machines.sentences import count
from ..models import Capability
from .access import ADD, DECIDE_DRIFT, EDIT, EDIT_TEMPLATES, SEE, may, needs
from .answers import dated, download, page
from .writing import tell
from .wrong_setting import tells_wrong_setting

_COLOURS = {
    DriftKind.MISSING: "removed",
    DriftKind.EXTRA: "added",
    DriftKind.CHANGED: "changed",
    DriftKind.MOVED: "moved",
}


@dataclass(frozen=True)
class Row:
    """How a drift stands, as the page shows it; `number` is its place there."""

    standing: Standing
    number: int
    is_here: bool
    """Whether the capability has a page of its own."""

    is_ticked: bool = False

    @property
    def capability(self) -> str:
        return self.standing.subject[0]

    @property
    def key(self) -> str:
        """The transition; "" for a whole machine."""
        key = self.standing.subject[1]
        return "" if key == WHOLE else str(key)

    @property
    def colour(self) -> str:
        """The class of a badge; the sign and the word say it, too."""
        drift = self.standing.drift
        return _COLOURS[drift.kind] if drift else ""

    @property
    def known(self) -> Known | None:
        """The decision that is shown; what was withdrawn is not."""
        known = self.standing.known
        return known if known and known.holds else None

    @property
    def chosen(self) -> str:
        """The drift as the form sends it back."""
        drift, known = self.standing.drift, self.standing.known
        seen, newest = drift.text if drift else "", known.number if known else 0
        return chosen_drift_as_text(ChosenDrift(self.standing.subject, seen, newest))


@needs(SEE)
@require_http_methods(["GET", "HEAD", "POST"])
@tells_wrong_setting
def drift(request: HttpRequest) -> HttpResponse:
    """Take a dump, show what of it is not as it should be; `?against=` chooses with what."""
    if request.method != "POST":
        return _begin(request, request.GET.get("against", CURRENT))
    form = _posted(request)
    report = _report(form)
    if report is None:
        return _ask(request, form)
    return _show(request, report, KnownDriftForm(owners=_owners(), initial=_me(request)), form)


@needs(SEE, DECIDE_DRIFT)
@require_POST
@tells_wrong_setting
def decide(request: HttpRequest) -> HttpResponse:
    """Decide on the `chosen` drift, or withdraw what is decided there, as `verb` says."""
    dump = _posted(request)
    report = _report(dump)
    if report is None:
        return _ask(request, dump)
    form = KnownDriftForm(request.POST, owners=_owners())
    texts = request.POST.getlist("chosen")
    chosen = read_chosen_drift(texts)
    if chosen is None:
        told = "The form did not say which drift it showed; nothing was saved. Compare again."
        return _show(request, report, form, dump, status=428, problems=[told])
    try:
        told = _written(request, form, chosen, report)
    except ConflictError as conflict:
        return _show(request, report, form, dump, status=409, conflict=conflict, ticked=chosen)
    except ValidationError as error:
        tell(form, error)
        if wrong := [name for name in form.fields if form[name].errors]:
            form.fields[wrong[0]].widget.attrs["autofocus"] = True
        return _show(request, report, form, dump, status=422, ticked=chosen)
    messages.success(request, told)
    fresh = KnownDriftForm(owners=_owners(), initial=_me(request))
    return _show(request, decided_anew(report, timezone.now().date()), fresh, dump)


@needs(SEE)
@require_POST
@tells_wrong_setting
def drift_file(request: HttpRequest, name: str) -> HttpResponse:
    """The report on the dump that is posted, as a file."""
    form = _posted(request)
    report = _report(form)
    if report is None:
        return _ask(request, form)
    chosen = FORMATS[name]
    return download(
        chosen.write(report),
        content_type=f"{chosen.content_type}; charset=utf-8",
        name=dated("drift", chosen.suffix),
    )


def _posted(request: HttpRequest) -> DumpForm:
    return DumpForm(request.POST, request.FILES, choices=choices)


def _begin(request: HttpRequest, against: str) -> HttpResponse:
    """The form for a dump that is compared with what an address names."""
    if against != CURRENT:
        try:
            read_against(against, configured())
        except UnknownAgainstError as error:
            return page(request, "404.html", {"title": "Not found", "why": error}, status=404)
    return _ask(request, DumpForm(initial={"against": against}, choices=choices))


def _report(form: DumpForm) -> Report | None:
    """The report on what was posted; None, with the form saying why, when there is no dump."""
    if not form.is_valid():
        return None
    given, mapping = form.cleaned_data, configured()
    try:
        parts = [_part(each) for each in given["uploads"]]
        dump = read_dump(parts or [Part("The text", given["text"].encode())], mapping)
    except DumpError as error:
        form.add_error("uploads" if given["uploads"] else "text", str(error))
        return None
    try:
        against = read_against(given["against"] or CURRENT, mapping)
    except UnknownAgainstError as error:
        form.add_error("against", str(error))
        return None
    return report_of(dump, against, mapping, timezone.now().date())


def _part(file: Any) -> Part:
    """An uploaded file. Raises DumpError for one that is too large."""
    if file.size is None or file.size > SIZE_LIMIT:
        raise DumpError(f"{file.name} has more than {SIZE_LIMIT:,} bytes.")
    return Part(file.name or "The file", file.read())


def _written(
    request: HttpRequest, form: KnownDriftForm, chosen: list[ChosenDrift], report: Report
) -> str:
    """Do what the form says, and tell it. Raises ValidationError for what the form refuses, too."""
    by = Author.of(request)
    told = named(chosen[0].subject) if len(chosen) == 1 else count(len(chosen), "place")
    if request.POST.get("verb") == "withdraw":
        known_drift.withdraw(chosen=chosen, reason=request.POST.get("reason", ""), by=by)
        return f"Withdrew the decision on {told}."
    if not form.is_valid():
        raise ValidationError({})  # the form that is shown again tells it
    known_drift.decide(chosen=chosen, there=report.drifts, **form.cleaned_data, by=by)
    return f"Decided on {told}: known until {form.cleaned_data['until']}."


def _ask(request: HttpRequest, form: DumpForm) -> HttpResponse:
    """The form for a dump, with what was wrong with it."""
    tables = configured().tables
    context = {"title": "Drift", "form": form, "tables": tables}
    return page(request, "drift/drift.html", context, status=422 if form.is_bound else 200)


def _show(
    request: HttpRequest,
    report: Report,
    form: KnownDriftForm,
    dump: DumpForm,
    *,
    ticked: list[ChosenDrift] | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """What of a dump is not as it should be; `more` tells what happened."""
    here = set(Capability.objects.values_list("name", flat=True))
    subjects = {each.subject for each in ticked or ()}
    rows = [
        Row(each, number, each.subject[0] in here, each.subject in subjects)
        for number, each in enumerate(report.standings, start=1)
    ]
    mapping = configured()
    context = {
        "title": "Drift",
        "report": report,
        "rows": [each for each in rows if each.standing.drift],
        "closed": [each for each in rows if not each.standing.drift],
        "form": form,
        "dump": dump,
        "text": json_text(report.rows, is_ascii=True),
        "tables": mapping.tables,
        "may_import": _may_import(request, report),
        **more,
    }
    return page(request, "drift/result.html", context, status=status)


def _may_import(request: HttpRequest, report: Report) -> bool:
    """Whether to offer to import what is deployed: somebody may, and it is otherwise and whole.

    Importing makes it current, so what is otherwise than in a release is not offered.
    """
    if report.against.name != CURRENT:
        return False
    is_whole = bool(report.machines) and not report.broken
    return bool(report.drifts) and is_whole and may(request.user, ADD, EDIT, EDIT_TEMPLATES)


def _owners() -> list[str]:
    staff = get_user_model()._default_manager.filter(is_staff=True, is_active=True)
    return sorted(each.get_username() for each in staff)


def _me(request: HttpRequest) -> dict[str, str]:
    return {"owner": request.user.get_username()}
