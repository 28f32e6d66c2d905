"""Proposing a change: chosen differences of a capability, or any edit of a machine as text."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ..auditing import Author
from ..authoring import making, review
from ..authoring.conflicts import ConflictError
from ..authoring.review import Subject
from ..forms import EditedProposalForm, ProposalForm, TextProposalForm, key_as_text, read_keys
from ..machines.diff import diff
from ..machines.machine import Key, Machine
from ..machines.notation import read, render
from ..machines.review import digest_of, with_differences
from ..machines.sentences import difference_sentences
from ..models import Capability, ChangeRequest, Fleet, Kind, MachineTemplate, Review, Shelf
from .access import PROPOSE, SEE, may, needs
from .answers import page
from .comparing import compared
from .writing import tell, tell_written

CALLED = ("The old machine", "The proposed machine")
WORDS = ("before", "proposed")


OTHERS = "Other differences are ticked than were shown. Look at what they come to, and propose it."


def proposable(request: HttpRequest, fleet: Fleet, name: str) -> dict[Key, str]:
    """The differences that this person may propose, each as its form sends it."""
    if not may(request.user, PROPOSE):
        return {}
    differences = diff(*(fleet.machine(name, kind) for kind in Kind.values))
    return {each.key: key_as_text(each.key) for each in differences}


@needs(SEE, PROPOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest, name: str) -> HttpResponseBase:
    """Propose that the differences `?key=…` go from ideal to current, or choose some."""
    capability = get_object_or_404(Capability, name=name)
    shown = read_keys(request.GET.getlist("key"))
    keys = read_keys(request.POST.getlist("key")) if "ticks" in request.POST else shown
    form = _form(ProposalForm, request)

    def write() -> ChangeRequest:
        return review.propose(
            capability=capability,
            keys=keys,
            seen=request.POST["seen"],
            by=Author.of(request),
            **form.cleaned_data,
        )

    def show(**more: Any) -> HttpResponse:
        return _choosing(request, capability, keys, form=form, **more)

    if form.is_bound and set(keys) != set(shown):
        return show(status=422, problems=[OTHERS])
    return _answer(request, form, write, show)


@needs(SEE, PROPOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def propose_text(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """Propose an edit of a capability's machine, as a text."""
    capability = get_object_or_404(Capability, name=name)
    about = {
        "capability": capability,
        "kind": kind,
        "called": f"{name} {kind}",
        "back": reverse("capabilities:editor", args=[name, kind]),
    }
    machine = Fleet([name]).machine(name, kind)
    return _text(request, Subject.of_definition(name, kind), machine, about)


@needs(SEE, PROPOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def propose_template(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Propose an edit of a machine template, as a text."""
    template = get_object_or_404(MachineTemplate, slug=slug)
    about = {
        "called": template.title,
        "back": reverse("capabilities:machine-template", args=[slug]),
        "template": template,
    }
    return _text(request, Subject.of_template(slug), Shelf().machine(template.pk), about)


@needs(SEE, PROPOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_request(request: HttpRequest, number: int) -> HttpResponseBase:
    """Propose another text in a change request; what was approved has to be approved anew."""
    found = Review(get_object_or_404(ChangeRequest, pk=number))
    begun = {"text": render(found.proposed)}
    form = _form(EditedProposalForm, request, begun)

    def write() -> ChangeRequest:
        return review.edit(
            request=found.request,
            seen=request.POST["seen"],
            by=Author.of(request),
            **form.cleaned_data,
        )

    def show(**more: Any) -> HttpResponse:
        about = {
            "title": f"Edit change request {number}",
            "called": f"change request {number}",
            "back": found.request.get_absolute_url(),
            "change_request": found.request,
            "review": Review(found.request),
        }
        return _typing(request, form, found.base, about, seen=found.digest, **more)

    return _answer(request, form, write, show)


@needs(SEE, PROPOSE)
@require_http_methods(["GET", "HEAD", "POST"])
def reword_request(request: HttpRequest, number: int) -> HttpResponseBase:
    """Change the title, the words and the ticket of a change request of one's own."""
    found = Review(get_object_or_404(ChangeRequest, pk=number))
    by, row = Author.of(request), found.request
    if review.why_not_reword(row, by):
        raise PermissionDenied
    begun = {"title": row.title, "words": row.words, "ticket": row.ticket}
    form = ProposalForm(request.POST if request.method == "POST" else None, initial=begun)

    def write() -> ChangeRequest:
        seen = request.POST["seen"]
        return review.reword(request=row, seen=seen, by=by, **form.cleaned_data)

    def show(*, status: int = 200, **more: Any) -> HttpResponse:
        context = {
            "title": f"Reword change request {number}",
            "change_request": row,
            "review": found,
            "form": form,
            "seen": found.digest,
            **more,
        }
        return page(request, "review/reword.html", context, status=status)

    return _answer(request, form, write, show, then="What is proposed is the same.")


def _text(
    request: HttpRequest, subject: Subject, machine: Machine, about: Mapping[str, Any]
) -> HttpResponseBase:
    """The page that proposes a text; a text that comes without a title begins the form."""
    form = _form(TextProposalForm, request, {"text": render(machine)})

    def write() -> ChangeRequest:
        return review.propose_text(
            subject=subject,
            seen=request.POST["seen"],
            by=Author.of(request),
            **form.cleaned_data,
        )

    def show(**more: Any) -> HttpResponse:
        context = {"title": f"Propose a change of {about['called']}", **about}
        return _typing(request, form, machine, context, seen=digest_of(render(machine), ""), **more)

    return _answer(request, form, write, show)


def _form(kind: type[Form], request: HttpRequest, begun: dict[str, str] | None = None) -> Form:
    """The form as it was sent; not bound when it is only to be shown, with what is typed so far.

    That is so, too, when the text editor hands its text over, which says nothing in words.
    """
    if request.method != "POST":
        return kind(initial=begun)
    is_handed_over = "text" in request.POST and "words" not in request.POST
    if request.POST.get("verb") == "show" or is_handed_over:
        return kind(initial=request.POST.dict())
    return kind(request.POST, initial=begun)


def _answer(
    request: HttpRequest,
    form: Form,
    write: Callable[[], ChangeRequest],
    show: Callable[..., HttpResponse],
    then: str = "",
) -> HttpResponseBase:
    """Write what is posted and go to the request; else the form, with what has to be mended."""
    if not form.is_bound:
        return show()
    if not request.POST.get("seen"):
        told = "The form did not say what it showed; nothing was saved. Reload the page."
        return show(status=428, problems=[told])
    if not form.is_valid():
        return show(status=422)
    try:
        written = write()
    except ConflictError as conflict:
        return show(status=409, conflict=conflict)
    except ValidationError as error:
        tell(form, error)
        return show(status=422)
    if not then and not review.is_single_user():
        then = "Somebody else has to approve it."
    tell_written(request, f"Saved {written}. {then}".strip())
    return redirect(written)


def _choosing(
    request: HttpRequest,
    capability: Capability,
    keys: list[Key],
    *,
    form: Form,
    **more: Any,
) -> HttpResponse:
    """All differences to choose from, and what the chosen ones come to."""
    status = more.pop("status", 200)
    fleet = Fleet([capability.name])
    current, ideal = (fleet.machine(capability.name, kind) for kind in Kind.values)
    proposed = with_differences(current, ideal, keys)
    made = making.making(fleet, capability.name, Kind.CURRENT, proposed)
    context = {
        "title": f"Propose a change: {capability.name}",
        "capability": capability,
        "choices": [
            {
                "key": each.key,
                "value": key_as_text(each.key),
                "is_chosen": each.key in keys,
                "marks": each.marks,
                "sentences": difference_sentences(each),
            }
            for each in diff(current, ideal)
        ],
        "url": f"{reverse('capabilities:propose', args=[capability.name])}?{_query(keys)}",
        "form": form,
        "made_of": made.sentence,
        "seen": digest_of(render(current), render(proposed)),
        **compared(request, current, proposed, called=CALLED, words=WORDS),
        **more,
    }
    if request.method == "POST":
        context["views"] = []  # what is ticked and typed is not in the address
    return page(request, "review/propose.html", context, status=status)


def _query(keys: list[Key]) -> str:
    return urlencode([("key", key_as_text(each)) for each in keys])


def _typing(
    request: HttpRequest,
    form: Form,
    base: Machine,
    about: Mapping[str, Any],
    *,
    seen: str,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    """The form of a text, and what the text comes to if it can be read."""
    reading = read(str(form["text"].value() or ""))
    context = {**about, "form": form, "seen": seen, **more}
    if not reading.mistakes:
        proposed = Machine(reading.transitions)
        context |= compared(request, base, proposed, called=CALLED, words=WORDS)
        context["views"] = []  # what is typed is in no address
    return page(request, "review/propose_text.html", context, status=status)
