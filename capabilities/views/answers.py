"""How views answer: a page in the shell, a part of one, a download."""

from collections.abc import Mapping
from typing import Any, TypeVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from .access import (
    ADD,
    ADD_TEMPLATES,
    ADD_TERMS,
    CHANGE_WEBHOOKS,
    DECIDE,
    DECIDE_DRIFT,
    DEPLOY,
    EDIT,
    EDIT_TEMPLATES,
    EDIT_TERMS,
    PROPOSE,
    RELEASE,
    REMOVE_TERMS,
    SEE_LOG,
    SEE_WEBHOOKS,
    may,
)

R = TypeVar("R", bound=HttpResponseBase)


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """A page, or a part of one, in the admin's shell, with what the signed-in person may do."""
    rights = {
        "may_see_log": may(request.user, SEE_LOG),
        "may_add": may(request.user, ADD),
        "may_edit": may(request.user, EDIT),
        "may_decide": may(request.user, DECIDE),
        "may_decide_drift": may(request.user, DECIDE_DRIFT),
        "may_release": may(request.user, RELEASE),
        "may_deploy": may(request.user, DEPLOY),
        "may_see_webhooks": may(request.user, SEE_WEBHOOKS),
        "may_change_webhooks": may(request.user, CHANGE_WEBHOOKS),
        "may_propose": may(request.user, PROPOSE),
        "may_add_templates": may(request.user, ADD_TEMPLATES),
        "may_edit_templates": may(request.user, EDIT_TEMPLATES),
        "may_edit_terms": may(request.user, ADD_TERMS, EDIT_TERMS),
        "may_remove_terms": may(request.user, REMOVE_TERMS),
        "may_rename_terms": may(request.user, EDIT_TERMS, EDIT, EDIT_TEMPLATES),
    }
    shell = {} if _is_part(template) else admin.site.each_context(request)
    shell |= {"is_nav_sidebar_enabled": False, "section": _section(request)}
    return render(request, template, {**shell, **rights, **(context or {})}, status=status)


def _section(request: HttpRequest) -> str:
    """Which of the pages in the navigation the request is for, by the first part of its path."""
    return request.path.strip("/").partition("/")[0].removeprefix("new-") or "capabilities"


def _is_part(template: str) -> bool:
    return template.rpartition("/")[2].startswith("_")


def download(content: str | bytes, *, content_type: str, name: str) -> HttpResponse:
    """A file to keep, whatever it holds: never shown as a page of ours."""
    return as_download(HttpResponse(content, content_type=content_type), name)


def as_download(response: R, name: str) -> R:
    """Have an answer kept as a file of that name, and never shown as a page of ours."""
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def dated(stem: str, suffix: str) -> str:
    """A file name with today's date (UTC)."""
    return f"{stem}-{timezone.now():%Y-%m-%d}.{suffix}"
