"""Around every request: signing in first, and nothing of a signed-in person's pages kept."""

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
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
        page = HtmxDetails(request).current_url_abs_path or "/"
        return HttpResponseClientRedirect(redirect_to_login(page, login).url)


def no_store(get_response: Callable[[HttpRequest], HttpResponse]) -> View:
    """Keep signed-in people's pages out of caches, so that Back shows none after logging out."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated:
            response.headers.setdefault("Cache-Control", "no-store")
        patch_vary_headers(response, ["HX-Request"])
        return response

    return middleware
