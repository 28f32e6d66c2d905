"""Checks: what each is for, and switching one off for one machine; whether QA is required."""

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST, require_safe

from ..auditing import Author
from ..authoring import capabilities, checks
from ..machines.checks import RULES, TEXT_RULES, Severity
from ..models import Capability
from .access import EDIT, SEE, needs
from .answers import page
from .capabilities import show_comparison
from .editor import Loaded
from .writing import is_part


@needs(SEE)
@require_safe
def check_list(request: HttpRequest) -> HttpResponse:
    """Every check: why it matters, and how to mend what it finds."""
    groups = [
        (severity, [rule for rule in RULES.values() if rule.severity == severity])
        for severity in Severity
    ]
    context = {"title": "Checks", "groups": groups, "of_texts": TEXT_RULES}
    return page(request, "checks/list.html", context)


@needs(EDIT)
@require_POST
def switch_check(request: HttpRequest, name: str, kind: str, code: str) -> HttpResponseBase:
    """Switch one check off or on for a capability's machine of one kind, as `verb` says.

    It changes no machine, so only the findings are another part afterwards.
    """
    capability = get_object_or_404(Capability, name=name)
    by = Author.of(request)
    if request.POST.get("verb") == "on":
        with suppress(ValidationError):  # somebody else switched it on: it is as it should be
            checks.switch_on(capability=capability, kind=kind, code=code, by=by)
        return _written(request, capability, kind, f"Switched on {code}.")
    reason = request.POST.get("reason", "")
    try:
        checks.switch_off(capability=capability, kind=kind, code=code, reason=reason, by=by)
    except ValidationError as error:
        refused = {"code": code, "reason": reason, "problems": _problems(error)}
        loaded = Loaded(capability, kind)
        if is_part(request):
            return _findings(request, loaded, status=422, refused=refused)
        return loaded.answer(request, status=422, refused=refused)
    return _written(request, capability, kind, f"Switched off {code}.")


def _problems(error: ValidationError) -> list[str]:
    """What has to be mended; what is about the reason comes without a field's name."""
    found = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    told = {"This field cannot be blank.": "Say why: the reason is shown instead of the findings."}
    return [told.get(each, each) for problems in found.values() for each in problems]


def _written(
    request: HttpRequest, capability: Capability, kind: str, told: str
) -> HttpResponseBase:
    loaded = Loaded(capability, kind)
    if not is_part(request):
        messages.success(request, told)
        return redirect(f"{loaded.frame['url']}#findings")
    return _findings(request, loaded, told=told)


def _findings(
    request: HttpRequest, loaded: Loaded, *, status: int = 200, **more: Any
) -> HttpResponse:
    context = {**loaded.frame, **loaded.parts, **more}
    return page(request, "editor/_findings.html", context, status=status)


@needs(EDIT)
@require_POST
def require_qa(request: HttpRequest, name: str) -> HttpResponseBase:
    """Say that a capability requires QA (`requires_qa=yes`) or that it requires none (`no`)."""
    capability = get_object_or_404(Capability, name=name)
    said = {"yes": True, "no": False}.get(request.POST.get("requires_qa", ""))
    if said is None:
        problem = "The form did not say whether QA is required; nothing was saved."
        return show_comparison(request, capability, problems=[problem], status=422)
    capabilities.require_qa(capability=capability, requires_qa=said, by=Author.of(request))
    messages.success(request, f"{name} requires {'QA' if said else 'no QA'}.")
    return redirect("capabilities:comparison", name)
