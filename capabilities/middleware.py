"""Around every request: an address that can be, signing in first, and no page kept."""

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

View = Callable[..., HttpResponseBase]


class StaffLoginMiddleware(LoginRequiredMiddleware):
    """Every view is private unless it says otherwise; a fragment's request goes to the login page.

    Left to itself, htmx would follow the redirect and put the login page into the fragment.
    """

    def handle_no_permission(  # type: ignore[override]  # any response will do
        self, request: HttpRequest, view_func: View
    ) -> HttpResponseBase:
        if not request.headers.get("HX-Request"):
            return super().handle_no_permission(request, view_func)
        login = resolve_url(self.get_login_url(view_func))
        return HttpResponseClientRedirect(redirect_to_login(_page_around(request), login).url)


def _page_around(request: HttpRequest) -> str:
    """The page of ours that a fragment is for, as htmx says; else the first one."""
    try:
        return HtmxDetails(request).current_url_abs_path or "/"
    except ValueError:  # what it says is no address
        return "/"


def no_nul(get_response: View) -> View:
    """Refuse an address with a NUL in it: PostgreSQL fails when it is asked for one."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("the address has a NUL in it")
        return get_response(request)

    return middleware


def no_store(get_response: Callable[[HttpRequest], HttpResponse]) -> View:
    """Keep signed-in people's pages out of caches, so that Back shows none after logging out.

    Whoever logs out leaves nothing in the browser, what a script remembered included.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        was_signed_in = request.user.is_authenticated
        response = get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        elif was_signed_in:
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        patch_vary_headers(response, ["HX-Request"])
        return response

    return middleware
