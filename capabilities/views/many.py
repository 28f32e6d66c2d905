"""Many machines at once: first the plan of what changes, then all of it or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from ..auditing import Author, locked_head
from ..authoring import many
from ..authoring.conflicts import ConflictError
from ..authoring.definitions import Seen, stored_of
from ..authoring.rehearsal import RehearsedMachine, rehearse
from ..forms import ManyForm
from ..machines.sentences import count
from ..models import AuditEntry, Capability, Definition
from .access import EDIT, needs
from .answers import page
from .writing import number_of

_NAMED = 8  # machines that the message names


@dataclass(frozen=True)
class ManyPlan:
    """What would be done: the machines that change, and which of the chosen ones stay."""

    written: Sequence[Definition] = ()
    staying: Sequence[Seen] = ()
    machines: list[RehearsedMachine] = field(default_factory=list)

    @property
    def same(self) -> list[Definition]:
        """Those that are made of other layers then, and are the same machine, checks included."""
        changing = {(each.name, each.kind) for each in self.machines}
        return [each for each in self.written if each.natural_key() not in changing]


@needs(EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def many_machines(request: HttpRequest) -> HttpResponseBase:
    """Choose what to do to `?name=…`; a POST shows its plan, with `step=do` it is carried out."""
    if request.method != "POST":
        asked = ManyForm(initial=request.GET.dict())
        return _answer(request, asked, request.GET.getlist("name"))
    form = ManyForm(request.POST)
    names = request.POST.getlist("name")
    if not form.is_valid():
        return _answer(request, form, names, status=422)
    stored = _stored(form)
    if request.POST.get("step") != "do":
        return _planned(request, form, stored)
    seen, head = _as_seen(request, stored), number_of(request, "head")
    if seen is None or head is None:
        told = "The form did not say which versions it changes; nothing was saved. See the plan."
        return _planned(request, form, stored, status=428, problems=[told])
    try:
        written = _write(request, form, seen, since=head, message=form.cleaned_data["message"])
    except ConflictError as conflict:
        moved = _newest(form, seen, head)
        return _planned(request, form, stored, status=409, conflict=conflict, moved=moved)
    except ValidationError as error:
        return _planned(request, form, stored, status=422, problems=error.messages)
    messages.success(request, _told(form, written))
    return redirect("capabilities:list")


def _stored(form: ManyForm) -> list[Seen]:
    """The chosen definitions as they are stored now."""
    kind = form.cleaned_data["kind"]
    chosen = [Seen(each, kind, 0) for each in form.cleaned_data["name"]]
    stored = stored_of(chosen)
    return [
        Seen(each.capability, kind, own.version if (own := stored.get(each.target)) else 0)
        for each in chosen
    ]


def _as_seen(request: HttpRequest, stored: Sequence[Seen]) -> list[Seen] | None:
    """The chosen definitions as the plan was made of them; None when the form does not say."""
    seen = []
    for each in stored:
        version = number_of(request, f"version-{each.capability}")
        if version is None:
            return None
        seen.append(Seen(each.capability, each.kind, version))
    return seen


def _write(
    request: HttpRequest,
    form: ManyForm,
    seen: Sequence[Seen],
    *,
    since: int | None = None,
    message: str = "",
) -> list[Definition]:
    said: dict[str, Any] = {
        "definitions": seen,
        "machine_template": form.cleaned_data["machine_template"],
        "since": since,
        "message": message,
        "by": Author.of(request),
    }
    verbs = {
        form.CHOOSE: many.choose_machine_template,
        form.ATTACH: many.attach_stage,
        form.REMOVE: many.remove_stage,
    }
    return verbs[form.cleaned_data["what"]](**said)


def _planned(
    request: HttpRequest, form: ManyForm, stored: Sequence[Seen], *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page with the plan of what is stored now; why there is none, if there is none."""
    written: list[Definition] = []

    def write() -> None:
        more["head"] = locked_head().sequence
        written.extend(_write(request, form, stored))

    try:
        machines = rehearse(write)
    except (ConflictError, ValidationError) as error:
        told = error.messages if isinstance(error, ValidationError) else [str(error)]
        more["problems"] = [*more.get("problems", []), *told]
        status = 422 if status == 200 else status
        machines = []
    changed = {each.target for each in written}
    staying = [each for each in stored if each.target not in changed] if written else []
    if written:
        more["planned"] = ManyPlan(written, staying, machines)
        more["about"] = _about(form, len(written))
    names = [each.capability.name for each in stored]
    return _answer(request, form, names, status=status, stored=stored, **more)


def _newest(form: ManyForm, seen: Sequence[Seen], head: int) -> list[AuditEntry]:
    """The last entry about each machine that changed since the plan was made."""
    meant = many.Meant(seen, form.cleaned_data["machine_template"], head)
    newest: dict[tuple[str, str], AuditEntry] = {}
    for entry in meant.entries_since():
        newest.setdefault((entry.name, entry.kind), entry)
    return list(newest.values())


def _about(form: ManyForm, number: int, *, done: bool = False) -> str:
    """What is or was done to so many machines, in words."""
    template = form.cleaned_data["machine_template"]
    used = f"the machine template “{template}”" if template else "no machine template"
    what, so = {
        form.CHOOSE: (f"Chose {used}" if done else f"Use {used}", "for"),
        form.ATTACH: (f"{'Attached' if done else 'Attach'} the stage “{template}”", "to"),
        form.REMOVE: (f"{'Removed' if done else 'Remove'} the stage “{template}”", "from"),
    }[form.cleaned_data["what"]]
    return f"{what} {so} {count(number, form.cleaned_data['kind'] + ' machine')}"


def _told(form: ManyForm, written: Sequence[Definition]) -> str:
    """What was done, naming the machines as far as a message can."""
    named = ", ".join(each.capability.name for each in written[:_NAMED])
    rest = f" and {len(written) - _NAMED} more" if len(written) > _NAMED else ""
    return f"{_about(form, len(written), done=True)}: {named}{rest}."


def _answer(
    request: HttpRequest, form: ManyForm, names: Sequence[str], *, status: int = 200, **more: Any
) -> HttpResponse:
    names = [name for name in names if "\0" not in name]  # PostgreSQL fails when asked for one
    context = {
        "title": "Many at once",
        "many": form,
        "names": Capability.objects.filter(name__in=names).values_list("name", flat=True),
        **more,
    }
    return page(request, "many/many.html", context, status=status)
