"""Who may do what: every URL, every role, every method, with htmx and without."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from capabilities.models import (
    AuditEntry,
    AuditHead,
    Binding,
    Capability,
    ChangeRequest,
    Definition,
    Delivery,
    DeliveryAttempt,
    Deployment,
    Deviation,
    KnownDrift,
    MachineTemplate,
    Note,
    Override,
    Release,
    ReleaseMachine,
    ReviewEvent,
    Stage,
    SwitchedOffCheck,
    TemplateRow,
    Term,
    Webhook,
)

from .deciding import decided
from .drifted import known
from .factories import QA, SIMPLE, definition, state, template
from .people import (
    ANONYMOUS,
    EDITOR,
    HTMX,
    PLAIN,
    RELEASER,
    REVIEWER,
    ROLES,
    STAFF,
    SUPERUSER,
    VIEWER,
    client_of,
    person,
)
from .receiving import attempted, webhook
from .releasing import deployed
from .reviewing import proposed

METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
READ = {"GET": 200, "HEAD": 200}
WAYS = pytest.mark.parametrize("way", [PLAIN, HTMX], ids=["plain", "htmx"])


DECIDER, EXPLAINER = "editor or reviewer", "editor or releaser"
ALLOWED = {
    VIEWER: {VIEWER, EDITOR, REVIEWER, RELEASER, SUPERUSER},
    EDITOR: {EDITOR, SUPERUSER},
    RELEASER: {RELEASER, SUPERUSER},
    DECIDER: {EDITOR, REVIEWER, SUPERUSER},
    EXPLAINER: {EDITOR, RELEASER, SUPERUSER},
    SUPERUSER: {SUPERUSER},
}
"""Who may open what is for a role."""


@dataclass(frozen=True)
class Page:
    """An example of a URL, the role that it is for, and its status for an empty request.

    Other methods get 405. ANONYMOUS means that it is for everybody. `writes` is the role that a
    POST is for, where that is another one.
    """

    url: str
    role: str = VIEWER
    answers: Mapping[str, int] = field(default_factory=lambda: READ)
    writes: str = ""


FORM = {**READ, "POST": 422}
WRITE = {"POST": 428}
NULL = "/capabilities/null/current/"
NAME = "?kind=state&name=Start"
MACHINE = "capabilities/<str:name>/<kind:kind>"
TEMPLATE = "machine-templates/<slug:slug>"

PAGES = {
    "": Page("/"),
    "new-capability/": Page("/new-capability/", EDITOR, FORM),
    "capabilities/<str:name>/": Page("/capabilities/null/"),
    "capabilities/<str:name>/differences.json": Page("/capabilities/null/differences.json"),
    "capabilities/<str:name>/differences.md": Page("/capabilities/null/differences.md"),
    "capabilities/<str:name>/differences.svg": Page("/capabilities/null/differences.svg"),
    f"{MACHINE}.<str:suffix>": Page("/capabilities/null/current.txt"),
    f"{MACHINE}/": Page(NULL),
    f"{MACHINE}/layers/": Page(f"{NULL}layers/", EDITOR, WRITE),
    f"{MACHINE}/text/": Page(f"{NULL}text/", EDITOR, {**READ, **WRITE}),
    f"{MACHINE}/text/preview/": Page(f"{NULL}text/preview/", EDITOR, {"POST": 200}),
    f"{MACHINE}/transitions/": Page(f"{NULL}transitions/", EDITOR, WRITE),
    f"{MACHINE}/transitions/preview/": Page(f"{NULL}transitions/preview/", EDITOR, {"POST": 200}),
    f"{MACHINE}/merge/": Page(f"{NULL}merge/", EDITOR, WRITE),
    f"{MACHINE}/presence/": Page(f"{NULL}presence/"),
    f"{MACHINE}/notes/add/": Page(f"{NULL}notes/add/", EDITOR, {"POST": 422}),
    f"{MACHINE}/notes/<int:pk>/": Page(f"{NULL}notes/NOTE/", EDITOR, {"POST": 422}),
    f"{MACHINE}/notes/<int:pk>/answer/": Page(f"{NULL}notes/NOTE/answer/", EDITOR, {"POST": 422}),
    f"{MACHINE}/<part:part>/": Page(f"{NULL}diagram/"),
    "compare/": Page("/compare/", VIEWER, FORM),
    "many/": Page("/many/", EDITOR, FORM),
    "matching/": Page("/matching/"),
    "matching/adopt/": Page("/matching/adopt/", EDITOR, {"POST": 422}),
    "matching/machine-template/": Page("/matching/machine-template/", EDITOR, WRITE),
    "capabilities/<str:name>/requires-qa/": Page(
        "/capabilities/null/requires-qa/", EDITOR, {"POST": 422}
    ),
    f"{MACHINE}/checks/<slug:code>/": Page(f"{NULL}checks/no-qa/", EDITOR, {"POST": 422}),
    "capabilities/<str:name>/deviations/": Page("/capabilities/null/deviations/"),
    "capabilities/<str:name>/deviations/decide/": Page(
        "/capabilities/null/deviations/decide/", DECIDER, {"POST": 422}
    ),
    "capabilities/<str:name>/propose/": Page(
        "/capabilities/std_calibration/propose/", EDITOR, {**READ, **WRITE}
    ),
    f"{MACHINE}/propose/": Page(f"{NULL}propose/", EDITOR, {**READ, **WRITE}),
    f"{TEMPLATE}/propose/": Page(
        f"/machine-templates/{SIMPLE}/propose/", EDITOR, {**READ, **WRITE}
    ),
    "change-requests/": Page("/change-requests/"),
    "change-requests/<int:number>/": Page("/change-requests/REQUEST/", VIEWER, FORM, DECIDER),
    "change-requests/<int:number>/edit/": Page(
        "/change-requests/REQUEST/edit/", EDITOR, {**READ, **WRITE}
    ),
    # Its author's alone, who is none of them; see test_only_the_author_changes_its_words.
    "change-requests/<int:number>/words/": Page(
        "/change-requests/REQUEST/words/", EDITOR, {"GET": 403, "HEAD": 403, "POST": 403}
    ),
    "deviations/": Page("/deviations/"),
    "checks/": Page("/checks/"),
    "machine-templates/": Page("/machine-templates/"),
    "new-machine-template/shipped/": Page("/new-machine-template/shipped/", EDITOR, {"POST": 422}),
    "new-machine-template/": Page("/new-machine-template/", EDITOR, FORM),
    f"{TEMPLATE}.<str:suffix>": Page(f"/machine-templates/{SIMPLE}.txt"),
    f"{TEMPLATE}/": Page(f"/machine-templates/{SIMPLE}/"),
    f"{TEMPLATE}/presence/": Page(f"/machine-templates/{SIMPLE}/presence/"),
    f"{TEMPLATE}/transitions/": Page(f"/machine-templates/{SIMPLE}/transitions/", EDITOR, WRITE),
    f"{TEMPLATE}/transitions/preview/": Page(
        f"/machine-templates/{SIMPLE}/transitions/preview/", EDITOR, {"POST": 200}
    ),
    f"{TEMPLATE}/copy/": Page(f"/machine-templates/{SIMPLE}/copy/", EDITOR, FORM),
    f"{TEMPLATE}/settings/": Page(
        f"/machine-templates/{SIMPLE}/settings/", EDITOR, {**READ, "POST": 400}
    ),
    f"{TEMPLATE}/notes/add/": Page(
        f"/machine-templates/{SIMPLE}/notes/add/", EDITOR, {"POST": 422}
    ),
    f"{TEMPLATE}/notes/<int:pk>/": Page(
        f"/machine-templates/{QA}/notes/TEMPLATE-NOTE/", EDITOR, {"POST": 422}
    ),
    f"{TEMPLATE}/notes/<int:pk>/answer/": Page(
        f"/machine-templates/{QA}/notes/TEMPLATE-NOTE/answer/", EDITOR, {"POST": 422}
    ),
    f"{TEMPLATE}/<templatepart:part>/": Page(f"/machine-templates/{SIMPLE}/users/"),
    "questions/": Page("/questions/"),
    "questions/<int:pk>/": Page("/questions/QUESTION/", EDITOR, {"POST": 422}),
    "questions.csv": Page("/questions.csv"),
    "audit/": Page("/audit/"),
    "audit/progress/": Page("/audit/progress/"),
    "audit.csv": Page("/audit.csv"),
    "audit.md": Page("/audit.md"),
    "releases/": Page("/releases/"),
    "releases/new/": Page("/releases/new/", RELEASER, {**READ, **WRITE}),
    "releases/<int:number>.json": Page("/releases/1.json"),
    "releases/<int:number>.md": Page("/releases/1.md"),
    "releases/<int:number>/": Page("/releases/1/"),
    "releases/<int:number>/deployments/": Page("/releases/1/deployments/", RELEASER, {"POST": 422}),
    "registry/": Page("/registry/"),
    "registry/term/": Page(f"/registry/term/{NAME}"),
    "registry/edit/": Page("/registry/edit/", EDITOR, FORM),
    "registry/rename/": Page(f"/registry/rename/{NAME}", EDITOR, FORM),
    "registry/remove/": Page(f"/registry/remove/{NAME}", EDITOR, FORM),
    "log/": Page("/log/"),
    "log/feed.atom": Page("/log/feed.atom"),
    "log.csv": Page("/log.csv"),
    "log.json": Page("/log.json"),
    "log/<int:sequence>/": Page("/log/1/"),
    "log/<int:sequence>/restore/": Page("/log/1/restore/", EDITOR, {**READ, "POST": 200}),
    "undo/": Page("/undo/", EDITOR, {"POST": 404}),
    "import/": Page("/import/", EDITOR, FORM),
    "import/<uuid:job>/": Page(  # known to nobody
        f"/import/{UUID(int=0)}/", EDITOR, dict.fromkeys(("GET", "HEAD", "POST"), 404)
    ),
    "export/": Page("/export/"),
    "webhooks/": Page("/webhooks/"),
    "webhooks/new/": Page("/webhooks/new/", RELEASER, FORM),
    "webhooks/<int:pk>/": Page("/webhooks/WEBHOOK/"),
    "webhooks/<int:pk>/change/": Page("/webhooks/WEBHOOK/change/", RELEASER, {"POST": 422}),
    "drift/": Page("/drift/", VIEWER, FORM),
    "drift/decide/": Page("/drift/decide/", EXPLAINER, {"POST": 422}),
    "drift/report.json": Page("/drift/report.json", VIEWER, {"POST": 422}),
    "drift/report.md": Page("/drift/report.md", VIEWER, {"POST": 422}),
    "healthz": Page("/healthz", ANONYMOUS, dict.fromkeys(METHODS, 200)),
}
"""Every URL of ours, by its route."""

ADMIN_PAGES = {
    # name -> example, status for a signed-in person of staff without any right
    "index": ("/admin/", 200),
    "login": ("/admin/login/", 302),  # signed in already
    "logout": ("/admin/logout/", 405),  # only by POST
    "password_change": ("/admin/password_change/", 200),
    "password_change_done": ("/admin/password_change/done/", 200),
    "autocomplete": (
        "/admin/autocomplete/?app_label=capabilities&model_name=note&field_name=capability",
        403,
    ),
    "jsi18n": ("/admin/jsi18n/", 200),
    "view_on_site": ("/admin/r/0/0/", 404),
    "app_list": ("/admin/capabilities/", 404),
    "auth_user_password_change": ("/admin/auth/user/1/password/", 403),
    None: ("/admin/nothing-of-this-name/", 404),  # whatever else
}
AUTHORED = {Capability, MachineTemplate, Note, Term}
READ_ONLY = {
    AuditEntry,
    AuditHead,
    Binding,
    ChangeRequest,
    Definition,
    Deployment,
    Deviation,
    KnownDrift,
    Override,
    Release,
    ReleaseMachine,
    ReviewEvent,
    Stage,
    SwitchedOffCheck,
    TemplateRow,
    Delivery,
    DeliveryAttempt,
    Webhook,
}


def routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for each in resolver.url_patterns:
        route = f"{before}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from routes(each, route)
        else:
            yield route, each


def ours() -> set[str]:
    return {route for route, _ in routes(get_resolver()) if not route.startswith("admin/")}


@pytest.fixture
def site(seed: object) -> None:
    """The team's page, and a row of every model that the admin shows."""
    deployed()
    null = Capability.objects.get(name="null")
    Note.objects.create(capability=null, kind="current", text="x")
    Stage.objects.create(definition=definition("null"), machine_template=template(QA))
    Binding.objects.create(definition=definition("null"), parameter="x", value="y")
    SwitchedOffCheck.objects.create(capability=null, kind="ideal", code="no-qa", reason="x")
    decided()
    known()
    proposed()
    attempted(webhook())


def url_of(page: Page) -> str:
    of_template = template(QA).notes.all()[0].pk
    question = Note.objects.filter(is_question=True, capability__isnull=False)[0].pk
    url = page.url.replace("TEMPLATE-NOTE", str(of_template)).replace("QUESTION", str(question))
    url = url.replace("WEBHOOK", str(Webhook.objects.get().pk))
    url = url.replace("REQUEST", str(ChangeRequest.objects.get().pk))
    return url.replace("NOTE", str(Note.objects.get(capability__name="null").pk))


def expected(page: Page, role: str, method: str, way: Mapping[str, str]) -> int:
    if page.role == ANONYMOUS:
        return page.answers[method]
    if role == ANONYMOUS:
        return 200 if way is HTMX else 302  # to the login page, see below
    needed = page.writes if method == "POST" and page.writes else page.role
    if role not in ALLOWED[needed]:
        return 403
    return page.answers.get(method, 405)


def test_every_url_of_ours_is_in_the_table_and_no_other() -> None:
    assert ours() == set(PAGES)


@WAYS
@pytest.mark.parametrize("role", ROLES)
def test_every_url_answers_each_role_and_method_as_the_table_says(
    site: None, role: str, way: Mapping[str, str]
) -> None:
    client = client_of(role)
    before = state()
    found, wanted = {}, {}
    for route, page in PAGES.items():
        for method in METHODS:
            response = client.generic(method, url_of(page), headers=way)
            found[method, route] = response.status_code
            wanted[method, route] = expected(page, role, method, way)
            if role == ANONYMOUS and page.role != ANONYMOUS:
                header = "HX-Redirect" if way is HTMX else "Location"
                assert response.headers[header].startswith("/admin/login/?next=/"), route
                assert response.content == b""
    assert found == wanted
    assert state() == before


@pytest.mark.parametrize("role", ROLES)
def test_a_form_is_written_only_by_those_who_may(site: None, role: str) -> None:
    version = definition("null").version
    data = {"verb": "drop", "version": str(version), "source": "Queued", "event": "resume"}
    before = state()
    client_of(role).post(f"{NULL}transitions/", data)
    assert (state() != before) is (role in (EDITOR, SUPERUSER))


def test_no_form_is_taken_without_its_token(site: None) -> None:
    before = state()
    client = Client(enforce_csrf_checks=True)
    client.force_login(person(EDITOR))
    for page in PAGES.values():
        client.force_login(person(RELEASER if page.role == RELEASER else EDITOR))
        if "POST" in page.answers and page.role != ANONYMOUS:
            for way in (PLAIN, HTMX):
                assert client.post(url_of(page), headers=way).status_code == 403
    assert state() == before


# -- signing in


def test_somebody_who_signs_in_comes_to_the_page_that_was_asked_for(seed: object) -> None:
    user = person(VIEWER)
    user.set_password("secret")
    user.save()
    client = Client()
    login = client.get("/log/?q=x").headers["Location"]
    assert login == "/admin/login/?next=/log/%3Fq%3Dx"
    response = client.post(login, {"username": VIEWER, "password": "secret"})
    assert response.headers["Location"] == "/log/?q=x"


@pytest.mark.parametrize(
    ("current", "after"),
    [
        ("http://testserver/capabilities/null/?add=1", "/capabilities/null/%3Fadd%3D1"),
        ("http://elsewhere.example/capabilities/null/", "/"),
        ("//elsewhere.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
        ("http://[", "/"),
    ],
)
def test_a_part_leads_a_signed_out_person_to_login_and_back_to_a_page_of_ours(
    db: None, current: str, after: str
) -> None:
    headers = {**HTMX, "HX-Current-URL": current}
    for response in (
        Client().get(f"{NULL}diagram/", headers=headers),
        Client().post(f"{NULL}transitions/", headers=headers),
    ):
        assert response.status_code == 200
        assert response.content == b""
        assert response.headers["HX-Redirect"] == f"/admin/login/?next={after}"


@pytest.mark.parametrize("path", ["//elsewhere.example/", "///elsewhere.example"])
def test_signing_in_leads_nowhere_else(seed: object, path: str) -> None:
    user = person(VIEWER)
    user.set_password("secret")
    user.save()
    client = Client()
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{path}"}
    login = client.get(f"{NULL}diagram/", headers=headers).headers["HX-Redirect"]
    response = client.post(login, {"username": VIEWER, "password": "secret"})
    assert url_has_allowed_host_and_scheme(response.headers["Location"], {"testserver"})


# -- a right that ends while somebody is signed in


@WAYS
def test_a_right_that_is_taken_away_ends_with_the_next_request(
    site: None, way: Mapping[str, str]
) -> None:
    client = client_of(EDITOR)
    assert client.post(f"{NULL}transitions/", headers=way).status_code == 428
    person(EDITOR).groups.set([Group.objects.get(name=VIEWER)])
    assert client.post(f"{NULL}transitions/", headers=way).status_code == 403
    assert client.get(NULL, headers=way).status_code == 200
    person(EDITOR).groups.clear()
    assert client.get(NULL, headers=way).status_code == 403


@WAYS
def test_somebody_who_is_no_longer_staff_gets_nothing(site: None, way: Mapping[str, str]) -> None:
    for role in (EDITOR, SUPERUSER):
        client = client_of(role)
        User.objects.filter(username=role).update(is_staff=False)
        for page in PAGES.values():
            if page.role != ANONYMOUS:
                assert client.get(url_of(page), headers=way).status_code == 403


@WAYS
@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another"}])
def test_somebody_who_is_deactivated_or_has_another_password_is_signed_out(
    site: None, way: Mapping[str, str], change: Mapping[str, object]
) -> None:
    client = client_of(SUPERUSER)
    assert client.get(NULL, headers=way).status_code == 200
    User.objects.filter(username=SUPERUSER).update(**change)
    response = client.get(NULL, headers=way)
    header = "HX-Redirect" if way is HTMX else "Location"
    assert response.headers[header].startswith("/admin/login/")
    assert b"Queued" not in response.content


@WAYS
def test_what_belongs_to_another_machine_is_not_found(site: None, way: Mapping[str, str]) -> None:
    before = state()
    note = Note.objects.get(capability__name="null")
    client = client_of(SUPERUSER)
    for owner in ("null_dag/current", "null/ideal", "std_calibration/ideal"):
        url = f"/capabilities/{owner}/notes/{note.pk}/"
        assert client.post(url, {"verb": "remove"}, headers=way).status_code == 404
        assert client.post(url, {"text": "mine"}, headers=way).status_code == 404
    assert state() == before


# -- the admin


def test_every_url_of_the_admin_is_one_of_a_model_or_in_the_table() -> None:
    of_models = {
        f"{model._meta.app_label}_{model._meta.model_name}_{view}"
        for model in admin.site._registry
        for view in ("changelist", "add", "history", "delete", "change")
    }
    names = {
        each.name
        for route, each in routes(get_resolver())
        if route.startswith("admin/") and each.lookup_str.rpartition(".")[2] != "RedirectView"
    }
    assert names == of_models | set(ADMIN_PAGES)


def admin_url(model: type, view: str) -> str:
    first = model._default_manager.order_by("pk").first()  # type: ignore[attr-defined]
    arguments = [] if view in ("changelist", "add") else [first.pk]
    meta = model._meta  # type: ignore[attr-defined]
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{view}", args=arguments)


def asked(role: str, model: type, way: Mapping[str, str] = PLAIN) -> dict[str, int]:
    """How the admin answers somebody, view by view; the writing ones to an empty form."""
    client = client_of(role)
    views = ("changelist", "add", "change", "history", "delete")
    found = {view: client.get(admin_url(model, view), headers=way).status_code for view in views}
    for view in ("add", "change", "delete"):
        url = admin_url(model, view)
        found[f"post {view}"] = client.post(url, {"x": "y"}, headers=way).status_code
    action = {"action": "delete_selected", "_selected_action": "1", "post": "yes"}
    url = admin_url(model, "changelist")
    found["post delete_selected"] = client.post(url, action, headers=way).status_code
    return found


@WAYS
@pytest.mark.parametrize("model", sorted(admin.site._registry, key=str), ids=lambda m: m.__name__)
def test_the_admin_is_closed_to_visitors_and_to_staff_without_rights(
    site: None, model: type, way: Mapping[str, str]
) -> None:
    for role in (STAFF, VIEWER):
        person(role)
    before = state()
    login = 200 if way is HTMX else 302
    assert set(asked(ANONYMOUS, model, way).values()) == {login}
    assert set(asked(STAFF, model, way).values()) == {403}
    found = asked(VIEWER, model, way)
    sees = 200 if model in AUTHORED | READ_ONLY else 403
    assert {found[view] for view in ("changelist", "change", "history")} == {sees}
    del found["changelist"], found["change"], found["history"]
    # The list answers an action that it does not offer with itself, and does nothing.
    assert found.pop("post delete_selected") in (403, 302, 200)
    assert set(found.values()) == {403}
    assert state() == before


@pytest.mark.parametrize("model", sorted(READ_ONLY, key=str), ids=lambda model: model.__name__)
def test_what_the_admin_only_shows_is_changed_by_nobody(site: None, model: type) -> None:
    before = state()
    for role in (EDITOR, SUPERUSER):
        found = asked(role, model)
        writes = {
            found[view] for view in ("add", "delete", "post add", "post change", "post delete")
        }
        assert writes == {403}
        assert found["change"] == 200
    assert state() == before


@pytest.mark.parametrize("model", sorted(AUTHORED, key=str), ids=lambda model: model.__name__)
def test_an_editor_may_write_what_the_admin_writes_through_our_own_verbs(
    site: None, model: type
) -> None:
    client = client_of(EDITOR)
    for view in ("add", "change", "delete"):
        assert client.get(admin_url(model, view)).status_code == 200


def test_an_editor_cannot_make_people_or_rights(site: None) -> None:
    for model in (User, Group):
        assert set(asked(EDITOR, model).values()) == {403}


def test_other_pages_of_the_admin_ask_who_it_is(site: None) -> None:
    staff = client_of(STAFF)
    for name, (url, status) in ADMIN_PAGES.items():
        response = Client().get(url)
        if name == "login":
            assert response.status_code == 200
        else:
            assert response.status_code == 302, name
            assert response.headers["Location"].startswith("/admin/login/"), name
        assert staff.get(url).status_code == status, name
