"""Import, by a plan first; and export."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.http import HttpResponseClientRedirect

from .. import importing
from ..auditing import Author
from ..authoring import imports
from ..authoring.plans import Plan
from ..deployment.formats import FORMATS
from ..deployment.machine_files import UnwritableError
from ..deployment.selection import Selection, UnknownCapabilityError
from ..forms import ExportForm, ImportForm
from ..importing import State
from ..models import Capability
from .access import ADD, EDIT, EDIT_TEMPLATES, SEE, needs
from .answers import dated, download, page
from .writing import is_part
from .wrong_setting import tells_wrong_setting


@needs(ADD, EDIT, EDIT_TEMPLATES)
@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest) -> HttpResponseBase:
    """Take a text, show the plan; with the plan's `head` and `verb=import`, carry it out.

    A long one is done in the background; the answer leads to the page of its progress.
    """
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return page(request, "import/import.html", {"title": "Import", "form": form}, status=status)
    typed, by = form.cleaned_data, Author.of(request)
    head = typed["head"] if request.POST.get("verb") == "import" else None
    what = {"text": typed["text"], "source": typed["source"]}
    if importing.is_long(typed["text"]):
        begun = importing.begin(**what, head=head, message=typed["message"], by=by)
        return redirect("capabilities:long-import", UUID(begun))
    outdated = False
    if head is None:
        plan = imports.plan(**what, by=by)
    else:
        try:
            done = imports.run(**what, head=head, message=typed["message"], by=by)
        except imports.PlanOutdatedError as error:
            plan, outdated = error.plan, True
        except imports.ImportRefusedError as error:
            plan = error.plan
        else:
            messages.success(request, _imported(typed["source"], done))
            return redirect("capabilities:list")
    shown = {**what, "message": typed["message"], "plan": plan, "outdated": outdated}
    status = 409 if outdated else 422 if plan.mistakes else 200
    return page(request, "import/import.html", _filled(**shown), status=status)


@needs(ADD, EDIT, EDIT_TEMPLATES)
@require_http_methods(["GET", "HEAD", "POST"])
def long_import(request: HttpRequest, job: UUID) -> HttpResponseBase:
    """How far a long import is, and what came of it; `verb=cancel` ends it, if it can be ended."""
    found = importing.find(job.hex, user=request.user.pk or 0)
    if found is None:
        context = {"title": "Import", "form": ImportForm(), "unknown": True}
        return page(request, "import/import.html", context, status=404)
    here = reverse("capabilities:long-import", args=[job])
    if request.method == "POST":
        if request.POST.get("verb") == "cancel":
            importing.cancel(found.id)
        return redirect(here)
    if found.is_running:
        context = {"title": "Import", "job": found, "here": here}
        return page(request, "import/_job.html" if is_part(request) else "import/job.html", context)
    if is_part(request):
        return HttpResponseClientRedirect(here)
    if found.state is State.IMPORTED:
        messages.success(request, _imported(found.source, found.plan))
        return redirect("capabilities:list")
    filled = _filled(
        text=found.text,
        source=found.source,
        message=found.message,
        plan=found.plan,
        outdated=found.state is State.OUTDATED,
    )
    return page(request, "import/import.html", {**filled, "ended": ENDED.get(found.state)})


ENDED = {
    State.CANCELLED: "The import was cancelled.",
    State.FAILED: "The import did not finish: the database was busy or away, or something is wrong "
    "with the server.",
    State.LOST: "The import did not finish: the server was stopped meanwhile.",
}
"""What is told of an import that came to no plan and stored nothing."""


def _imported(source: str, done: Plan | None) -> str:
    counts = done.counts if done else {}
    told = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    return f"Imported {source}: {told}." if told else f"Imported {source}."


def _filled(
    *, text: str, source: str, message: str, plan: Plan | None, outdated: bool
) -> dict[str, Any]:
    """The page of a text that was typed, with its plan."""
    return {
        "title": "Import",
        "form": ImportForm(initial={"text": text, "message": message}),
        "plan": plan,
        "outdated": outdated,
        "source": source,
    }


@needs(SEE)
@require_safe
@tells_wrong_setting
def export_page(request: HttpRequest) -> HttpResponse:
    """The formats; with `?format=` the file, of all machines, some capabilities or one kind."""
    wanted = request.GET.get("format", "")
    form = ExportForm(request.GET)
    names = request.GET.getlist("capability")
    status = 200 if form.is_valid() else 422
    if wanted and wanted not in FORMATS:
        form.add_error(None, f"There is no format {wanted}.")
        status = 404
    elif wanted and form.is_valid():
        try:
            exported = FORMATS[wanted].export(Selection.of(names, form.cleaned_data["kind"]))
        except UnknownCapabilityError as error:
            form.add_error(None, str(error))
            status = 404
        except UnwritableError as error:
            form.add_error(None, str(error))
            status = 422
        else:
            charset = "; charset=utf-8" if isinstance(exported.content, str) else ""
            # Several formats are a zip or JSON: the name says which one it is.
            stem = "machines" if wanted == exported.suffix else f"machines-{wanted}"
            return download(
                exported.content,
                content_type=f"{exported.content_type}{charset}",
                name=dated(stem, exported.suffix),
            )
    context = {
        "title": "Export",
        "form": form,
        "formats": FORMATS.values(),
        "capabilities": Capability.objects.values_list("name", flat=True),
        "chosen": names,
    }
    return page(request, "export/export.html", context, status=status)
