"""What the table of transitions of a definition posts: put, drop, restore."""

from collections.abc import Callable
from functools import partial

from django.core.exceptions import SuspiciousOperation, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from ..auditing import Author
from ..authoring import overrides
from ..authoring.definitions import Seen
from ..forms import KeyForm, OverrideForm, TransitionForm
from ..machines.machine import Key
from ..machines.merging import with_put, with_transition
from ..models import Capability
from .access import EDIT, needs
from .editor import Loaded, OpenForm
from .merge import base_of, merge_panel
from .writing import answer_write


@needs(EDIT)
@require_POST
def transitions(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """Put, drop or restore one transition, as `verb` says."""
    capability = get_object_or_404(Capability, name=name)
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
        )

    def show(**more: object) -> HttpResponse:
        open_form = None if "told" in more else form
        if "conflict" in more and (answer := _merge(request, Loaded(capability, kind), form)):
            return answer
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
    asked = KeyForm(request.POST)
    if not asked.is_valid() or loaded.definition is None:
        return None
    beneath = loaded.definition.base(loaded.shelf).by_key.get(asked.key)
    transition = beneath if request.POST.get("verb") == "restore" else None
    mine = with_transition(base, asked.key, transition)
    return merge_panel(request, loaded, base=base, mine=mine)


def key_of(request: HttpRequest) -> Key | None:
    """The key of the row that was open; None for a new transition."""
    source, event = request.POST.get("key_source", ""), request.POST.get("key_event", "")
    return Key(source, event) if source else None


def _put(request: HttpRequest, seen: Seen, opened: OpenForm) -> str:
    form = opened.form
    require_valid(form)
    overrides.put(
        definition=seen,
        key=opened.key,
        transition=form.transition,
        reason=form.cleaned_data["reason"],
        ticket=form.cleaned_data["ticket"],
        message=form.cleaned_data["message"],
        by=Author.of(request),
    )
    return f"Saved {form.transition.key}."


def take(
    request: HttpRequest, *, drop: Callable[..., object], restore: Callable[..., object]
) -> str:
    """Call one of the two verbs with the key that was posted, as `verb` says."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        raise ValidationError("The form did not say which transition is meant.")
    verbs = {"drop": (drop, "Dropped"), "restore": (restore, "Restored")}
    if request.POST.get("verb") not in verbs:
        raise SuspiciousOperation("no such verb")
    verb, done = verbs[request.POST["verb"]]
    verb(key=form.key, by=Author.of(request))
    return f"{done} {form.key}."


def require_valid(form: TransitionForm) -> None:
    """Raise ValidationError when what was typed is no transition; the form says at which field."""
    if not form.is_valid():
        raise ValidationError("The transition could not be saved; see what is said below.")
