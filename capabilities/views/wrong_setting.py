"""The answer of what needs the setting WORKSPACES while it says something that cannot be."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse

from ..deployment.mapping import WrongSettingError
from .answers import page

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

logger = logging.getLogger(__name__)


def tells_wrong_setting(view: View[P]) -> View[P]:
    """Have a view answer with 503 and what is wrong with the setting, and the log tell it, too."""

    @wraps(view)
    def told(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except WrongSettingError as error:
            logger.error("%s: %s", request.path, error)
            context = {"title": "A setting is wrong", "why": error}
            return page(request, "wrong_setting.html", context, status=503)

    return told
