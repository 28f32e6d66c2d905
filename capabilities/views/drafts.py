"""What a row would make of its machine, shown while it is typed; nothing is written."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from ..forms import OverrideForm, TransitionForm
from ..machines.diff import diff
from ..machines.layers import with_transition
from ..machines.machine import Key, Machine
from ..models import Capability, MachineTemplate
from .access import EDIT, EDIT_TEMPLATES, SEE, needs
from .answers import page
from .editor import Loaded
from .machine_templates import LoadedTemplate
from .panes import kinds_of
from .transitions import key_of


@needs(SEE, EDIT)
@require_POST
def transition_preview(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """The diagram, findings and differences as they are with the row that is typed."""
    loaded = Loaded(get_object_or_404(Capability, name=name), kind)
    form = OverrideForm(request.POST)
    drafted = draft(loaded.machine, key_of(request), form)
    context: dict[str, Any] = {**loaded.frame, "problems": _problems(form)}
    if drafted is not None:
        context |= {"panes": "editor/_draft_panes.html", **loaded.parts_of(drafted)}
    return page(request, "parts/_draft.html", context)


@needs(SEE, EDIT_TEMPLATES)
@require_POST
def template_preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The diagram of a machine template as it is with the row that is typed."""
    loaded = LoadedTemplate(get_object_or_404(MachineTemplate, slug=slug))
    form = TransitionForm(request.POST)
    drafted = draft(loaded.machine, key_of(request), form)
    context: dict[str, Any] = {**loaded.frame, "problems": _problems(form)}
    if drafted is not None:
        kinds = kinds_of(diff(loaded.machine, drafted))
        context |= {"panes": "machine_templates/_diagram.html", **loaded.drawn(drafted, kinds)}
    return page(request, "parts/_draft.html", context)


def draft(machine: Machine, key: Key | None, form: TransitionForm) -> Machine | None:
    """The machine with what is typed; None, and the form says why, when that cannot be."""
    if not form.is_valid():
        return None
    try:
        return with_transition(machine, form.transition, at=key)
    except ValueError as error:
        form.add_error(None, f"{form.transition.key} stands in this machine already ({error}).")
        return None


def _problems(form: TransitionForm) -> list[str]:
    """What is still missing, each with the label of its field."""
    return [
        f"{form[name].label}: {told}" if name in form.fields else str(told)
        for name, problems in form.errors.items()
        for told in problems
    ]
