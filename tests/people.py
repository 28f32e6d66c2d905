"""Who asks: a signed-in browser for each role."""

from collections.abc import Mapping

from django.contrib.auth.models import Group, User
from django.test import Client

ANONYMOUS, STAFF, VIEWER, EDITOR, SUPERUSER = "anonymous", "staff", "viewer", "editor", "superuser"
REVIEWER, RELEASER = "reviewer", "releaser"
ROLES = (ANONYMOUS, STAFF, VIEWER, EDITOR, REVIEWER, RELEASER, SUPERUSER)
"""`staff` may use the admin site, and has no right to anything in it."""

PLAIN: Mapping[str, str] = {}
HTMX: Mapping[str, str] = {"HX-Request": "true"}


def person(role: str) -> User:
    """Somebody with the rights of a role, made once; the role's name is the person's."""
    user, made = User.objects.get_or_create(
        username=role, defaults={"is_staff": True, "is_superuser": role == SUPERUSER}
    )
    if made and role in (VIEWER, EDITOR, REVIEWER, RELEASER):
        user.groups.add(Group.objects.get(name=role))
    return user


def client_of(role: str, *, strict: bool = True) -> Client:
    """The browser of somebody; not `strict`, it shows the answer to a crash as a browser does."""
    client = Client(raise_request_exception=strict)
    if role != ANONYMOUS:
        client.force_login(person(role))
    return client
