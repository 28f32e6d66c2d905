"""The pages that tell that something went wrong."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token

from ..request_ids import id_of

RETRY_AFTER = 5
"""Seconds; a write that waits for another one gives up after as many (see the settings)."""


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Nothing of the inside: only the id by which it is found in the log.

    503 when the database is away, locked, or has no room; what was asked for is worth trying again.
    """
    context = {"request_id": id_of(request)}
    # Django asks for this page while it handles what went wrong.
    if isinstance(sys.exception(), OperationalError | InterfaceError):
        response = render(request, "503.html", context, status=503)
        response.headers["Retry-After"] = str(RETRY_AFTER)
        return response
    return render(request, "500.html", context, status=500)
