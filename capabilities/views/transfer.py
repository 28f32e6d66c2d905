"""Import, by a plan first; and export."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from ..auditing import Author
from ..authoring import imports
from ..deployment.formats import FORMATS
from ..deployment.machine_files import UnwritableError
from ..deployment.selection import Selection, UnknownCapabilityError
from ..forms import ExportForm, ImportForm
from ..models import Capability
from .access import ADD, EDIT, EDIT_TEMPLATES, SEE, needs
from .answers import dated, download, page


@needs(ADD, EDIT, EDIT_TEMPLATES)
@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest) -> HttpResponseBase:
    """Take a text, show the plan; with the plan's `head` and `verb=import`, carry it out."""
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return page(request, "import/import.html", {"title": "Import", "form": form}, status=status)
    text, by = form.cleaned_data["text"], Author.of(request)
    source, head = form.cleaned_data["source"], form.cleaned_data["head"]
    outdated = False
    if request.POST.get("verb") == "import" and head is not None:
        try:
            done = imports.run(
                text=text,
                source=source,
                head=head,
                message=form.cleaned_data["message"],
                by=by,
            )
        except imports.PlanOutdatedError as error:
            plan, outdated = error.plan, True
        except imports.ImportRefusedError as error:
            plan = error.plan
        else:
            told = ", ".join(f"{number} {word}" for word, number in done.counts.items() if number)
            messages.success(request, f"Imported {source}: {told}.")
            return redirect("capabilities:list")
    else:
        plan = imports.plan(text=text, source=source, by=by)
    filled = ImportForm(initial={"text": text, "message": form.cleaned_data["message"]})
    context = {
        "title": "Import",
        "form": filled,
        "plan": plan,
        "outdated": outdated,
        "source": source,
    }
    status = 409 if outdated else 422 if plan.mistakes else 200
    return page(request, "import/import.html", context, status=status)


@needs(SEE)
@require_safe
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
            return download(
                exported.content,
                content_type=f"{exported.content_type}{charset}",
                name=dated("machines", exported.suffix),
            )
    context = {
        "title": "Export",
        "form": form,
        "formats": FORMATS.values(),
        "capabilities": Capability.objects.values_list("name", flat=True),
        "chosen": names,
    }
    return page(request, "export/export.html", context, status=status)
