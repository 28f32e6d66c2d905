"""Who may see and do what: asked in every view, of a whole page and of a part of one alike."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

SEE = "capabilities.view_capability"
SEE_LOG = "capabilities.view_auditentry"
ADD = "capabilities.add_capability"
EDIT = "capabilities.change_definition"
DECIDE = "capabilities.add_deviation"
DECIDE_DRIFT = "capabilities.add_knowndrift"
RELEASE = "capabilities.add_release"
DEPLOY = "capabilities.add_deployment"
SEE_WEBHOOKS = "capabilities.view_webhook"
CHANGE_WEBHOOKS = "capabilities.change_webhook"
PROPOSE = "capabilities.add_changerequest"
REVIEW = "capabilities.decide_changerequest"
ADD_TEMPLATES = "capabilities.add_machinetemplate"
EDIT_TEMPLATES = "capabilities.change_machinetemplate"
ADD_TERMS = "capabilities.add_term"
EDIT_TERMS = "capabilities.change_term"
REMOVE_TERMS = "capabilities.delete_term"
REMOVE_TEMPLATES = "capabilities.delete_machinetemplate"


def needs(*permissions: str) -> Callable[[View[P]], View[P]]:
    """Let only staff with all of `permissions` through; others get 403."""
    return _guarded(lambda user: may(user, *permissions))


def needs_one_of(*permissions: str) -> Callable[[View[P]], View[P]]:
    """Let only staff with one of `permissions` through; others get 403."""
    return _guarded(lambda user: any(may(user, each) for each in permissions))


def _guarded(
    allows: Callable[[AbstractBaseUser | AnonymousUser], bool],
) -> Callable[[View[P]], View[P]]:
    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not allows(request.user):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return checked

    return decorate


def may(user: AbstractBaseUser | AnonymousUser, *permissions: str) -> bool:
    """Whether a person is staff and has all of `permissions`."""
    return bool(
        user.is_active and getattr(user, "is_staff", False) and user.has_perms(permissions)  # type: ignore[attr-defined]
    )
