"""The page that tells that something went wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token

from ..request_ids import id_of


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """Nothing of the inside: only the id by which it is found in the log."""
    return render(request, "500.html", {"request_id": id_of(request)}, status=500)
