"""Headers on every answer, errors that give nothing away, and hostile text in every field."""

import json
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pygraphviz
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test import Client
from django.test.utils import modify_settings

from capabilities.auditing import Author
from capabilities.authoring import imports, machine_templates, overrides
from capabilities.deployment import fixtures, pages
from capabilities.deployment.selection import Selection
from capabilities.machines.machine import Action, Key, Machine, Transition, name_problem
from capabilities.machines.notation import Note as NoteValue
from capabilities.machines.notation import render_actions
from capabilities.machines.page import Page, PageMachine, parse_page, render_page
from capabilities.models import AuditEntry, Capability, MachineTemplate, Note, Override
from capabilities.request_ids import RequestIds
from capabilities.verifying import faults
from tests.views.test_transfer import SIMPLE_LINES

from .factories import QA, RESUME, SIMPLE, definition, effective, head, seen, template
from .html import Element, read
from .people import ANONYMOUS, EDITOR, HTMX, PLAIN, STAFF, SUPERUSER, VIEWER, client_of, person

BY = Author(None, "ada", "test")
CSP = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


# -- headers

Ask = Callable[[Client], Any]
ANSWERS: Mapping[str, tuple[str, int, Ask]] = {
    "page": (VIEWER, 200, lambda client: client.get("/")),
    "part": (VIEWER, 200, lambda client: client.get("/log/", headers=HTMX)),
    "written part": (EDITOR, 200, lambda client: client.post(ROWS, drop(), headers=HTMX)),
    "after a write": (EDITOR, 302, lambda client: client.post(ROWS, drop())),
    "refused": (EDITOR, 422, lambda client: client.post("/import/", {"text": "x"})),
    "conflict": (EDITOR, 409, lambda client: client.post(ROWS, drop("99"))),
    "without a version": (EDITOR, 428, lambda client: client.post(ROWS)),
    "login page": (ANONYMOUS, 200, lambda client: client.get("/admin/login/")),
    "to the login page": (ANONYMOUS, 302, lambda client: client.get("/")),
    "part to the login page": (ANONYMOUS, 200, lambda client: client.get("/", headers=HTMX)),
    "admin": (SUPERUSER, 200, lambda client: client.get("/admin/")),
    "admin of a model": (SUPERUSER, 200, lambda client: client.get("/admin/capabilities/note/")),
    "not understood": (EDITOR, 400, lambda client: client.post(ROWS, {**drop(), "verb": "x"})),
    "address with a NUL": (VIEWER, 400, lambda client: client.get("/capabilities/%00/")),
    "question with a NUL": (VIEWER, 400, lambda client: client.get("/?q=%00")),
    "not for you": (STAFF, 403, lambda client: client.get("/")),
    "not found": (VIEWER, 404, lambda client: client.get("/nothing/")),
    "not found, signed out": (ANONYMOUS, 404, lambda client: client.get("/nothing/")),
    "without a slash": (VIEWER, 301, lambda client: client.get("/log")),
    "wrong method": (VIEWER, 405, lambda client: client.delete("/")),
    "picture": (VIEWER, 200, lambda client: client.get("/capabilities/null/current.svg")),
    "download": (VIEWER, 200, lambda client: client.get("/export/?format=fixture")),
    "health": (ANONYMOUS, 200, lambda client: client.get("/healthz")),
    "catalogue of the admin": (STAFF, 200, lambda client: client.get("/admin/jsi18n/")),
}
ROWS = "/capabilities/null/current/transitions/"


def drop(version: str = "1") -> dict[str, str]:
    return {"verb": "drop", "version": version, "source": "Queued", "event": "resume"}


def assert_hard(response: Any, *, sandboxed: bool = False) -> None:
    """The headers of R9."""
    for name, value in HEADERS.items():
        assert response.headers.get(name) == value, name
    policy = response.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    if sandboxed:
        assert policy == "default-src 'none'; sandbox"
    else:
        found = dict(part.strip().split(" ", 1) for part in policy.split(";"))
        assert found == CSP


@pytest.mark.parametrize("name", ANSWERS)
def test_every_kind_of_answer_has_the_hard_headers(seed: object, name: str) -> None:
    role, status, ask = ANSWERS[name]
    response = ask(client_of(role, strict=False))
    assert response.status_code == status
    assert_hard(response, sandboxed=name in ("picture", "download"))
    if name == "without a slash":
        return  # nothing of anybody's is in it
    if role != ANONYMOUS:
        assert "no-store" in response.headers["Cache-Control"]
    assert "HX-Request" in response.headers["Vary"]


def test_a_page_that_crashes_has_the_hard_headers_too(
    seed: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    crash(monkeypatch, ValueError("x"))
    response = client_of(VIEWER, strict=False).get("/")
    assert response.status_code == 500
    assert_hard(response)
    assert "no-store" in response.headers["Cache-Control"]


def test_a_form_without_its_token_is_answered_with_the_hard_headers(seed: object) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies.update(client_of(EDITOR).cookies)
    for headers in (PLAIN, HTMX):
        response = client.post(ROWS, drop(), headers=headers)
        assert response.status_code == 403
        assert_hard(response)
        assert "no-store" in response.headers["Cache-Control"]
        assert read(response).one("h1").text == "This form is too old"


@modify_settings(
    MIDDLEWARE={"append": "whitenoise.middleware.WhiteNoiseMiddleware"}  # left out in tests
)
@pytest.mark.parametrize("path", ["js/page.js", "css/tokens.css", "favicon.svg"])
def test_a_static_file_has_the_hard_headers(client: Client, path: str) -> None:
    response = client.get(f"/static/{path}")
    assert response.status_code == 200
    assert b"".join(response.streaming_content)  # type: ignore[attr-defined]
    assert_hard(response)


def test_no_page_has_a_script_or_a_style_of_its_own(seed: object) -> None:
    client = client_of(SUPERUSER)
    for url in (
        *("/", "/capabilities/std_calibration/", "/capabilities/std_calibration/current/?add=1"),
        *("/machine-templates/", f"/machine-templates/{SIMPLE}/", "/log/", "/log/1/", "/import/"),
        *("/compare/", "/compare/?old=capability/null/current&new=entry/1/after"),
        *("/export/", "/new-capability/", "/new-machine-template/", "/nothing/"),
    ):
        tree = read(client.get(url))
        for element in tree:
            assert "style" not in element.attributes, url
            names = [name for name in element.attributes if name.startswith(("on", "hx-on"))]
            assert not names, url
            assert element.tag != "style", url
            if element.tag == "script":
                assert not element.text or element["type"] == "application/json", url
                assert not element["src"] or element["src"].startswith("/static/"), url
            for name in ("href", "src", "action", "hx-get", "hx-post"):
                value = element[name]
                assert not value or re.match(r"[/#?]|differences\.", value), (url, value)


def test_htmx_may_not_evaluate_nor_leave_nor_keep_pages(seed: object) -> None:
    tree = read(client_of(VIEWER).get("/"))
    settings = json.loads(tree.one("meta", name="htmx-config")["content"])
    assert settings["selfRequestsOnly"] is True
    assert settings["allowEval"] is False
    assert settings["allowScriptTags"] is False
    assert settings["historyCacheSize"] == 0
    assert settings["includeIndicatorStyles"] is False
    swapped = [each["code"] for each in settings["responseHandling"] if each["swap"]]
    assert {"409", "422", "428"} <= set(swapped)


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(seed: object) -> None:
    user = person(VIEWER)
    user.set_password("secret")
    user.save()
    client = Client()
    client.get("/admin/login/")
    client.post("/admin/login/", {"username": VIEWER, "password": "secret"})
    for name in ("sessionid", "csrftoken"):
        assert client.cookies[name]["httponly"] is True
        assert client.cookies[name]["samesite"] == "Lax"


# -- errors


def crash(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """Have the list of capabilities fail in its middle."""

    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("capabilities.views.capabilities.Fleet", fail)


@pytest.mark.parametrize("headers", [PLAIN, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize(
    "error",
    [
        ValueError("secret /srv/smadmin/capabilities/views.py"),
        DatabaseError('relation "capabilities_capability" does not exist; SELECT password'),
        RecursionError("secret"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_crash_gives_away_no_trace_no_path_and_no_sql(
    seed: object,
    headers: Mapping[str, str],
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    crash(monkeypatch, error)
    response = client_of(VIEWER, strict=False).get("/", headers=headers)
    assert response.status_code == 500
    assert read(response).one("h1").text == "Something went wrong"
    text = response.content.decode()
    for word in ("Traceback", "secret", "SELECT", "relation", "capabilities_", ".py", "/srv"):
        assert word not in text
    assert type(error).__name__ not in text
    assert type(error).__name__ in caplog.text  # it is in the server's log
    request_id = response.headers["X-Request-ID"]
    assert request_id in text
    told = [record for record in caplog.records if record.name == "django.request"]
    assert all(RequestIds().filter(record) for record in told)
    assert [record.__dict__["request_id"] for record in told] == [request_id]


@pytest.mark.parametrize("headers", [PLAIN, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize(
    ("method", "path", "fails"),
    [
        ("get", "/", "SELECT"),  # away: not even who is signed in can be looked up
        ("get", "/healthz", "SELECT"),
        ("post", ROWS, "INSERT"),  # locked or full: it can be read and not written
        ("post", ROWS, "UPDATE"),
    ],
)
def test_a_database_that_is_away_locked_or_full_is_a_503_that_says_so(
    seed: object, headers: Mapping[str, str], method: str, path: str, fails: str
) -> None:
    client = client_of(EDITOR, strict=False)
    before = fixtures.dump()

    def refuse(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith(fails):
            raise OperationalError("database is locked at /srv/smadmin")
        return execute(sql, *rest)

    with connection.execute_wrapper(refuse):
        response = getattr(client, method)(path, drop(), headers=headers)
    assert response.status_code == 503
    assert "/srv" not in response.content.decode()
    if path != "/healthz":
        assert response.headers["Retry-After"] == "5"
        assert read(response).one("h1").text == "The database does not answer"
        assert response.headers["X-Request-ID"] in response.content.decode()
        assert_hard(response)
    assert fixtures.dump() == before
    assert getattr(client, method)(path, drop(), headers=headers).status_code in (200, 302)


def test_what_a_request_wrote_has_its_id(seed: object) -> None:
    response = client_of(EDITOR).post(ROWS, drop())
    assert response.status_code == 302
    assert AuditEntry.objects.order_by("-sequence")[0].request == response.headers["X-Request-ID"]


def test_a_line_of_the_log_that_is_about_no_request_has_no_id() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 1, "told", None, None)
    assert RequestIds().filter(record)
    assert record.__dict__["request_id"] == "-"


@pytest.mark.parametrize("name", ["not for you", "not found", "not understood", "wrong method"])
def test_a_refusal_gives_away_no_more(seed: object, name: str) -> None:
    role, _, ask = ANSWERS[name]
    text = ask(client_of(role, strict=False)).content.decode()
    for word in ("Traceback", "SELECT", "capabilities_", ".py", "urlpattern", "no such verb"):
        assert word not in text


def test_a_page_that_is_not_there_shows_nothing_of_its_address(seed: object) -> None:
    response = client_of(VIEWER).get("/<b>nothing</b>/%3Cscript%3E")
    assert response.status_code == 404
    assert b"nothing" not in response.content.replace(b"is nothing at this", b"")


# -- hostile text

MARKUP = (
    "<qa-fail>",
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<b>x</b>",
    "<!-- c -->",
    "<![CDATA[x]]>",
    "</textarea><b>",
    "</option></select><b>",
    "</td></tr></table><hr>",
    '"><b>x</b>',
    "'><b>x</b>",
    "<style>*{display:none}</style>",
    "<iframe src=//x.example>",
    "<a href=javascript:alert(1)>x</a>",
    "<base href=//x.example/>",
    "<p hx-get=/log/ hx-trigger=load>",
)
HOSTILE = (
    *MARKUP,
    *('" onmouseover="alert(1)', "' autofocus onfocus='alert(1)", "` onload=`x", "'", '"', "it's"),
    *("QA: pending", "node", "null", "\\N", "\\G\\E", "back\\slash", "\\", "{0}", "%s%n", "%00"),
    *("&lt;b&gt;", "&amp;", "&#60;b&#62;", "&", "{{ 7|add:7 }}", "{% debug %}", "${7*7}"),
    *("'; DROP TABLE capabilities_capability; --", "=1+1", "@SUM(1)", "-1", "../../etc/passwd"),
    *("javascript:alert(1)", "//x.example/", "a/b", "?x=1#y", "[Start]", "->", "{no action}"),
    *("- <e>", "-- Ideal", "# heading", "| a | b |", "* x", "x" * 10_000, "<" * 10_000, "x" * 200),
    *("🛑", "👩🏽", "状態", "e\u0301", "\u202eabc", "a\u200bb", "\ufeffx", "a\u2028b", "a\x85b"),
    *("a\x0bb", "a\tb", "a\nb", "a\r\nb", "a\x1bb", "\0", "a\0b", "\x7f", "\ufffe", "\uffff"),
    *("\ufffd", " ", "  x  ", "\u00a0", "\u3000x"),
)
"""What is typed; a lone surrogate cannot be sent as text, and is tried as bytes below."""


def fields() -> Iterator[tuple[str, str]]:
    """Each form's address (with what else it needs) and each of its text fields."""
    for name in ("source", "event", "target", "actions", "reason", "ticket", "message"):
        yield "override", name
    for name in ("source", "event", "target", "actions", "message"):
        yield "template row", name
    for name in ("key_source", "key_event", "version", "verb"):
        yield "override", name
    for name in ("machine_template", "parameter-workflow_name", "version", "verb"):
        yield "layers", name
    for name in ("name", "kind", "what", "machine_template", "message", "head", "version-null"):
        yield "many", name
    for name in ("name", "machine_template", "message"):
        yield "new capability", name
    for name in ("title", "over", "message"):
        yield "new machine template", name
    for name in ("text", "place"):
        yield "note", name
        yield "changed note", name
    for name in ("text", "source", "head", "message", "verb"):
        yield "import", name


def values(field: str, headers: Mapping[str, str]) -> tuple[str, ...]:
    """All of them in what is typed over htmx; enough of them without it, and in what is hidden."""
    if field in ("version", "verb", "head", "key_source", "key_event", "over", "place"):
        return HOSTILE[::5]
    return HOSTILE if headers is HTMX else HOSTILE[::2]


def form(name: str) -> tuple[str, dict[str, str]]:
    """Where a form is posted, and what would be good in it."""
    transition = {
        "verb": "put",
        "source": "Failed",
        "event": "go",
        "target": "Queued",
        "actions": "{QaPass}",
    }
    current = "/capabilities/null/current/"
    if name == "override":
        return ROWS, {**transition, "version": str(definition("null").version)}
    if name == "template row":
        url = f"/machine-templates/{SIMPLE}/transitions/"
        return url, {**transition, "version": str(template(SIMPLE).version)}
    if name == "layers":
        version = str(definition("null").version)
        return f"{current}layers/", {"verb": "bind", "version": version}
    if name == "many":
        chosen = {"name": "null", "kind": "current", "what": "attach", "machine_template": QA}
        version = str(definition("null").version)
        return "/many/", {**chosen, "step": "do", "head": str(head()), "version-null": version}
    if name == "new capability":
        return "/new-capability/", {"name": "std_new", "machine_template": SIMPLE}
    if name == "new machine template":
        return "/new-machine-template/", {"title": "New"}
    if name == "note":
        return f"{current}notes/add/", {"text": "x"}
    if name == "changed note":
        note = Note.objects.get(capability__name="null")
        return f"{current}notes/{note.pk}/", {"text": "x", "verb": "change"}
    page = f"std_new\n{SIMPLE_LINES}"
    return "/import/", {"text": page, "head": str(head()), "verb": "import"}


def markup(response: Any) -> list[str]:
    """Which hostile markup came through as it was typed, and which attributes and elements."""
    text = response.content.decode()
    found = [value for value in MARKUP if value in text]
    if response.headers["Content-Type"].startswith(("text/html", "image/svg")):
        for element in read(response):
            found += [name for name in element.attributes if name.startswith(("on", "autofocus"))]
            if element.tag in ("qa-fail", "b", "img", "iframe", "base", "hr", "style"):
                found.append(element.tag)
    return found


@pytest.mark.parametrize("headers", [PLAIN, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize(("name", "field"), list(fields()))
def test_hostile_text_is_refused_or_kept_and_never_a_crash_nor_markup(
    seed: object, name: str, field: str, headers: Mapping[str, str]
) -> None:
    client = client_of(EDITOR, strict=False)
    null = Capability.objects.get(name="null")
    Note.objects.create(capability=null, kind="current", text="x")
    url, data = form(name)
    before = head()
    for value in values(field, headers):
        here = transaction.savepoint()
        response = client.post(url, {**data, field: value}, headers=headers)
        status = response.status_code
        assert status in (200, 302, 400, 409, 422, 428), (status, value[:50])
        assert not [each for each in MARKUP if each in response.content.decode()], value
        if status in (400, 409, 422, 428):
            assert head() == before, value[:50]
        if status in (409, 422, 428):
            assert re.search(rb'class="(errorlist|refusal)', response.content), value[:50]
        transaction.savepoint_rollback(here)


NAMES = sorted({name.strip() for name in HOSTILE if name_problem(name.strip()) is None})
"""Those of the hostile texts that can be names."""


def hostile_transition(number: int) -> Transition:
    name = NAMES[number]
    return Transition(name, name, (Action("Say", name),), NAMES[number - 1])


@pytest.fixture
def hostile(seed: object) -> Client:
    """Every hostile name as state, event, argument, target and note, by the import."""
    hostile_ones = [hostile_transition(number) for number in range(len(NAMES))]
    machine = Machine((*effective("null"), *hostile_ones))
    notes = tuple(NoteValue(name) for name in NAMES)
    text = render_page(Page((PageMachine("null", "current", machine, notes),)))
    imports.run(text=text, source="<b>x</b>", message="<qa-fail>", by=BY)
    return client_of(EDITOR)


@pytest.fixture
def typed(seed: object) -> Client:
    """Every hostile name in every field of an override and as a note, through the forms."""
    client = client_of(EDITOR)
    for number, name in enumerate(NAMES):
        transition = hostile_transition(number)
        data = {
            "verb": "put",
            "version": str(definition("null").version),
            "source": name,
            "event": name,
            "target": transition.target,
            "actions": render_actions(transition.actions),
            "reason": name,
            "ticket": name[:50],
            "message": name,
        }
        assert client.post(ROWS, data).status_code == 302, name
        assert client.post(f"{NULL}notes/add/", {"text": name}).status_code == 302, name
    return client


NULL = "/capabilities/null/current/"


def test_enough_hostile_names_are_tried() -> None:
    assert len(set(HOSTILE)) >= 80
    assert len(NAMES) >= 40


def test_hostile_names_read_back_as_they_were_typed_everywhere(typed: Client) -> None:
    machine = effective("null")
    assert [t.source for t in machine.transitions[4:]] == NAMES
    assert [t.actions[0].argument for t in machine.transitions[4:]] == NAMES
    own = Override.objects.filter(definition=definition("null"))
    assert {each.reason for each in own} == set(NAMES)
    assert (
        list(Note.objects.filter(capability__name="null").values_list("text", flat=True)) == NAMES
    )
    tree = read(typed.get(NULL))
    rows = tree.one("table", class_="transitions").one("tbody").all("tr")[4:]
    assert [row.all(class_="state")[0].raw for row in rows] == NAMES
    assert [row.all("code")[0].raw for row in rows] == NAMES
    notes = tree.one("ul", class_="notes").all("textarea")
    assert [note.raw.removeprefix("\n") for note in notes] == NAMES
    for name in NAMES[:: len(NAMES) // 10]:
        opened = read(typed.get(NULL, {"source": name, "event": name}, headers=HTMX))
        shown = opened.one("form", class_="transition-form").typed
        assert (shown["source"], shown["key_event"], shown["reason"]) == (name, name, name)


def test_hostile_names_are_no_markup_in_any_page_or_file(hostile: Client) -> None:
    last = head()
    pages_of_it = (
        *("/", "/log/", f"/log/{last}/", "/capabilities/null/", NULL, "/capabilities/null/ideal/"),
        *(f"{NULL}{part}/" for part in ("diagram", "findings", "differences", "notes")),
        "/capabilities/null/current.svg",
        "/capabilities/null/differences.svg",
        "/compare/?old=capability/null/current&new=capability/null_dag/current",
        f"/compare/?old=entry/{last}/before&new=entry/{last}/after&show=new",
    )
    for url in pages_of_it:
        response = hostile.get(url)
        assert response.status_code == 200, url
        assert not markup(response), url


def test_hostile_names_draw_one_node_each_and_nothing_else(hostile: Client) -> None:
    graph = pygraphviz.AGraph(string=hostile.get("/capabilities/null/current.dot").content.decode())
    assert len(graph.nodes()) == len(effective("null").states)
    svg = read(hostile.get("/capabilities/null/current.svg"))
    assert {element.tag for element in svg} <= {
        *("", "svg", "g", "title", "text", "path", "polygon", "ellipse", "polyline"),
    }


def test_hostile_names_are_exported_and_read_again_as_themselves(hostile: Client) -> None:
    wanted = effective("null")
    for write in (pages.notation, pages.markdown):
        page = parse_page(write(Selection(("null",))))
        assert not page.mistakes
        (found,) = [each for each in page.machines if each.kind == "current"]
        assert found.machine == wanted
        assert [note.text for note in found.notes] == NAMES
    rows = json.loads(fixtures.dump(Selection(("null",))))
    texts = [row["fields"]["text"] for row in rows if row["model"] == "capabilities.note"]
    assert texts == NAMES
    assert not list(faults())
    found_states = json.loads(hostile.get("/capabilities/null/current.json").content)
    assert [each["source"] for each in found_states[4:]] == NAMES


def test_hostile_differences_are_no_markup_in_markdown(hostile: Client) -> None:
    overrides.drop(definition=seen("null", "ideal"), key=RESUME, by=BY)
    for name in NAMES[:20]:
        overrides.drop(definition=seen("null", "ideal"), key=Key(name, name), by=BY)
    text = hostile.get("/capabilities/null/differences.md").content.decode()
    assert not re.search(r"(?<!\\)[<&](?![^`]*`)", text.partition("\n\n")[2].partition("\n\n")[2])


def test_a_hostile_title_of_a_machine_template_is_shown_as_itself(seed: object) -> None:
    client = client_of(EDITOR)
    titles = [name for name in NAMES if len(name) < 100]
    for title in titles:
        response = client.post("/new-machine-template/", {"title": title})
        assert response.status_code == 302, title
        page = client.get(response.headers["Location"])
        assert read(page).one("h1").raw.strip() == title
        assert not markup(page)
    assert set(titles) <= set(MachineTemplate.objects.values_list("title", flat=True))
    tree = read(client.get("/machine-templates/"))
    assert set(titles) <= {each.one("a").raw for each in tree.all("h2") if each.all("a")}


@pytest.mark.parametrize("headers", [PLAIN, HTMX], ids=["plain", "htmx"])
@pytest.mark.parametrize("piece", [b"\xed\xa0\x80", b"\xff", b"\xc3", b"\xf4\x90\x80\x80"])
def test_bytes_that_are_no_text_are_no_crash(
    seed: object, piece: bytes, headers: Mapping[str, str]
) -> None:
    client = client_of(EDITOR, strict=False)
    quoted = "".join(f"%{byte:02X}" for byte in piece)
    for url in (f"/?q={quoted}", f"/log/?name={quoted}&text={quoted}", f"/capabilities/{quoted}/"):
        assert client.get(url, headers=headers).status_code in (200, 404), url
    version = definition("null").version
    body = f"verb=put&version={version}&source={quoted}&event=e&target=t&message={quoted}"
    form_type = "application/x-www-form-urlencoded"
    response = client.generic("POST", ROWS, body.encode(), form_type, headers=headers)
    assert response.status_code in (200, 302, 422)
    upload = SimpleUploadedFile("page.txt", b"std_new\n" + piece)
    assert client.post("/import/", {"file": upload}, headers=headers).status_code == 422


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_questions_are_no_crash_and_no_markup(seed: object, value: str) -> None:
    client = client_of(VIEWER, strict=False)
    for url, asked in (
        ("/", {"q": value, "page": value}),
        ("/log/", {"name": value, "actor": value, "text": value, "since": value, "kind": value}),
        ("/log/", {"before": value}),
        ("/export/", {"format": value, "kind": value, "capability": value}),
        (NULL, {"source": value, "event": value, "add": value}),
        (f"/machine-templates/{SIMPLE}/", {"source": value, "event": value}),
    ):
        response = client.get(url, asked)
        assert response.status_code in (200, 400, 404, 422), url
        assert not markup(response), url


def test_a_hostile_name_of_an_upload_is_shown_as_text(seed: object) -> None:
    client = client_of(EDITOR)
    upload = SimpleUploadedFile("<b>x<b>.txt", b"\xff")
    response = client.post("/import/", {"file": upload})
    assert response.status_code == 422
    assert b"<b>" not in response.content
    assert read(response).one("ul", id="id_file_error").says("<b>x<b>.txt is no text")


def test_nothing_typed_is_ever_evaluated_by_a_template(seed: object) -> None:
    client = client_of(EDITOR)
    client.post(f"{NULL}notes/add/", {"text": "{{ 7|add:7 }}{% debug %}"})
    tree: Element = read(client.get(NULL))
    assert tree.one("ul", class_="notes").says("{{ 7|add:7 }}{% debug %}")


def test_the_database_holds_no_line_of_what_was_refused(seed: object) -> None:
    client = client_of(EDITOR)
    before = head()
    client.post(ROWS, {**drop(), "verb": "put", "target": "a\u202eb"})
    assert head() == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM capabilities_override WHERE target LIKE 'a%b'")
        assert cursor.fetchone() == (0,)


def test_a_machine_as_large_as_can_be_is_still_a_page(seed: object) -> None:
    simple = template(SIMPLE)
    for number in range(60):
        machine_templates.put(
            machine_template=simple,
            key=None,
            transition=Transition(f"S{number}", "e", (), f"S{number + 1}"),
            version=simple.version,
            by=BY,
        )
    assert client_of(VIEWER).get(NULL).status_code == 200
