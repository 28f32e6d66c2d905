"""One id for each request: in its audit entries, in the log, and on the page of an error.

So what a person reports can be found, and nothing of the inside has to be shown to them.
"""

import logging
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"


def request_ids(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: give each request an id, and send it along with the answer."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.id = uuid.uuid4().hex  # type: ignore[attr-defined]
        response = get_response(request)
        response.headers[HEADER] = id_of(request)
        return response

    return middleware


def id_of(request: object) -> str:
    """The id of a request, "" when there is none."""
    found: str = getattr(request, "id", "")
    return found


class RequestIds(logging.Filter):
    """Adds `request_id` to each record that Django logs about a request; "-" to all others."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = id_of(getattr(record, "request", None)) or "-"
        return True
