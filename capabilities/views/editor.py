"""The editor of one definition: what it is made of, its transitions, and the parts beside them."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from ..forms import NoteForm, OverrideForm, TransitionForm, note_forms
from ..machines.diff import diff
from ..machines.layer_sentences import offer
from ..machines.machine import Key, Machine, parameters
from ..machines.sentences import CALLED, verdict
from ..machines.vocabulary import TERM_KINDS, Vocabulary
from ..models import Capability, Fleet, Kind, Matching, vocabulary
from .access import SEE, needs
from .answers import page
from .capabilities import offered_pictures
from .panes import kinds_of, picture
from .presence import of_definition
from .rows import ShownRow, rows_of_definition
from .writing import entries_since, last_sequence

PARTS = ("diagram", "findings", "differences", "notes")


@dataclass(frozen=True)
class OpenForm:
    """The form of the row that is open; `key` is None for a new transition."""

    key: Key | None
    form: TransitionForm

    def among(self, keys: Container[Key]) -> "OpenForm":
        """The form itself; as one of a new transition when its row is gone from `keys`."""
        return self if self.key is None or self.key in keys else OpenForm(None, self.form)


@needs(SEE)
@require_safe
def editor(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """The page; for htmx its middle. `?source=&event=` opens a row, `?add` an empty form."""
    loaded = Loaded(get_object_or_404(Capability, name=name), kind)
    return loaded.answer(request, form=loaded.open_form(request.GET))


@needs(SEE)
@require_safe
def part(request: HttpRequest, name: str, kind: str, part: str) -> HttpResponse:
    """One of PARTS, as it is now."""
    loaded = Loaded(get_object_or_404(Capability, name=name), kind)
    return page(request, f"editor/_{part}.html", {**loaded.frame, **loaded.parts})


def known_names(known: Vocabulary) -> dict[str, Any]:
    """What a form offers: the names of each kind, and for an action the kind of its argument."""
    actions = dict(sorted(known.actions.items()))
    return {f"{kind}s": sorted(known.known(kind)) for kind in TERM_KINDS} | {"actions": actions}


class Loaded:
    """A definition with all that the editor shows of it; an ideal may be the current one still."""

    def __init__(self, capability: Capability, kind: str) -> None:
        self.capability, self.kind = capability, kind
        seen = last_sequence()  # before what is shown is read, so that it never promises more
        self.fleet = Fleet([capability.name])
        self.shelf = self.fleet.shelf
        own = self.fleet.definition(capability.name, kind)
        self.definition = own or self.fleet.definition(capability.name, Kind.CURRENT)
        self.frame: dict[str, Any] = {
            "title": f"{capability} {kind}",
            "capability": capability,
            "kind": kind,
            "kinds": Kind.values,
            "is_own": own is not None,
            "version": own.version if own else 0,
            "seen": seen,
            "url": reverse("capabilities:editor", args=[capability.name, kind]),
            "transitions_url": self._url("transitions"),
            "layers_url": self._url("layers"),
            "notes_url": self._url("notes"),
        }

    def _url(self, view: str) -> str:
        return reverse(f"capabilities:{view}", args=[self.capability.name, self.kind])

    @cached_property
    def machine(self) -> Any:
        return self.fleet.machine(self.capability.name, self.kind)

    @cached_property
    def known(self) -> Vocabulary:
        return vocabulary()

    @cached_property
    def keys(self) -> list[Key]:
        return list(self.machine.by_key)

    def open_form(self, asked: Mapping[str, str]) -> OpenForm | None:
        """The form of the row that is asked for; a key that is gone opens none."""
        if "add" in asked:
            return OpenForm(None, OverrideForm())
        key = Key(asked.get("source", ""), asked.get("event", ""))
        transition = self.machine.by_key.get(key)
        if transition is None or self.definition is None:
            return None
        own = next((each for each in self.definition.overrides.all() if each.key == key), None)
        initial = {
            "source": transition.source,
            "event": transition.event,
            "actions": transition.actions,
            "target": transition.target,
            "reason": own.reason if own else "",
            "ticket": own.ticket if own else "",
        }
        return OpenForm(key, OverrideForm(initial=initial))

    def answer(
        self,
        request: HttpRequest,
        *,
        form: OpenForm | None = None,
        conflict: object = None,
        status: int = 200,
        **more: Any,
    ) -> HttpResponse:
        """The page, or for htmx its middle, with the row of `form` open."""
        form = form and form.among(self.machine.by_key)
        known = known_names(self.known)
        context = {**self.frame, **self.made_of, "form": form, "known": known, **more}
        context["rows"] = self.rows
        if conflict:
            entries = entries_since(request, self.capability.name, self.kind)
            context |= {"conflict": conflict, "conflict_entries": entries}
        if request.headers.get("HX-Request"):
            return page(request, "editor/_machine.html", context, status=status)
        here = of_definition(request, self.capability.name, self.kind)
        context = {**self.parts, **here, **context}
        return page(request, "editor/editor.html", context, status=status)

    @property
    def rows(self) -> list[ShownRow]:
        definition = self.definition
        return rows_of_definition(definition, self.shelf, self.fleet_notes) if definition else []

    @cached_property
    def fleet_notes(self) -> list[Any]:
        return self.fleet.notes.get((self.capability.name, self.kind), [])

    @property
    def made_of(self) -> dict[str, Any]:
        """The layers: what was chosen, and what may be."""
        stages = []
        chosen = None
        if self.definition:
            templates = self.shelf.templates
            stages = [
                templates[stage.machine_template_id] for stage in self.definition.stages.all()
            ]
            chosen = templates.get(self.definition.machine_template_id or 0)
        taken = {each.pk for each in (*stages, *(self.shelf.chain(chosen.pk) if chosen else []))}
        return {
            "parameters": self._bound(),
            "overrides": len(self.definition.overrides.all()) if self.definition else 0,
            "chosen": chosen,
            "stages": stages,
            "attachable": [
                each
                for each in self.shelf.templates.values()
                if each.over_id and not each.retired and each.pk not in taken
            ],
            "pictures": offered_pictures(self.shelf, chosen),
            "nearer": self._nearer(),
        }

    def _nearer(self) -> str:
        """What needs fewer overrides, in a sentence; "" where nothing does."""
        if self.definition is None or not self.frame["is_own"]:
            return ""
        matching = Matching(self.fleet)
        found = matching.nearer(self.definition)
        return offer(found.nearer, matching.titles, fewer=found.fewer) if found.nearer else ""

    def _bound(self) -> dict[str, str]:
        """Every parameter of the machine, and the value that it was given, "" for none."""
        if self.definition is None:
            return {}
        given = {each.parameter: each.value for each in self.definition.bindings.all()}
        used = parameters(self.definition.unbound(self.shelf))
        return {name: given.get(name, "") for name in dict.fromkeys((*used, *given))}

    @cached_property
    def parts(self) -> dict[str, Any]:
        """What the parts beside the transitions show."""
        return {
            **self.parts_of(self.machine),
            "notes": note_forms(self.machine, self.fleet_notes),
            "new_note": NoteForm(machine=self.machine),
        }

    def parts_of(self, machine: Machine) -> dict[str, Any]:
        """The same of a draft of the machine, with what is not stored marked."""
        name = self.capability.name
        sides = {kind: self.fleet.machine(name, kind) for kind in Kind.values}
        differences = diff(*{**sides, self.kind: machine}.values())
        is_draft = machine is not self.machine
        typed = machine if is_draft else None
        checked = self.fleet.checked(name, self.kind, self.known, typed=typed)
        called = f"Diagram of the {self.kind} machine of {name}"
        return {
            "is_draft": is_draft,
            "picture": picture(
                machine,
                name=f"{called}, with what is typed" if is_draft else called,
                prefix="diagram",
                kinds=kinds_of(diff(self.machine, machine)) if is_draft else None,
                asked=self.fleet_notes,
            ),
            "machine": machine,
            "findings": checked.findings,
            "switched_off": checked.switched_off,
            "differences": differences,
            "verdict": verdict(differences, **CALLED),
        }
