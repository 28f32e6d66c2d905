"""Who else has an editor open: told by the pages themselves, and forgotten a minute later.

It is kept in the cache and nowhere else. Several processes know of each other's visitors when they
share one (CACHE_URL).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from .access import EDIT, EDIT_TEMPLATES, SEE, may, needs
from .answers import page

GONE = 60  # seconds without a sign of life

clock: Callable[[], float] = time.time


@dataclass(frozen=True)
class Visitor:
    """Somebody who has the same editor open, and since when."""

    name: str
    since: datetime


@needs(SEE)
@require_safe
def definition_presence(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """Who else has the editor of a definition open; asking says that one has it open oneself."""
    return page(request, "parts/_presence.html", of_definition(request, name, kind))


@needs(SEE)
@require_safe
def template_presence(request: HttpRequest, slug: str) -> HttpResponse:
    """Who else has the editor of a machine template open; asking says that one has it open."""
    return page(request, "parts/_presence.html", of_template(request, slug))


def of_definition(request: HttpRequest, name: str, kind: str) -> dict[str, Any]:
    """What a page shows of the others at a definition, those who may edit it."""
    url = reverse("capabilities:presence", args=[name, kind])
    return {"presence_url": url, "visitors": _visit(request, url, EDIT)}


def of_template(request: HttpRequest, slug: str) -> dict[str, Any]:
    """What a page shows of the others at a machine template, those who may edit it."""
    url = reverse("capabilities:template-presence", args=[slug])
    return {"presence_url": url, "visitors": _visit(request, url, EDIT_TEMPLATES)}


def _visit(request: HttpRequest, place: str, right: str) -> list[Visitor]:
    """Be there, if one may edit; and who else is."""
    key = f"presence?{urlencode({'at': place})}"[:240]
    now, name = clock(), request.user.get_username()
    present: dict[str, tuple[float, float]] = {
        each: (since, last)
        for each, (since, last) in cache.get(key, {}).items()
        if now - last < GONE
    }
    if may(request.user, right):
        since, _ = present.get(name, (now, now))
        present[name] = since, now
        cache.set(key, present, GONE)
    return [
        Visitor(each, datetime.fromtimestamp(since, UTC))
        for each, (since, _) in sorted(present.items())
        if each != name
    ]
