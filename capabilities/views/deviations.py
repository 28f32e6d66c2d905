"""Deviations: what is decided about each difference from current to ideal, and deciding it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ..auditing import Author
from ..authoring import deviations
from ..authoring.conflicts import ConflictError
from ..authoring.deviations import Chosen
from ..forms import DecisionForm, chosen_as_text, read_chosen
from ..machines.deviations import SIGNS, UNDECIDED, Decision, Standing, State
from ..machines.machine import Key
from ..machines.sentences import count, difference_sentences
from ..models import Capability, Deviation, Fleet, deviations_of
from .access import DECIDE, SEE, needs
from .answers import page
from .writing import is_part, tell, tell_written

PER_PAGE = 100
TICKETS = 50  # offered while one types


@dataclass(frozen=True)
class Row:
    """How a difference stands, as a page shows it; `number` is its place on that page."""

    capability: str
    standing: Standing
    number: int

    @property
    def url(self) -> str:
        """The page of its decisions."""
        key = urlencode(self.standing.key._asdict())
        return f"{reverse('capabilities:deviation', args=[self.capability])}?{key}"

    @property
    def chosen(self) -> str:
        """The difference as a form sends it back."""
        newest = self.standing.decision.number if self.standing.decision else 0
        return chosen_as_text(self.standing.key, self.standing.seen, newest)

    @property
    def decided(self) -> Decision | None:
        """The decision that is shown; what was withdrawn is not."""
        return None if self.standing.state is State.UNEXPLAINED else self.standing.decision

    @property
    def was(self) -> str:
        """What was decided, where the state does not say it; else ""."""
        says = self.decided.says.value if self.decided else ""
        return "" if says == self.standing.state.value else says

    @property
    def sentences(self) -> list[str]:
        found = self.standing.difference
        return difference_sentences(found) if found else []


def today() -> date:
    """This day, UTC."""
    return timezone.now().date()


def rows_of(name: str, found: Iterable[Standing]) -> dict[Key, Row]:
    """A capability's standings as a page shows them, by their keys."""
    return {each.key: Row(name, each, number) for number, each in enumerate(found, start=1)}


def of_comparison(fleet: Fleet, name: str) -> dict[str, Any]:
    """What a page with the differences of one capability shows of its decisions."""
    rows = rows_of(name, deviations_of(fleet, today())[name])
    return {"decisions": rows, **_together(rows)}


def _together(rows: Mapping[Key, Row]) -> dict[str, Any]:
    """What is told below the differences of one capability."""
    return {
        "undecided": _undecided(rows),
        "closed": [each for each in rows.values() if each.standing.state is State.CLOSED],
    }


def _undecided(rows: Mapping[Key, Row]) -> list[Row]:
    return [each for each in rows.values() if each.standing.state in UNDECIDED]


@needs(SEE)
@require_safe
def deviation(request: HttpRequest, name: str) -> HttpResponse:
    """What is decided on the difference at `?source=…&event=…`, and the form to decide.

    Without a key, the form for all on which nothing is decided. htmx gets the row's part: the form,
    or with `shut` how it stands.
    """
    return _show(request, get_object_or_404(Capability, name=name))


@needs(DECIDE)
@require_POST
def decide(request: HttpRequest, name: str) -> HttpResponseBase:
    """Decide on the `chosen` differences, or withdraw what is decided there, as `verb` says."""
    capability = get_object_or_404(Capability, name=name)
    texts = request.POST.getlist("chosen")
    chosen = read_chosen(capability, texts)
    if chosen is None:
        told = "Tick the differences that are meant."
        if texts or _key(request):
            told = "The form did not say which difference it showed; nothing was saved. Reload it."
        status = 428 if texts or _key(request) else 422
        return _show(request, capability, status=status, problems=[told])
    try:
        told = _written(request, capability, chosen)
    except ConflictError as conflict:
        return _show(request, capability, posted=request.POST, status=409, conflict=conflict)
    except ValidationError as error:
        return _show(request, capability, posted=request.POST, status=422, error=error)
    if is_part(request):
        return _show(request, capability, told=told)
    tell_written(request, told)
    row = rows_of(name, deviations_of(Fleet([name]), today())[name]).get(chosen[0].key)
    place = f"decision-{row.number}" if row else "differences-title"
    return redirect(f"{reverse('capabilities:comparison', args=[name])}#{place}")


def _written(request: HttpRequest, capability: Capability, chosen: Sequence[Chosen]) -> str:
    """Do what the form says, and tell it. Raises ValidationError for what the form refuses, too."""
    first, by = chosen[0], Author.of(request)
    if request.POST.get("verb") == "withdraw":
        deviations.withdraw(
            capability=capability,
            key=first.key,
            newest=first.newest,
            reason=request.POST.get("reason", ""),
            by=by,
        )
        return f"Withdrew the decision on {first.key}."
    form = DecisionForm(request.POST, capability=capability)
    if not form.is_valid():
        raise ValidationError({})  # the form that is shown again tells it
    deviations.decide_each(chosen=chosen, **form.cleaned_data, by=by)
    about = str(first.key) if len(chosen) == 1 else count(len(chosen), "difference")
    return f"Decided on {about}: {form.cleaned_data['state']}."


def _key(request: HttpRequest) -> Key | None:
    found = request.GET.get("source", ""), request.GET.get("event", "")
    return Key(*found) if all(found) else None


def _show(
    request: HttpRequest,
    capability: Capability,
    *,
    posted: QueryDict | None = None,
    error: ValidationError | None = None,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """One difference, or all that are undecided, with the form; `more` tells what happened."""
    name, key = capability.name, _key(request)
    rows = rows_of(name, deviations_of(Fleet([name]), today())[name])
    row = rows.get(key) if key else None
    form = _form(request, capability, row, posted)
    if error:
        form.is_valid()
        tell(form, error)
    context = {
        "capability": capability,
        "action": f"{reverse('capabilities:decide', args=[name])}?{request.GET.urlencode()}",
        "form": form,
        "row": row,
        "key": key,
        **more,
    }
    if key is None:
        ticked = posted.getlist("chosen") if posted else ()
        kept = {each.key for each in read_chosen(capability, ticked) or ()}
        context["title"] = f"Decide: {name}"
        context["rows"] = _undecided(rows)
        context["unticked"] = {each for each in rows if kept and each not in kept}
        return page(request, "deviations/all.html", context, status=status)
    history = Deviation.objects.filter(capability=capability, source=key.source, event=key.event)
    if row is None and status == 200 and not history.exists():
        raise Http404("There is no difference here, and nothing was decided.")
    if is_part(request):
        if "told" in more:
            context |= _together(rows)
        if "told" in more or "shut" in request.GET:
            return page(request, "deviations/_standing.html", context, status=status)
        _focus(form)
        return page(request, "deviations/_form.html", context, status=status)
    context["title"] = f"{name} {key}"
    context["history"] = history
    context["differences"] = [row.standing.difference] if row and row.standing.difference else []
    return page(request, "deviations/one.html", context, status=status)


def _form(
    request: HttpRequest, capability: Capability, row: Row | None, posted: QueryDict | None
) -> DecisionForm:
    staff = get_user_model()._default_manager.filter(is_staff=True, is_active=True)
    tickets = Deviation.objects.order_by("ticket").exclude(ticket="").values_list("ticket")
    return DecisionForm(
        posted,
        capability=capability,
        owner=request.user.get_username(),
        owners=sorted(each.get_username() for each in staff),
        tickets=[ticket for (ticket,) in tickets.distinct()[:TICKETS]],
        newest=row.standing.decision if row else None,
        number=row.number if row else "",
    )


def _focus(form: DecisionForm) -> None:
    """Where the keyboard goes in a form that opens in a row: to the first mistake, or the first."""
    wrong = [name for name in form.fields if form.is_bound and form[name].errors]
    form.fields[(*wrong, "state")[0]].widget.attrs["autofocus"] = True


@needs(SEE)
@require_safe
def deviation_list(request: HttpRequest) -> HttpResponse:
    """Every difference of every capability; `?state=`, `?owner=` and `?ticket=` narrow it."""
    asked = {name: request.GET.get(name, "") for name in ("state", "owner", "ticket")}
    found = [
        row
        for name, standings in deviations_of(Fleet(), today()).items()
        for row in rows_of(name, standings).values()
    ]
    words = {name: _words(found, name) for name in ("owner", "ticket")}
    fitting = [
        each
        for each in found
        if all(not asked[name] or _word(each, name) == asked[name] for name in words)
    ]
    counts = Counter(each.standing.state for each in fitting)
    order = list(State)
    shown = [each for each in fitting if asked["state"] in ("", each.standing.state)]
    shown.sort(key=lambda each: order.index(each.standing.state))

    def link(label: str, state: str, number: int, sign: str = "") -> dict[str, object]:
        query = urlencode({**asked, "state": state})
        here = state == asked["state"]
        label = f"{sign} {label}".strip()
        return {"label": label, "count": number, "url": f"?{query}", "is_here": here}

    context = {
        "title": "Deviations",
        "asked": asked,
        "words": words,
        "states": [
            link("all", "", len(fitting)),
            *(link(each.value, each.value, counts[each], SIGNS[each]) for each in order),
        ],
        "shown": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
        "query": urlencode(asked),
        "narrowed": any(asked.values()),
    }
    return page(request, "deviations/list.html", context)


def _word(row: Row, name: str) -> str:
    return str(getattr(row.decided, name)) if row.decided else ""


def _words(rows: Iterable[Row], name: str) -> list[str]:
    return sorted({_word(each, name) for each in rows} - {""})
