"""What is written to the registry: registering, editing, renaming and removing a name."""

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.models import ADDITION, CHANGE, DELETION
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from ..auditing import Author
from ..authoring import renames, terms
from ..authoring.conflicts import ConflictError
from ..authoring.rehearsal import Rehearsal, rehearse
from ..forms import RenameForm, TermForm
from ..machines.sentences import count
from ..machines.usage import guessed_argument
from ..machines.vocabulary import ACTION, TERM_KINDS
from ..models import AuditHead, Term
from .access import ADD_TERMS, EDIT, EDIT_TEMPLATES, EDIT_TERMS, REMOVE_TERMS, SEE, needs
from .answers import page
from .registry import LoadedName, Registry, way_back
from .writing import logged, tell


@needs(SEE, ADD_TERMS, EDIT_TERMS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_term(request: HttpRequest) -> HttpResponseBase:
    """Register a name, or edit the one that `?kind=&name=` is; `?next=` is where to go then."""
    kind, name = request.GET.get("kind", ""), request.GET.get("name", "")
    kind = kind if kind in TERM_KINDS else ""
    stored = Term.objects.filter(kind=kind, name=name).first() if kind and name else None
    if request.method != "POST":
        form = TermForm(term=stored, kind=kind, initial=_initial(kind, name))
    else:
        form = TermForm(request.POST, term=stored, kind=kind)
        if form.is_valid():
            written = form.filled(stored or Term(kind=kind))
            flag, verb = (CHANGE, "changed") if stored else (ADDITION, "registered")
            save = partial(terms.save, term=written, by=Author.of(request))
            try:
                logged(request, flag, save)
            except ValidationError as error:
                tell(form, error)
            else:
                messages.success(request, f"The {written.kind} “{written.name}” was {verb}.")
                return redirect(way_back(request) or _term_url(written))
    context = {
        "title": f"Edit the {kind} {name}" if stored else f"Register {_named(kind)}",
        "form": form,
        "term": stored,
        "back": way_back(request)
        or (_term_url(stored) if stored else reverse("capabilities:registry")),
    }
    return page(request, "registry/edit.html", context, status=422 if form.is_bound else 200)


def _named(kind: str) -> str:
    """ "an event", "a name" for no kind."""
    return f"{'an' if kind[:1] in ('a', 'e') and kind else 'a'} {kind or 'name'}"


def _initial(kind: str, name: str) -> dict[str, Any]:
    """What the form of a new name begins with; what an action takes is guessed from its use."""
    if kind != ACTION or not name:
        return {"name": name}
    found = Registry()
    return {"name": name, "argument": guessed_argument(found.arguments_of(name), found.vocabulary)}


def _term_url(term: Term) -> str:
    query = urlencode({"kind": term.kind, "name": term.name})
    return f"{reverse('capabilities:term')}?{query}"


@needs(SEE, EDIT_TERMS, EDIT, EDIT_TEMPLATES)
@require_http_methods(["GET", "HEAD", "POST"])
def rename_term(request: HttpRequest) -> HttpResponseBase:
    """Rename `?kind=&name=` everywhere, or merge it into a known name; first comes the plan."""
    loaded = LoadedName(request)
    suggested = request.GET.get("new") or loaded.listed.meant or loaded.name
    form = RenameForm(
        request.POST if request.method == "POST" else None, initial={"new": suggested}
    )
    if not form.is_valid():
        return _rename_page(request, loaded, form, status=422 if form.is_bound else 200)
    new, head = form.cleaned_data["new"], form.cleaned_data["head"]
    write = partial(
        renames.rename,
        term_kind=loaded.kind,
        old=loaded.name,
        new=new,
        message=form.cleaned_data["message"],
        by=Author.of(request),
    )
    outdated = False
    try:
        if request.POST.get("verb") == "rename" and head is not None:
            try:
                return _after_rename(request, loaded, new, write(head=head))
            except ConflictError:
                outdated = True
        return _planned(request, loaded, form, write, outdated=outdated)
    except ValidationError as error:
        tell(form, error)
        return _rename_page(request, loaded, form, status=422)


def _after_rename(
    request: HttpRequest, loaded: LoadedName, new: str, done: renames.Renamed
) -> HttpResponseBase:
    verb = "merged into" if done.merged else "renamed to"
    told = f"The {loaded.kind} “{loaded.name}” was {verb} “{new}”"
    messages.success(request, f"{told}, in {count(done.places, 'place')}.")
    return redirect(loaded.back or _term_url(Term(kind=loaded.kind, name=new)))


def _planned(
    request: HttpRequest,
    loaded: LoadedName,
    form: RenameForm,
    write: Callable[[], renames.Renamed],
    *,
    outdated: bool,
) -> HttpResponse:
    """The page with what the rename would do; `outdated` when another plan was seen before."""
    done: list[renames.Renamed] = []
    head = AuditHead.objects.filter(pk=1).first() or AuditHead()
    plan = Rehearsal(tuple(rehearse(lambda: done.append(write()))), digest="")
    more = {"plan": plan, "done": done[0], "head": head.sequence, "outdated": outdated}
    return _rename_page(request, loaded, form, status=409 if outdated else 200, **more)


def _rename_page(
    request: HttpRequest, loaded: LoadedName, form: RenameForm, *, status: int, **more: Any
) -> HttpResponse:
    return loaded.answer(
        request,
        "registry/rename.html",
        status=status,
        title=f"Rename the {loaded.kind} {loaded.name}",
        form=form,
        known=sorted(loaded.registry.vocabulary.known(loaded.kind) - {loaded.name}),
        **more,
    )


@needs(SEE, REMOVE_TERMS)
@require_http_methods(["GET", "HEAD", "POST"])
def remove_term(request: HttpRequest) -> HttpResponseBase:
    """Remove the term `?kind=&name=`; before that, say what finds it missing then."""
    loaded = LoadedName(request)
    stored = loaded.listed.term
    if stored is None:
        raise Http404("It is not registered.")
    if request.POST.get("verb") == "remove":
        logged(request, DELETION, partial(terms.remove, term=stored, by=Author.of(request)))
        messages.success(request, f"The {loaded.kind} “{loaded.name}” was removed.")
        return redirect("capabilities:registry")
    return loaded.answer(
        request,
        "registry/remove.html",
        status=422 if request.method == "POST" else 200,
        title=f"Remove the {loaded.kind} {loaded.name}",
    )
