"""What the table of transitions of a definition posts: put, drop, restore."""

from django.core.exceptions import SuspiciousOperation, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from ..auditing import Author
from ..authoring import overrides
from ..authoring.definitions import Seen
from ..forms import KeyForm, OverrideForm
from ..machines.machine import Key
from ..models import Capability
from .access import EDIT, needs
from .editor import Loaded, OpenForm
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
        return _put(request, seen, form) if form else _take(request, seen)

    def show(**more: object) -> HttpResponse:
        open_form = None if "told" in more else form
        return Loaded(capability, kind).answer(request, form=open_form, **more)  # type: ignore[arg-type]

    return answer_write(request, write, show=show, page_url=Loaded(capability, kind).frame["url"])


def key_of(request: HttpRequest) -> Key | None:
    """The key of the row that was open; None for a new transition."""
    source, event = request.POST.get("key_source", ""), request.POST.get("key_event", "")
    return Key(source, event) if source else None


def _put(request: HttpRequest, seen: Seen, opened: OpenForm) -> str:
    form = opened.form
    if not form.is_valid():
        raise ValidationError("The transition could not be saved; see what is said below.")
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


def _take(request: HttpRequest, seen: Seen) -> str:
    form = KeyForm(request.POST)
    if not form.is_valid():
        raise ValidationError("The form did not say which transition is meant.")
    if request.POST.get("verb") == "drop":
        overrides.drop(definition=seen, key=form.key, by=Author.of(request))
        return f"Dropped {form.key}."
    if request.POST.get("verb") == "restore":
        overrides.restore(definition=seen, key=form.key, by=Author.of(request))
        return f"Restored {form.key}."
    raise SuspiciousOperation("no such verb")
