"""What a definition is made of: machine template, stages, and an ideal of its own or none."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from ..auditing import Author
from ..authoring import definitions
from ..authoring.definitions import Seen
from ..forms import LayerForm
from ..models import Capability
from .access import EDIT, needs
from .editor import Loaded
from .writing import answer_write


@needs(EDIT)
@require_POST
def layers(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """Choose the machine template, change the stages or bind parameters, as `verb` says."""
    capability = get_object_or_404(Capability, name=name)

    def write(version: int) -> str:
        return _written(request, Seen(capability, kind, version))

    def show(**more: object) -> HttpResponse:
        if "told" not in more and request.POST.get("verb") == "bind":
            more |= {"parameters": _typed(request), "binding": True}
        return Loaded(capability, kind).answer(request, **more)  # type: ignore[arg-type]

    return answer_write(request, write, show=show, page_url=Loaded(capability, kind).frame["url"])


def _written(request: HttpRequest, seen: Seen) -> str:
    by = Author.of(request)
    verb = request.POST.get("verb")
    if verb == "same":
        definitions.make_same_as_current(definition=seen, by=by)
        return f"The ideal of {seen.capability} is the same as current."
    if verb == "bind":
        definitions.bind_parameters(definition=seen, values=_typed(request), by=by)
        return "The parameters are bound."
    form = LayerForm(request.POST)
    template = form.cleaned_data["machine_template"] if form.is_valid() else None
    if verb == "choose" and form.is_valid():
        definitions.choose_machine_template(definition=seen, machine_template=template, by=by)
        return f"The machine template is {template or 'none'}."
    if verb == "attach" and template:
        definitions.attach_stage(definition=seen, machine_template=template, by=by)
        return f"Attached the stage {template}."
    if verb == "remove" and template:
        definitions.remove_stage(definition=seen, machine_template=template, by=by)
        return f"Removed the stage {template}."
    if verb in ("earlier", "later") and template:
        definitions.move_stage(
            definition=seen, machine_template=template, earlier=verb == "earlier", by=by
        )
        return f"Moved the stage {template} {verb}."
    raise ValidationError("There is no such machine template; choose one of those that are shown.")


def _typed(request: HttpRequest) -> dict[str, str]:
    """The values of parameters that were typed, by the parameter's name."""
    return {
        name.removeprefix("parameter-"): request.POST.get(name, "").strip()
        for name in request.POST
        if name.startswith("parameter-")
    }
