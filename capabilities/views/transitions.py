"""What the table of transitions of a definition posts: put, drop, restore."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from ..auditing import Author
from ..authoring import overrides
from ..authoring.definitions import Seen
from ..forms import KeyForm, OverrideForm, TransitionForm
from ..machines.layers import with_put
from ..machines.machine import Key
from ..machines.merging import with_line_at
from ..models import Capability, Term
from .access import ADD_TERMS, EDIT, may, needs
from .editor import Loaded, OpenForm
from .merge import base_of, merge_panel
from .writing import answer_write


@needs(EDIT)
@require_POST
def transitions(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """Put, drop, restore or move one transition, as `verb` says; or arrange what is typed."""
    capability = get_object_or_404(Capability, name=name)
    if arranged := OverrideForm.arranged(request.POST, request.POST.get("verb", "")):
        opened = OpenForm(key_of(request), arranged)
        return Loaded(capability, kind).answer(request, form=opened, **as_typed(request))
    form: OpenForm | None = None
    if request.POST.get("verb") == "put":
        form = OpenForm(key_of(request), OverrideForm(request.POST))

    def write(version: int) -> str:
        seen = Seen(capability, kind, version)
        if form:
            return _put(request, seen, form)
        return take(
            request,
            drop=partial(overrides.drop, definition=seen),
            restore=partial(overrides.restore, definition=seen),
            move=partial(overrides.move, definition=seen),
        )

    def show(**more: object) -> HttpResponse:
        open_form = None if "told" in more else form
        if "conflict" in more and (answer := _merge(request, Loaded(capability, kind), form)):
            return answer
        if "told" in more:
            more |= moved_row(request)
        return Loaded(capability, kind).answer(request, form=open_form, **more)  # type: ignore[arg-type]

    return answer_write(request, write, show=show, page_url=Loaded(capability, kind).frame["url"])


def _merge(request: HttpRequest, loaded: Loaded, form: OpenForm | None) -> HttpResponse | None:
    """The panel that joins what was posted with what somebody else saved."""
    base = base_of(request, loaded.capability.name, loaded.kind)
    if base is None:
        return None
    if form:
        if not form.form.is_valid():
            return None
        typed = {name: form.form.cleaned_data[name] for name in ("reason", "ticket", "message")}
        mine = with_put(base, form.key, form.form.transition)
        return merge_panel(request, loaded, base=base, mine=mine, typed=typed)
    asked, verb = KeyForm(request.POST), request.POST.get("verb")
    key = key_of(request) or (asked.key if asked.is_valid() else None)
    # A place in the order is asked for again, before the order that there is now.
    if key is None or verb not in ("drop", "restore") or loaded.definition is None:
        return None
    beneath = loaded.definition.base(loaded.shelf).by_key.get(key)
    mine = with_line_at(base, key, beneath if verb == "restore" else None)
    return merge_panel(request, loaded, base=base, mine=mine)


def key_of(request: HttpRequest) -> Key | None:
    """The key of the row that was open; None for a new transition."""
    source, event = request.POST.get("key_source", ""), request.POST.get("key_event", "")
    return Key(source, event) if source else None


def as_typed(request: HttpRequest) -> dict[str, Any]:
    """What a form that is typed in keeps of the page that it was opened on."""
    kept = {name: request.POST.get(name, "") for name in ("version", "seen")}
    return {**kept, "is_typed": True}


def _put(request: HttpRequest, seen: Seen, opened: OpenForm) -> str:
    form = opened.form
    require_valid(form)
    overrides.put(
        definition=seen,
        key=opened.key,
        transition=form.transition,
        reason=form.cleaned_data["reason"],
        ticket=form.cleaned_data["ticket"],
        register=terms_of(request, form),
        message=form.cleaned_data["message"],
        by=Author.of(request),
    )
    return f"Saved {form.transition.key}."


def terms_of(request: HttpRequest, form: TransitionForm) -> list[Term]:
    """The names to register with the row, for those who may."""
    if form.terms and not may(request.user, ADD_TERMS):
        raise PermissionDenied
    return form.terms


def take(
    request: HttpRequest,
    *,
    drop: Callable[..., object],
    restore: Callable[..., object],
    move: Callable[..., object],
) -> str:
    """Call one of the verbs with the key that was posted, as `verb` says."""
    key = key_of(request) or _key_of_row(request)
    verbs: dict[str, tuple[Callable[..., object], str]] = {
        "drop": (drop, "Dropped"),
        "restore": (restore, "Restored"),
        "earlier": (partial(move, earlier=True), "Moved up"),
        "later": (partial(move, earlier=False), "Moved down"),
    }
    if request.POST.get("verb") not in verbs:
        raise SuspiciousOperation("no such verb")
    verb, done = verbs[request.POST["verb"]]
    verb(key=key, by=Author.of(request))
    return f"{done} {key}."


def _key_of_row(request: HttpRequest) -> Key:
    form = KeyForm(request.POST)
    if not form.is_valid():
        raise ValidationError("The form did not say which transition is meant.")
    return form.key


def moved_row(request: HttpRequest) -> dict[str, Any]:
    """Which row was moved, and where to: the keyboard goes with it."""
    verb = request.POST.get("verb")
    if verb not in ("earlier", "later"):
        return {}
    key = Key(request.POST.get("source", ""), request.POST.get("event", ""))
    return {"moved_key": key, "moved": verb}


def require_valid(form: TransitionForm) -> None:
    """Raise ValidationError when what was typed is no transition; the form says at which field."""
    if not form.is_valid():
        raise ValidationError("The transition could not be saved; see what is said below.")
