"""What a row would make of its machine, shown while it is typed; nothing is written."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from ..forms import FINAL, OverrideForm, TransitionForm
from ..machines.checks import nearest
from ..machines.diff import diff
from ..machines.layers import with_put
from ..machines.machine import Key, Machine
from ..machines.usage import guessed_argument, names_of_transition
from ..machines.vocabulary import ACTION, ARGUMENT_KINDS, STATE, TERM_KINDS, Vocabulary
from ..models import Capability, MachineTemplate
from .access import ADD_TERMS, EDIT, EDIT_TEMPLATES, SEE, may, needs
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
    drafted, context = _begun(request, loaded, OverrideForm(request.POST))
    if drafted is not None:
        context |= {"panes": "editor/_draft_panes.html", **loaded.parts_of(drafted)}
    return page(request, "parts/_draft.html", context)


@needs(SEE, EDIT_TEMPLATES)
@require_POST
def template_preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The diagram and findings of a machine template as they are with the row that is typed."""
    loaded = LoadedTemplate(get_object_or_404(MachineTemplate, slug=slug))
    drafted, context = _begun(request, loaded, TransitionForm(request.POST))
    if drafted is not None:
        kinds = kinds_of(diff(loaded.machine, drafted))
        context |= {"panes": "machine_templates/_draft_panes.html"}
        context |= {**loaded.drawn(drafted, kinds), "findings": loaded.findings_of(drafted)}
    return page(request, "parts/_draft.html", context)


def _begun(
    request: HttpRequest, loaded: Loaded | LoadedTemplate, form: TransitionForm
) -> tuple[Machine | None, dict[str, Any]]:
    """The draft, if there can be one, and what is said beside the row.

    From here on the names that are chosen to be registered count as known.
    """
    drafted = draft(loaded.machine, key_of(request), form)
    context: dict[str, Any] = {**loaded.frame, "problems": _problems(form)}
    if drafted is not None:
        context["offers"] = offers(request, form, loaded.known)
        loaded.known = _known(loaded.known, form)
    return drafted, context


def draft(machine: Machine, key: Key | None, form: TransitionForm) -> Machine | None:
    """The machine with what is typed; None, and the form says why, when that cannot be."""
    if not form.is_valid():
        return None
    if form.transition.key != key and form.transition.key in machine.by_key:
        form.add_error(None, f"{form.transition.key} stands in this machine already.")
        return None
    return with_put(machine, key, form.transition)


@dataclass(frozen=True)
class Offer:
    """A name that is not registered: what was probably meant, and what it can be registered as."""

    kind: str
    name: str
    meant: str
    choices: tuple[tuple[str, str], ...]
    """Each as it is posted, and as it is told."""
    chosen: str


def offers(request: HttpRequest, form: TransitionForm, known: Vocabulary) -> list[Offer]:
    """What can be done about the names in the row that are not registered, for those who may."""
    if not may(request.user, ADD_TERMS):
        return []
    found = []
    for kind, name in dict.fromkeys(names_of_transition(form.transition, known.actions)):
        if name in known.known(kind):
            continue
        posted = [
            (f"{kind}|{more}|{name}", told) for more, told in _choices(kind, name, form, known)
        ]
        picked = next((value for value, _ in posted if value in form.register), "")
        found.append(Offer(kind, name, nearest(name, known.known(kind)), tuple(posted), picked))
    return found


def _choices(
    kind: str, name: str, form: TransitionForm, known: Vocabulary
) -> list[tuple[str, str]]:
    if kind == STATE:
        return [("", "register it"), (FINAL, "register it as a final state")]
    if kind != ACTION:
        return [("", "register it")]
    used_with = [each.argument for each in form.transition.actions if each.name == name]
    guessed = guessed_argument(used_with, known)
    kinds = sorted(("", *ARGUMENT_KINDS), key=lambda each: each != guessed)
    return [(each, f"register it, with {f'a {each}' if each else 'no argument'}") for each in kinds]


def _known(known: Vocabulary, form: TransitionForm) -> Vocabulary:
    """The vocabulary as it is once the row is saved."""
    for term in form.terms:
        if term.kind in TERM_KINDS:
            known = known.having(term.kind, term.name, argument=term.argument, final=term.final)
    return known


def _problems(form: TransitionForm) -> list[str]:
    """What is still missing, each with the label of its field."""
    return [
        f"{form[name].label}: {told}" if name in form.fields else str(told)
        for name, problems in form.errors.items()
        for told in problems
    ]
